"""The development broker's life, with real Kafka."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from newswire.broker import BrokerError, DevBroker, fetch_jars, make_archive
from newswire.broker.archive import check
from newswire.broker.java import find_java
from newswire.broker.ready import serves
from newswire.broker.state import read_state
from newswire.ledger.connected import connected
from newswire.topics import ensure_topics
from schemas.limits import MIB
from schemas.wire import WireRecord
from tests.support.brokers import consume, produce, settings_for
from tests.support.processes import Workers, environment, run_newswire
from tests.support.require import require_kafka
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka
TOPIC = "news.raw.v1"


def values(broker: DevBroker) -> list[bytes | None]:
    return [record.value for record in consume(broker, TOPIC)]


def test_data_survives_a_stop_and_a_crash_and_ends_with_a_wipe(tmp_path: Path):
    require_kafka()
    broker = DevBroker(tmp_path / "kafka", ephemeral=True, quick=True)
    with broker:
        ensure_topics(settings_for(broker))
        first = broker.status()
        assert first.running
        produce(broker, [WireRecord(topic=TOPIC, key=b"a", value=b"1")])
        assert broker.stop(60)
        assert not broker.stop(), "it had stopped"
        assert (broker.layout.data / ".kafka_cleanshutdown").is_file()

        broker.start()
        broker.start()
        assert values(broker) == [b"1"]
        second = broker.status()
        assert (second.bootstrap, second.cluster_id) == (first.bootstrap, first.cluster_id)
        assert second.pid != first.pid
        produce(broker, [WireRecord(topic=TOPIC, key=b"a", value=b"2")])
        assert broker.kill()
        assert not broker.status().running

        broker.start()
        assert values(broker) == [b"1", b"2"], "what was acknowledged survives kill -9"
        with pytest.raises(BrokerError, match="stop it before wiping"):
            broker.wipe()
    assert not broker.running
    broker.wipe()
    assert not broker.status().data_bytes


def test_a_paused_broker_is_silent_until_it_is_resumed(clean_kafka: DevBroker):
    state = read_state(clean_kafka.layout.state)
    assert state is not None
    clean_kafka.pause()
    try:
        assert clean_kafka.running
        with pytest.raises(KafkaError):
            connected(KafkaAdminClient, bootstrap_servers=clean_kafka.bootstrap, bootstrap_timeout_ms=1500)
    finally:
        clean_kafka.resume()
    eventually(lambda: serves(state.port, state.cluster_id), "it serves again")


def test_brokers_live_side_by_side_and_keep_to_their_own(kafka: DevBroker, tmp_path: Path):
    port = int(kafka.bootstrap.rpartition(":")[2])
    with pytest.raises(BrokerError, match=f"port {port} is taken"):
        DevBroker(tmp_path / "second", port=port).start()
    with DevBroker(tmp_path / "second", ephemeral=True, quick=True) as second:
        assert second.bootstrap != kafka.bootstrap
        ensure_topics(settings_for(second))
        produce(second, [WireRecord(topic=TOPIC, key=b"a", value=b"second")])
        assert values(second) == [b"second"]
        assert b"second" not in values(kafka)
    assert kafka.running


def test_a_kafka_that_was_not_started_here_is_left_alone(kafka: DevBroker, tmp_path: Path):
    """Neither one whose data directory is ours, nor one that a stale state file names."""
    other = DevBroker(tmp_path / "other", quick=True)
    other.layout.root.mkdir()
    other.layout.state.write_bytes(kafka.layout.state.read_bytes())
    other.layout.data.symlink_to(kafka.layout.data)
    foreign = kafka.status().pid
    assert foreign is not None
    for refused in (other.start, other.wipe):
        with pytest.raises(BrokerError, match="another Kafka, not started from here, holds"):
            refused()
    assert not other.status().running
    assert not other.stop()
    assert not other.kill()
    assert kafka.status().pid == foreign
    consume(kafka, TOPIC)  # it serves


def test_an_ephemeral_broker_ends_with_its_parent_however_that_ends(tmp_path: Path, workers: Workers):
    require_kafka()
    program = (
        "import sys, time; from pathlib import Path; from newswire.broker import DevBroker\n"
        "broker = DevBroker(Path(sys.argv[1]), ephemeral=True, quick=True); broker.start()\n"
        "print('it runs', flush=True); time.sleep(600)"
    )
    directory = tmp_path / "kafka"
    parent = workers.start([sys.executable, "-c", program, str(directory)], environment())
    parent.wait_for("it runs", 200)
    broker = DevBroker(directory)
    assert broker.running
    parent.kill()
    eventually(lambda: not broker.running, "the broker is gone")


@pytest.mark.slow
def test_javas_archive_of_classes_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    require_kafka()
    jars = tmp_path / "newswire" / fetch_jars().name
    jars.parent.mkdir()
    jars.symlink_to(fetch_jars())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    archive = make_archive()
    made = archive.stat()
    assert made.st_size > MIB
    assert make_archive() == archive
    assert archive.stat().st_mtime_ns == made.st_mtime_ns
    with pytest.raises(BrokerError, match="made no archive of classes: "):
        check(find_java(), jars, next(jars.glob("*.jar")))
    assert sorted(each.suffix for each in jars.parent.iterdir()) == ["", ".jsa", ".lock"], (
        "no scratch is left"
    )


def test_the_command_leaves_it_running_and_stops_it(tmp_path: Path):
    require_kafka()
    directory = tmp_path / "kafka"

    def newswire(*arguments: str) -> subprocess.CompletedProcess[str]:
        options = ("--directory", directory, "--json")
        return run_newswire("kafka", *arguments, *options, environ=environment(), timeout_s=300)

    assert newswire("status").returncode == 1
    try:
        started = newswire("start", "--port", "0")
        assert started.returncode == 0, started.stderr
        told = json.loads(started.stdout)
        assert told["running"]
        shown = newswire("status")
        assert shown.returncode == 0
        assert json.loads(shown.stdout)["pid"] == told["pid"]
        again = newswire("start", "--port", "0")
        assert json.loads(again.stdout)["pid"] == told["pid"], "it ran already"
        refused = newswire("start", "--port", "0", "--wipe")
        assert refused.returncode == 2
        assert "stop it before wiping" in refused.stderr
        assert "Traceback" not in refused.stderr
    finally:
        stopped = newswire("stop", "--wipe")
    assert json.loads(stopped.stdout) == {"stopped": True, "wiped": True}
    assert json.loads(newswire("stop").stdout) == {"stopped": False, "wiped": False}
    assert not (directory / "data").exists()

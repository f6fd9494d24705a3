"""``newswire up`` with real Kafka and real workers."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from urllib.request import urlopen

import pytest

from newswire.broker import DevBroker
from newswire.topics import compare_topics
from schemas import topics
from tests.support.brokers import consume, environment_for, produce, settings_for
from tests.support.families import command_of, family, no_one_is_left, worker_pid
from tests.support.pipeline import items, raw_record
from tests.support.ports import taken_between_free_ones
from tests.support.processes import Worker, Workers, environment
from tests.support.require import require_kafka
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka


def send(broker: DevBroker, native_id: str) -> None:
    text = f"Item {native_id}: a fire broke out in the harbour of Port Ellery late on Monday night."
    (item,) = items([{"id": native_id, "title": f"Fire {native_id}", "text": text}])
    produce(broker, [raw_record(item)])


def await_outcomes(broker: DevBroker, count: int) -> None:
    """Wait until so many items are enriched; a killed worker's are delivered again, and count once.

    The canaries that go through beside them are enriched, too, and do not count.
    """
    records = consume(
        broker,
        topics.OUTCOMES.name,
        until=lambda found: (
            len({record.key for record in found if b'"synthetic":true' not in (record.value or b"")}) >= count
        ),
        timeout_s=200,
    )
    assert all(b'"outcome":"enriched"' in (record.value or b"") for record in records)


def await_canary(log: Path) -> None:
    """Wait until the canary that logs there has seen the claim of one."""
    (port,) = re.findall(r'"metrics_port": (\d+)', log.read_text())

    def served() -> bytes:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            return bytes(answer.read())

    # On a busy machine the next one is sent before the first is looked for.
    came = re.compile(rb"^newswire_canary_latency_seconds_count [1-9]", re.MULTILINE)
    eventually(lambda: came.search(served()), "a canary came through", 120)


def start(workers: Workers, *arguments: str, **environ: str) -> Worker:
    up = workers.newswire(
        "up", *arguments, environ=environment(**{"NEWSWIRE_ENRICH_MODEL": "fake"} | environ), anew=True
    )
    up.wait_for("in another terminal", 200)
    return up


def test_an_item_goes_through_a_killed_worker_comes_back_and_ctrl_c_leaves_nothing(
    clean_kafka: DevBroker, workers: Workers, tmp_path: Path
):
    settings = settings_for(clean_kafka, data_dir=tmp_path / "run", kafka_session_timeout_s=3)
    up = start(workers, "--no-connect", "--enrich-workers", "2", **environment_for(settings))
    assert "export NEWSWIRE_KAFKA_BOOTSTRAP" not in up.said(), "the cluster was given"
    send(clean_kafka, "a")
    await_outcomes(clean_kafka, 1)
    await_canary(tmp_path / "run" / "logs" / "canary.log")

    killed = worker_pid(up, "dedupe")
    os.kill(killed, signal.SIGKILL)
    up.wait_for("dedupe was ended by SIGKILL; it starts again in 0.5 s")
    up.wait_for("dedupe works again", 120)
    assert worker_pid(up, "dedupe") != killed
    send(clean_kafka, "b")
    await_outcomes(clean_kafka, 2)

    everyone = family(up)
    up.child.send_signal(signal.SIGINT)
    assert up.wait(120) == 0, up.tail()
    no_one_is_left(everyone)
    assert clean_kafka.running, "a given cluster is left alone"
    logs = sorted(path.name for path in (tmp_path / "run" / "logs").iterdir())
    assert logs == ["canary.log", "dedupe.log", "enrich-1.log", "enrich-2.log", "normalize.log"]


def test_without_a_cluster_it_has_its_own_and_nothing_outlives_its_sudden_death(
    workers: Workers, tmp_path: Path
):
    require_kafka()
    up = start(workers, "--no-connect", "--no-canary", "--port", "0", NEWSWIRE_DATA_DIR=str(tmp_path / "run"))
    broker = DevBroker(tmp_path / "run" / "kafka")
    assert broker.running
    up.wait_for(f"export NEWSWIRE_KAFKA_BOOTSTRAP={broker.bootstrap}")
    assert not compare_topics(settings_for(broker, partitions=6))
    send(broker, "a")
    await_outcomes(broker, 1)
    everyone = family(up)
    assert any("kafka.Kafka" in command_of(process) for process in everyone)
    up.kill()
    no_one_is_left(everyone)
    assert not broker.running


def test_when_one_does_not_start_all_are_stopped_and_one_line_says_why(
    clean_kafka: DevBroker, workers: Workers, tmp_path: Path
):
    # The first worker takes the port before this one; dedupe's is taken.
    with taken_between_free_ones() as port:
        settings = settings_for(
            clean_kafka, data_dir=tmp_path / "run", enrich_model="fake", metrics_port=port - 1
        )
        environ = environment(**environment_for(settings))
        # The canary's port is not known to be free.
        up = workers.newswire("up", "--no-connect", "--no-canary", environ=environ)
        assert up.wait(120) == 2
    last = up.said().splitlines()[-1]
    assert last.startswith(f"newswire: dedupe: metrics cannot be served at 127.0.0.1:{port}")
    assert "Traceback" not in up.said()


def test_what_is_missing_is_told_before_anything_is_started(workers: Workers, tmp_path: Path):
    directory = tmp_path / "run"
    up = workers.newswire(
        "up", environ=environment(NEWSWIRE_DATA_DIR=str(directory), NEWSWIRE_ENRICH_MODEL="no_such_model")
    )
    assert up.wait() == 2
    assert up.said().splitlines()[-1].startswith("newswire: enrich_model is no_such_model")
    assert not directory.exists()

"""A worker that cannot work says so in one line, and a stage starts by Faust's own command, too."""

from __future__ import annotations

import json
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from newswire.broker import DevBroker
from newswire.topics import ensure_topics
from schemas import topics
from streams.engine.groups import group_of
from streams.tagger.files import NETWORK_FILE, TOKENIZER_FILE, WEIGHTS
from tests.support.brokers import admin_of, committed, consume, environment_for, produce, settings_for
from tests.support.pipeline import items, raw_record
from tests.support.ports import held_port
from tests.support.processes import Workers, environment, run_newswire
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka


def is_start(line: str) -> bool:
    """Tell the log line of a worker that had all it needs but what its stage itself found missing."""
    return line.startswith("{") and json.loads(line)["event"] == "worker_starts"


def refusal(*arguments: str, **environ: str) -> str:
    """Run a worker that must refuse, and return the one line that it says."""
    done = run_newswire("worker", *arguments, environ=environment(**environ), timeout_s=200)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if not is_start(line)]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("newswire: ")
    return lines[0].removeprefix("newswire: ")


def broken_model(folder: Path, spoil: str) -> Path:
    """Copy the model that is installed, and spoil it."""
    model = folder / "model"
    shutil.copytree(WEIGHTS, model)
    (model / spoil).write_bytes(b"\x00not what it was")
    return model


@pytest.fixture
def spoilt_topics(clean_kafka: DevBroker) -> Iterator[DevBroker]:
    """The session's broker, whose topics the test may delete."""
    yield clean_kafka
    ensure_topics(settings_for(clean_kafka))


def delete(broker: DevBroker, *names: str) -> None:
    with admin_of(broker) as admin:
        admin.delete_topics(list(names))
        eventually(lambda: not set(names) & set(admin.list_topics()), "they are deleted")


@pytest.mark.parametrize(("stage", "patience_s"), [("normalize", "30"), ("dedupe", "2"), ("enrich", "2")])
def test_a_broker_that_is_not_there(stage: str, patience_s: str):
    with held_port() as port:
        where = f"127.0.0.1:{port}"
        said = refusal(
            stage,
            NEWSWIRE_KAFKA_BOOTSTRAP=where,
            NEWSWIRE_ENRICH_MODEL="fake",
            NEWSWIRE_KAFKA_REQUEST_TIMEOUT_S=patience_s,
        )
    assert said.startswith(f"no answer from Kafka at {where}")
    assert "newswire kafka start" in said


def test_a_broker_that_does_not_answer(fresh_kafka: DevBroker):
    fresh_kafka.pause()  # for so long that it is fenced when it wakes, so it is no other test's
    try:
        said = refusal("normalize", NEWSWIRE_KAFKA_BOOTSTRAP=fresh_kafka.bootstrap)
    finally:
        fresh_kafka.resume()
    assert said.startswith(f"no answer from Kafka at {fresh_kafka.bootstrap}")


def test_a_missing_topic(spoilt_topics: DevBroker):
    bootstrap = spoilt_topics.bootstrap
    delete(spoilt_topics, topics.SIGHTINGS.name, topics.UNIQUE.of("backfill"))
    said = refusal("dedupe", NEWSWIRE_KAFKA_BOOTSTRAP=bootstrap)
    assert said == (
        f"Kafka at {bootstrap} has no topic news.sightings.v1: create it with newswire topics create"
    )
    said = refusal(
        "enrich",
        "--lane",
        "backfill",
        NEWSWIRE_KAFKA_BOOTSTRAP=bootstrap,
        NEWSWIRE_ENRICH_MODEL="fake",
    )
    assert "has no topic news.unique.backfill.v1" in said


def test_a_topic_that_would_break_the_total_order(spoilt_topics: DevBroker):
    name = topics.ARTICLE.name
    delete(spoilt_topics, name)
    with admin_of(spoilt_topics) as admin:
        admin.create_topics({name: {"num_partitions": 2, "replication_factor": 1}})
        admin.wait_for_topics([name])
    try:
        said = refusal("dedupe", NEWSWIRE_KAFKA_BOOTSTRAP=spoilt_topics.bootstrap)
    finally:
        delete(spoilt_topics, name)
    assert said.startswith(f"{name} has 2 partitions and must have 1")


def test_a_missing_model(clean_kafka: DevBroker):
    given = {"NEWSWIRE_KAFKA_BOOTSTRAP": clean_kafka.bootstrap, "NEWSWIRE_ENRICH_MODEL": "no_such_model"}
    said = refusal("enrich", **given)
    assert said.startswith("enrich_model is no_such_model, and there is no network")


def test_an_unknown_setting_and_a_wrong_one():
    assert refusal("normalize", NEWSWIRE_WINDOW_EVENT="5").startswith(
        "unknown setting NEWSWIRE_WINDOW_EVENT; did you mean window_events?"
    )
    assert refusal("normalize", NEWSWIRE_WINDOW_EVENTS="many").startswith("setting window_events: ")


def test_a_metrics_port_that_is_taken(clean_kafka: DevBroker):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refusal("normalize", "--metrics-port", port, NEWSWIRE_KAFKA_BOOTSTRAP=clean_kafka.bootstrap)
    assert said == f"metrics cannot be served at 127.0.0.1:{port}: Address already in use; set metrics_port"


def test_faust_s_own_command_runs_a_stage(clean_kafka: DevBroker, workers: Workers, tmp_path: Path):
    settings = settings_for(clean_kafka, data_dir=tmp_path / "run", enrich_model="fake")
    environ = environment(**environment_for(settings))
    for stage in ("normalize", "dedupe"):
        workers.newswire("worker", stage, environ=environ, name=stage)
    command = [sys.executable, "-m", "faust", "-A", "streams.enrich", "worker", "-l", "warn", "--without-web"]
    worker = workers.start(command, environ, "faust")
    worker.wait_for("assigned", 120)
    (item,) = items(
        [{"id": "a", "title": "Fire", "text": "A fire broke out in the harbour on Monday night."}]
    )
    produce(clean_kafka, [raw_record(item)])
    outcomes = consume(clean_kafka, topics.OUTCOMES.name, until=bool, timeout_s=200)
    assert b'"outcome":"enriched"' in (outcomes[0].value or b"")
    assert worker.terminate() == 0
    assert sum(committed(clean_kafka, group_of("enrich", "live")).values()) == 1, "it was acknowledged"


@pytest.mark.parametrize("spoil", [NETWORK_FILE, TOKENIZER_FILE])
def test_a_model_that_is_there_and_broken(clean_kafka: DevBroker, tmp_path: Path, spoil: str):
    model = broken_model(tmp_path, spoil)
    said = refusal("enrich", NEWSWIRE_KAFKA_BOOTSTRAP=clean_kafka.bootstrap, NEWSWIRE_ENRICH_MODEL=str(model))
    assert str(model) in said
    assert "install it again" in said


def test_a_filter_with_a_broken_model(tmp_path: Path):
    model = broken_model(tmp_path, NETWORK_FILE)
    environ = environment(NEWSWIRE_ENRICH_MODEL=str(model))
    item = '{"id": "1", "text": "It rained in Elmsford."}'
    done = run_newswire("pipe", "normalize", "enrich", environ=environ, stdin=item, timeout_s=200)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "install it again" in line

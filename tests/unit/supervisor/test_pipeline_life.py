"""A pipeline's Kafka: started again when it ends, and ended last, over a broker that is none."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from newswire.broker.errors import BrokerError
from newswire.settings import load_settings
from newswire.supervisor import Interrupted, RestartPolicy, SupervisorError
from newswire.supervisor.pipeline import Pipeline


class FakeBroker:
    def __init__(self, running: bool, done: list[str]) -> None:
        self.running = running
        self.done = done
        self.bootstrap = "127.0.0.1:1"
        self.layout = SimpleNamespace(log="kafka.log")

    def start(self) -> None:
        self.done.append("start")
        self.running = True

    def stop(self) -> None:
        self.done.append("stop")

    def kill(self) -> None:
        self.done.append("kill")


class FakeSupervisor:
    def __init__(self, done: list[str], raises: BaseException | None = None) -> None:
        self.done = done
        self.raises = raises

    def check(self) -> None:
        self.done.append("check workers")

    def stop(self, _timeout_s: float) -> None:
        self.done.append("stop workers")
        if self.raises is not None:
            raise self.raises


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def pipeline(tmp_path: Path, done: list[str], monkeypatch) -> Pipeline:
    nothing = SimpleNamespace(differences=["news.raw.v1: partitions is 1, declared is 6"])
    monkeypatch.setattr("newswire.supervisor.pipeline.ensure_topics", lambda _settings: nothing)
    settings = load_settings({"data_dir": tmp_path, "enrich_model": "fake"}, environ={})
    broker: Any = FakeBroker(False, done)
    return Pipeline(settings, broker=broker, say=done.append, policy=RestartPolicy(crashes=3))


def run(pipeline: Pipeline, done: list[str], raises: BaseException | None = None) -> None:
    pipeline.start_kafka()
    supervisor: Any = FakeSupervisor(done, raises)
    pipeline.supervisor = supervisor


def test_workers_are_stopped_before_the_kafka_that_was_started_for_them(pipeline: Pipeline, done: list[str]):
    with pipeline:
        run(pipeline, done)
        assert pipeline.settings.kafka_bootstrap == "127.0.0.1:1"
        pipeline.check()
    said = "not as declared: news.raw.v1: partitions is 1, declared is 6"
    assert done == ["start", said, "check workers", "stop workers", "stop"]


def test_a_kafka_that_ran_already_is_left_running(pipeline: Pipeline, done: list[str]):
    assert pipeline.broker is not None
    pipeline.broker.running = True  # type: ignore[misc]
    with pipeline:
        run(pipeline, done)
    assert done[2:] == ["stop workers"]


def test_a_second_ctrl_c_ends_kafka_at_once(pipeline: Pipeline, done: list[str]):
    with pytest.raises(KeyboardInterrupt), pipeline:
        run(pipeline, done, KeyboardInterrupt())
    assert done[2:] == ["stop workers", "kill"]


def test_kafka_is_started_again_unless_it_ends_again_and_again(pipeline: Pipeline, done: list[str]):
    run(pipeline, done)
    for _ in range(2):
        pipeline.broker.running = False  # type: ignore[misc, union-attr]
        pipeline.check()
    assert done[2:] == ["Kafka has ended; it starts again", "start", "check workers"] * 2
    pipeline.broker.running = False  # type: ignore[misc, union-attr]
    with pytest.raises(SupervisorError, match=r"Kafka ends again and again: see kafka\.log"):
        pipeline.check()


def test_what_ctrl_c_ends_beside_us_is_no_failure_of_kafka(pipeline: Pipeline, monkeypatch):
    def fails() -> None:
        raise BrokerError("Kafka cannot format: 130")

    monkeypatch.setattr(pipeline.broker, "start", fails)
    with pytest.raises(Interrupted):
        pipeline.start_kafka(lambda: True)
    with pytest.raises(BrokerError):
        pipeline.start_kafka(lambda: False)


def test_ctrl_c_while_kafka_starts_is_heard_once_it_is_up(pipeline: Pipeline, done: list[str]):
    with pytest.raises(Interrupted), pipeline:
        pipeline.start_kafka(lambda: True)
    assert done == ["start", "stop"]

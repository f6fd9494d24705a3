"""The ways in which plain Faust loses events, and the engine in each of them.

Each case runs twice with real processes against real Kafka: with Faust as its manual shows it, which must
lose something (else the case shows nothing), and with the engine, which must lose nothing.  Fault and
restart are the same for both.
"""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path

import pytest

from newswire.broker import DevBroker
from schemas import topics
from schemas.wire import WireRecord
from tests.support.brokers import committed, consume, environment_for, produce, settings_for
from tests.support.losses.events import FAULT, SOURCE, TARGET, event, number_of
from tests.support.processes import Worker, Workers, environment
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]

EVENTS = 200
KILLED = {"concurrency", "unacked"}
"""Cases in which an event never ends, so that the worker is killed once all others have."""
CASES = [
    "raises",
    "raises-crashing",
    "take",
    "unacked",
    "concurrency",
    "table",
    "undecodable",
    "not-awaited",
]


class Run:
    def __init__(self, kafka: DevBroker, workers: Workers, directory: Path, module: str, case: str) -> None:
        self.kafka, self.workers = kafka, workers
        self.command = [sys.executable, "-m", f"tests.support.losses.{module}", case]
        self.directory = directory / module
        self.directory.mkdir()
        settings = settings_for(
            kafka, data_dir=self.directory, kafka_session_timeout_s=6, kafka_commit_interval_s=0.3
        )
        self.environ = environment(**environment_for(settings), LOSSES_DIR=str(self.directory))
        self.group = f"plain-{case}" if module == "plain_faust" else "newswire-normalize"

    def start(self) -> Worker:
        return self.workers.start(self.command, self.environ)

    def seen(self) -> set[int]:
        return {
            number_of(record.value or b"")
            for record in consume(self.kafka, TARGET)
            if _is_event(record.value)
        }

    def dead(self) -> set[bytes]:
        return {record.value or b"" for record in consume(self.kafka, topics.DEAD_LETTER.name)}

    def all_committed(self) -> bool:
        return sum(committed(self.kafka, self.group).values()) >= EVENTS

    def settle(self, worker: Worker, quiet_s: float = 4.0) -> None:
        """Wait until the worker has ended, or nothing new has come for a while after the fault."""
        last, since = -1, time.monotonic()
        while worker.running:
            count = len(self.seen())
            if count != last:
                last, since = count, time.monotonic()
            fault_over = (self.directory / "fault").exists() or count == EVENTS
            if fault_over and time.monotonic() - since > quiet_s:
                return
            time.sleep(0.2)

    def through(self, case: str) -> set[int]:
        """Run the case: start, fault, and starts again until a run changes nothing; return what is lost."""
        worker = self.start()
        self.settle(worker)
        worker.kill() if case in KILLED else _stop(worker)
        for _ in range(3):
            if not self.lost():
                break
            worker = self.start()
            with contextlib.suppress(AssertionError):
                eventually(lambda: not self.lost() or self.all_committed(), "all is done", 25)
            self.settle(worker, 2)
            _stop(worker)
            if self.all_committed():
                break
        return self.lost()

    def lost(self) -> set[int]:
        dead = {number_of(value) for value in self.dead() if _is_event(value)}
        broken = set() if BROKEN not in self.dead() else {-1}
        return (set(range(EVENTS)) | ({-1} if self.has_broken else set())) - self.seen() - dead - broken

    has_broken = False


BROKEN = b"\xff\xfe not JSON"


def _is_event(value: bytes | None) -> bool:
    return value is not None and value.startswith(b'{"n"')


def _stop(worker: Worker) -> None:
    if worker.running:
        worker.child.terminate()
        with contextlib.suppress(Exception):
            worker.wait(20)
        if worker.running:
            worker.kill()


def _fill(kafka: DevBroker, case: str) -> None:
    values = [event(number) for number in range(EVENTS)]
    if case == "undecodable":
        values.insert(FAULT, BROKEN)
    produce(kafka, [WireRecord(topic=SOURCE, key=b"k", value=value, partition=0) for value in values])


@pytest.mark.parametrize("case", CASES)
def test_the_engine_loses_nothing_where_plain_faust_does(
    case: str, clean_kafka: DevBroker, workers: Workers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    _fill(clean_kafka, case)
    plain = Run(clean_kafka, workers, tmp_path, "plain_faust", case)
    plain.has_broken = case == "undecodable"
    lost_by_plain = plain.through(case)

    from tests.support.brokers import empty

    empty(clean_kafka)
    _fill(clean_kafka, case)
    engine = Run(clean_kafka, workers, tmp_path, "engine_worker", case)
    engine.has_broken = case == "undecodable"
    lost_by_engine = engine.through(case)
    with capsys.disabled():
        print(
            f"\n  {case}: plain Faust lost {len(lost_by_plain)} of {EVENTS}, the engine {len(lost_by_engine)}"
        )
    assert not lost_by_engine, engine.workers.all[-1].tail()
    assert lost_by_plain, "the case shows nothing: plain Faust lost nothing either"


def test_two_kills_in_the_middle_lose_nothing(clean_kafka: DevBroker, workers: Workers, tmp_path: Path):
    _fill(clean_kafka, "")
    run = Run(clean_kafka, workers, tmp_path, "engine_worker", "sigterm")
    for share in (20, 90):
        worker = run.start()
        eventually(lambda share=share: len(run.seen()) >= share, "some are through", 40)
        worker.kill()
    worker = run.start()
    eventually(lambda: not run.lost(), "all are through", 60)


def test_sigterm_under_load_drains_commits_and_exits_at_once(
    clean_kafka: DevBroker, workers: Workers, tmp_path: Path
):
    _fill(clean_kafka, "")
    run = Run(clean_kafka, workers, tmp_path, "engine_worker", "sigterm")
    worker = run.start()
    eventually(lambda: len(run.seen()) >= 30, "some are through", 40)
    assert worker.terminate(15) == 0
    # Everything that left is committed, and nothing that did not: a clean stop repeats nothing.
    records = [number_of(r.value or b"") for r in consume(clean_kafka, TARGET)]
    assert sum(committed(clean_kafka, run.group).values()) == len(records) == len(set(records))
    run.start()
    eventually(lambda: not run.lost(), "all are through", 60)
    records = [number_of(r.value or b"") for r in consume(clean_kafka, TARGET)]
    assert len(records) == len(set(records)) == EVENTS


def test_outputs_that_wait_for_a_frozen_broker_are_not_committed(
    fresh_kafka: DevBroker, workers: Workers, tmp_path: Path
):
    _fill(fresh_kafka, "")
    run = Run(fresh_kafka, workers, tmp_path, "engine_worker", "sigterm")
    worker = run.start()
    eventually(lambda: len(run.seen()) >= 30, "some are through", 40)
    fresh_kafka.pause()
    time.sleep(2)
    worker.kill()
    fresh_kafka.resume()
    run.start()
    eventually(lambda: not run.lost(), "all are through", 90)

"""The ways in which plain Faust loses events, and the engine in each of them.

Each case runs twice with real processes against real Kafka: with Faust as its manual shows it, which must
lose something (else the case shows nothing), and with the engine, which must lose nothing.  Fault and
restart are the same for both.

=====================================================  ===========================================================
what happens                                           case, or test
=====================================================  ===========================================================
an agent raises                                        raises
it raises under CrashingSupervisor, without noack()    raises-crashing
the same with noack()                                  test_plain_faust_loses_nothing_by_the_recipe (no loss)
take(n) and one exception                              take
noack_take(n) and one exception                        noack-take
noack(), one event un-acked, later ones acked          unacked
concurrency > 1, a slow event, then kill -9            concurrency
in-order acks, two kill -9                             test_two_kills_in_the_middle_lose_nothing (no loss)
a "seen" table, killed between its write and output    table
a value that does not decode                           undecodable
a key that does not decode                             undecodable-key
SIGTERM with an event un-acked, nothing refers to it   sigterm-dropped
the same while something refers to it: a hang          test_a_held_event_keeps_plain_faust_from_stopping
a send not awaited fails, and its batch with it        not-awaited
send_soon: the flush gives up, the commit goes ahead   test_outputs_that_have_nowhere_to_go_are_not_committed
exactly_once: outputs in another transaction           exactly-once
=====================================================  ===========================================================

A table's changelog goes the way of ``send_soon``; what it loses is the memory of an event, which is the case
``table`` the other way round, and not the event.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import pytest

from newswire.broker import DevBroker
from newswire.topics import ensure_topics
from schemas import topics
from schemas.wire import WireRecord
from tests.support.brokers import (
    admin_of,
    committed,
    consume,
    consume_committed,
    empty,
    environment_for,
    produce,
    settings_for,
)
from tests.support.losses.events import FAULT, SOURCE, TARGET, event, number_of, target_of
from tests.support.processes import Worker, Workers, environment
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1500)]

EVENTS = 200
STOP_S = 25
"""Within which a worker that was asked to stop would have stopped; the engine waits 10 s for what is in flight."""
PATIENCE_S = 120
"""For a worker to start, to join while the one before it still counts as there, and to be through with its events,
on a machine with much else to do.
"""
PLAIN_TRIES = 3
"""Some of Faust's losses hang on whether a commit comes before a crash: it may be lucky once, not again and again."""
KILLED = {"concurrency", "unacked", "exactly-once"}
"""Cases whose worker is killed once it has done what it can; the others are stopped or end by themselves."""
CASES = [
    "raises",
    "raises-crashing",
    "take",
    "noack-take",
    "unacked",
    "concurrency",
    "table",
    "undecodable",
    "undecodable-key",
    "not-awaited",
    "sigterm-dropped",
    "exactly-once",
]


class Run:
    def __init__(self, kafka: DevBroker, workers: Workers, directory: Path, module: str, case: str) -> None:
        self.kafka, self.workers = kafka, workers
        self.target = target_of(case)
        self.extra = EXTRA.get(case, set())
        self.command = [sys.executable, "-m", f"tests.support.losses.{module}", case]
        self.directory = directory / module
        self.directory.mkdir(parents=True)
        settings = settings_for(
            kafka, data_dir=self.directory, kafka_session_timeout_s=6, kafka_commit_interval_s=0.3
        )
        self.environ = environment(**environment_for(settings), LOSSES_DIR=str(self.directory))
        plain = module == "plain_faust"
        self.group = f"plain-{case}" if plain else "newswire-normalize"
        self.in_transactions = plain and self.target != TARGET
        """Outputs count where they are committed; the topic was made anew before the engine's, which knows none."""

    def start(self) -> Worker:
        return self.workers.start(self.command, self.environ)

    def seen(self) -> set[int]:
        if self.in_transactions:
            values = consume_committed(self.kafka, self.target)
        else:
            values = [record.value for record in consume(self.kafka, self.target)]
        return {number_of(value) for value in values if value is not None and _is_event(value)}

    def await_seen(self, count: int) -> None:
        """Wait until so many of the events have left; what the last worker says is told where they do not."""
        try:
            eventually(lambda: len(self.seen()) >= count, f"{count} are through", PATIENCE_S)
        except AssertionError as error:
            error.add_note(self.workers.all[-1].tail())
            raise

    def dead(self) -> set[bytes]:
        return {record.value or b"" for record in consume(self.kafka, topics.DEAD_LETTER.name)}

    def all_committed(self) -> bool:
        done = committed(self.kafka, self.group)
        return sum(offset for (topic, _number), offset in done.items() if topic == SOURCE) >= EVENTS

    def settle(self, worker: Worker, quiet_s: float = 4.0) -> None:
        """Wait until the worker has ended, or nothing new has come for a while after the fault."""
        last, since = -1, time.monotonic()
        end = since + PATIENCE_S
        while worker.running:
            assert time.monotonic() < end, f"no fault, and no end:\n{worker.tail()}"
            count = len(self.seen())
            if count != last:
                last, since = count, time.monotonic()
            fault_over = (self.directory / "fault").exists() or count >= EVENTS
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
                eventually(lambda: not self.lost() or self.all_committed(), "all is done", PATIENCE_S / 2)
            self.settle(worker, 2)
            _stop(worker)
            if self.all_committed():
                break
        return self.lost()

    def lost(self) -> set[int]:
        dead = {number_of(value) for value in self.dead() if _is_event(value)}
        broken = set() if BROKEN not in self.dead() else {-1}
        return (set(range(EVENTS)) | self.extra) - self.seen() - dead - broken


BROKEN = b"\xff\xfe not JSON"
EXTRA = {"undecodable": {-1}, "undecodable-key": {EVENTS}}
"""The numbers of events that a case has beside the others: that of `BROKEN` is -1."""


def _is_event(value: bytes) -> bool:
    return value.startswith(b'{"n"')


def _exists(kafka: DevBroker, topic: str) -> bool:
    with admin_of(kafka) as admin:
        return topic in admin.list_topics()


def _stop(worker: Worker) -> None:
    if worker.running:
        worker.child.terminate()
        with contextlib.suppress(Exception):
            worker.wait(20)
        if worker.running:
            worker.kill()


def _fill(kafka: DevBroker, case: str) -> None:
    records = [(b'"k"', event(number)) for number in range(EVENTS)]
    if case == "undecodable":
        records.insert(FAULT, (b'"k"', BROKEN))
    if case == "undecodable-key":
        records.insert(FAULT, (BROKEN, event(EVENTS)))
    produce(kafka, [WireRecord(topic=SOURCE, key=key, value=value, partition=0) for key, value in records])


@pytest.mark.parametrize("case", CASES)
def test_the_engine_loses_nothing_where_plain_faust_does(
    case: str, clean_kafka: DevBroker, workers: Workers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    lost_by_plain: set[int] = set()
    for number in range(PLAIN_TRIES):
        _fill(clean_kafka, case)
        plain = Run(clean_kafka, workers, tmp_path / str(number), "plain_faust", case)
        lost_by_plain = plain.through(case)
        empty(clean_kafka)
        if lost_by_plain:
            break

    _fill(clean_kafka, case)
    engine = Run(clean_kafka, workers, tmp_path, "engine_worker", case)
    lost_by_engine = engine.through(case)
    with capsys.disabled():
        print(
            f"\n  {case}: plain Faust lost {len(lost_by_plain)} of {EVENTS}, the engine {len(lost_by_engine)}"
        )
    assert not lost_by_engine, engine.workers.all[-1].tail()
    assert lost_by_plain, "the case shows nothing: plain Faust lost nothing either"


def test_plain_faust_loses_nothing_by_the_recipe(clean_kafka: DevBroker, workers: Workers, tmp_path: Path):
    # That the cases above find a loss is not for the way in which they look for one.
    _fill(clean_kafka, "raises-crashing-noack")
    plain = Run(clean_kafka, workers, tmp_path, "plain_faust", "raises-crashing-noack")
    assert not plain.through("raises-crashing-noack")
    assert workers.all[0].child.returncode == 1


def test_a_held_event_keeps_plain_faust_from_stopping(
    clean_kafka: DevBroker, workers: Workers, tmp_path: Path
):
    codes = {}
    for module in ("plain_faust", "engine_worker"):
        empty(clean_kafka)
        _fill(clean_kafka, "sigterm-held")
        run = Run(clean_kafka, workers, tmp_path, module, "sigterm-held")
        worker = run.start()
        run.settle(worker)
        worker.child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.wait(STOP_S if module == "plain_faust" else PATIENCE_S)
        codes[module] = worker.child.returncode if not worker.running else None
        if worker.running:
            worker.kill()
        run.start()
        with contextlib.suppress(AssertionError):
            eventually(lambda run=run: not run.lost() or run.all_committed(), "all is done", PATIENCE_S)
        workers.all[-1].kill()
    # Plain Faust waits for ever, and loses the event all the same when it is killed.
    assert codes == {"plain_faust": None, "engine_worker": 0}
    assert not run.lost()


@pytest.mark.parametrize("module", ["plain_faust", "engine_worker"])
def test_outputs_that_have_nowhere_to_go_are_not_committed(
    module: str, clean_kafka: DevBroker, workers: Workers, tmp_path: Path
):
    _fill(clean_kafka, "send-soon")
    with admin_of(clean_kafka) as admin:
        admin.delete_topics([TARGET])
    eventually(lambda: not _exists(clean_kafka, TARGET), "the target is gone")
    run = Run(clean_kafka, workers, tmp_path, module, "send-soon")
    worker = run.start()
    worker.wait(PATIENCE_S)
    assert (tmp_path / module / "fault").exists(), worker.tail()
    ensure_topics(settings_for(clean_kafka))
    run.start()
    with contextlib.suppress(AssertionError):
        eventually(lambda: not run.lost() or run.all_committed(), "all is done", PATIENCE_S)
    run.settle(workers.all[-1], 2)
    lost = run.lost()
    if module == "plain_faust":
        assert lost == set(range(len(lost)))
        assert lost, "the case shows nothing: plain Faust lost nothing either"
    else:
        assert not lost, workers.all[-1].tail()


def test_two_kills_in_the_middle_lose_nothing(clean_kafka: DevBroker, workers: Workers, tmp_path: Path):
    _fill(clean_kafka, "")
    run = Run(clean_kafka, workers, tmp_path, "engine_worker", "sigterm")
    for share in (20, 90):
        worker = run.start()
        run.await_seen(share)
        worker.kill()
    run.start()
    run.await_seen(EVENTS)


def test_sigterm_under_load_drains_commits_and_exits_at_once(
    clean_kafka: DevBroker, workers: Workers, tmp_path: Path
):
    _fill(clean_kafka, "")
    run = Run(clean_kafka, workers, tmp_path, "engine_worker", "sigterm")
    worker = run.start()
    run.await_seen(30)
    assert worker.terminate() == 0
    assert not worker.events("stop_timed_out"), worker.tail()
    # Everything that left is committed, and nothing that did not: a clean stop repeats nothing.
    records = [number_of(r.value or b"") for r in consume(clean_kafka, TARGET)]
    assert sum(committed(clean_kafka, run.group).values()) == len(records) == len(set(records))
    run.start()
    run.await_seen(EVENTS)
    records = [number_of(r.value or b"") for r in consume(clean_kafka, TARGET)]
    assert len(records) == len(set(records)) == EVENTS


def test_outputs_that_wait_for_a_frozen_broker_are_not_committed(
    fresh_kafka: DevBroker, workers: Workers, tmp_path: Path
):
    _fill(fresh_kafka, "")
    run = Run(fresh_kafka, workers, tmp_path, "engine_worker", "sigterm")
    worker = run.start()
    run.await_seen(30)
    fresh_kafka.pause()
    time.sleep(2)
    worker.kill()
    fresh_kafka.resume()
    run.start()
    run.await_seen(EVENTS)

"""What every connector promises; the clauses are those of docs/connectors.md, by number."""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from connectors.framework import runner
from connectors.framework.errors import ConfigError
from connectors.framework.stop import Stop
from connectors.registry import CONNECTORS
from schemas.limits import PAGE_BODY_BYTES, RAW_RECORD_BYTES
from schemas.raw_item import RawItem
from schemas.topics import DEAD_LETTER
from schemas.wire import decode
from tests.conformance.conftest import Run, Trial
from tests.conformance.ledger import Ledger
from tests.conformance.rigs import RIGS
from tests.support.brokers import environment_for, settings_for
from tests.support.fake_producer import FakeProducer
from tests.support.processes import environment
from tests.support.waiting import eventually

kafka_mark = pytest.mark.kafka
LIMIT = 20_000
"""Bytes that may be under way where a test looks at the bound."""
ENOUGH, MOST = 50, 500
"""Items that a process has sent when it is killed, and after which it waits for that."""
MIXED = ["item", "item", "broken", "item", "broken", "broken", "item"]


def test_every_registered_connector_is_examined():
    examined = {rig.connector.spec.name for rig in RIGS.values()}
    assert set(CONNECTORS) <= examined


def test_every_clause_of_the_documentation_has_a_test():
    page = (Path(__file__).parents[2] / "docs" / "connectors.md").read_text("utf-8")
    clauses = set(re.findall(r"^(\d+)\. \*\*", page, flags=re.MULTILINE))
    tested = set(re.findall(r"^def test_(\d+)_", Path(__file__).read_text("utf-8"), flags=re.MULTILINE))
    assert tested == clauses
    assert len(clauses) == 12


def test_1_the_spec_is_complete(trial: Trial):
    trial.prepare(["item"])
    spec = trial.connector_type.spec
    assert spec.summary.endswith(".")
    assert spec.description
    for one in spec.fields():
        assert one.description, one.name
        assert one.type, one.name
    given = msgspec.to_builtins(spec.validate(trial.given))
    assert spec.validate(given) == spec.validate(trial.given), "what is filled in is valid itself"
    with pytest.raises(ConfigError, match="no option no_such_option"):
        spec.validate({**trial.given, "no_such_option": 1})
    for one in spec.fields():
        with pytest.raises(ConfigError, match=rf"option {one.name} must be"):
            spec.validate({**trial.given, one.name: {"of": ["no", "type"]}})
        if one.required:
            with pytest.raises(ConfigError, match=rf"needs the option {one.name}"):
                spec.validate({name: value for name, value in trial.given.items() if name != one.name})


def test_2_it_opens_and_closes(trial: Trial):
    trial.prepare(["item", "item"])
    options = trial.connector_type.spec.validate(trial.given)
    connector = trial.connector_type()
    connector.close()
    for _ in range(2):
        connector.open(options, {})
        assert [one.item.native_id for one in connector.read() if one.item] == trial.items
        connector.close()
        connector.close()
    connector.open(options, {})
    readings = connector.read()
    next(readings)
    connector.close()
    connector.open(options, {})
    assert len([one for one in connector.read() if one.item]) == 2, "closed in the middle, opened anew"
    connector.close()


@kafka_mark
def test_3_everything_ends_once(trial: Trial, kafka, ledger):
    trial.prepare(MIXED * 20)
    report = trial.run(kafka)
    broken = trial.pieces.count("broken")
    assert (report.confirmed, report.dead_letters, report.unconfirmed) == (80, broken, 0)
    ledger.read()
    assert ledger.count(trial.source) == dict.fromkeys(trial.items, 1)
    outcomes = ledger.outcomes_of(trial.source)
    assert Counter(outcome.item_id for outcome in outcomes) == dict.fromkeys(trial.broken_ids(), 1)
    assert len(outcomes) == broken
    for outcome in outcomes:
        assert (outcome.outcome, outcome.stage) == ("dead_letter", "connect")
        (hop,) = outcome.hops
        assert hop.topic == DEAD_LETTER.name
        assert b"broken" in ledger.letters[hop.partition, hop.offset]
    assert [one.item.native_id for one in trial.read() if one.item] == trial.items, "in order"


@kafka_mark
@pytest.mark.slow
def test_4_nothing_is_left_out_when_it_is_killed(trials: list[Trial], kafka, ledger, workers):
    commands = {}
    for trial in trials:
        trial.prepare(["item", "item", "item", "broken"] * 400)
        checkpoint = trial.directory / "checkpoint.json"
        options = json.dumps(trial.given)
        commands[trial.rig] = [
            sys.executable,
            "-m",
            "tests.conformance.run",
            trial.rig,
            options,
            str(checkpoint),
        ]
    environ = environment(**environment_for(settings_for(kafka)))
    caught: Counter[str] = Counter()
    for _ in range(2):
        enough = {trial.rig: ledger.read().count(trial.source).total() + ENOUGH for trial in trials}
        left = {
            trial.rig: (trial, workers.start([*commands[trial.rig], str(MOST)], environ)) for trial in trials
        }
        while left:
            ledger.read()
            for rig, (trial, worker) in list(left.items()):
                if not worker.running or ledger.count(trial.source).total() > enough[rig]:
                    caught[rig] += worker.running
                    worker.kill()
                    del left[rig]
    last = [workers.start(commands[trial.rig], environ) for trial in trials]
    for worker in last:
        worker.wait_for("done", 200)
    ledger.read()
    for trial in trials:
        assert caught[trial.rig], f"{trial.rig} was never caught in the middle"
        count = ledger.count(trial.source)
        assert set(count) == set(trial.items)
        assert {outcome.item_id for outcome in ledger.outcomes_of(trial.source)} == trial.broken_ids()
        assert count.total() < len(trial.items) * (caught[trial.rig] + 1), "it goes on, not begins again"


def test_5_the_checkpoint_moves_only_over_what_is_confirmed(trial: Trial):
    trial.prepare(["item"] * 12)
    producer = FakeProducer()
    producer.holding = True
    run = trial.start(producer=lambda **_: producer, checkpoint_interval_s=0.0)
    eventually(lambda: len(producer.held) == 12, "all is sent")
    assert trial.checkpoints.cursors == {}
    confirmed: set[str] = set()
    order = random.Random(5)
    while producer.held:
        place = order.randrange(len(producer.held))
        confirmed.add(decode(producer.held[place].value, RawItem).native_id)
        producer.release(place)
        rest = {one.item.native_id for one in trial.read(dict(trial.checkpoints.cursors)) if one.item}
        assert set(trial.items) - confirmed <= rest, "what is not confirmed would be read again"
    assert run.result().confirmed == 12
    assert [one for one in trial.read(dict(trial.checkpoints.cursors)) if one.item] == []


@kafka_mark
def test_6_it_goes_on_from_its_checkpoint(trial: Trial, kafka, ledger, monkeypatch):
    monkeypatch.setattr(runner, "HANDOFF_BYTES", 10_000)
    trial.prepare(["item", "item", "broken"] * 400)

    def stop_early(report) -> None:
        if report.confirmed:
            trial.stop.ask()

    first = trial.run(kafka, progress=stop_early, unacked_bytes=LIMIT)
    assert first.stopped
    assert first.unconfirmed == 0
    assert 0 < first.confirmed < len(trial.items)
    left = [one.item.native_id for one in trial.read(dict(trial.checkpoints.cursors)) if one.item]
    assert left == trial.items[first.confirmed :]
    trial.stop = Stop()
    second = trial.run(kafka)
    assert first.confirmed + second.confirmed == len(trial.items)
    assert first.dead_letters + second.dead_letters == 400
    assert ledger.read().count(trial.source) == dict.fromkeys(trial.items, 1)


@kafka_mark
@pytest.mark.parametrize("place", [0, 2, 4])
def test_7_something_broken_does_not_hold_up_the_rest(trial: Trial, kafka, ledger, place):
    trial.prepare(["broken" if number == place else "item" for number in range(5)])
    report = trial.run(kafka)
    assert (report.confirmed, report.dead_letters) == (4, 1)
    assert set(ledger.read().count(trial.source)) == set(trial.items)
    assert [outcome.reason for outcome in ledger.outcomes_of(trial.source)] == list(report.reasons)


def start_all(trials: list[Trial], broker, pieces: list[str], **options) -> list[Run]:
    """Start every connector and return when each has something confirmed and much before it, and is held."""
    for trial in trials:
        trial.prepare(pieces)
    runs = [trial.start(broker, held=True, unacked_bytes=LIMIT, **options) for trial in trials]
    for run in runs:
        eventually(lambda run=run: run.confirmed, f"{run.trial.rig} has begun", 200)
    return runs


def let_go(runs: list[Run]) -> None:
    for run in runs:
        run.go_on.set()


@kafka_mark
@pytest.mark.slow
def test_8_a_broker_that_is_killed_and_comes_back_costs_nothing(trials: list[Trial], rough_kafka):
    ledger = Ledger(rough_kafka)
    runs = start_all(trials, rough_kafka, ["item", "item", "item", "broken"] * 400)
    rough_kafka.pause()  # so that none of them is done before the others have gone on
    let_go(runs)
    for run in runs:
        eventually(lambda run=run: run.sink.unacked_bytes, f"{run.trial.rig} waits for the broker", 200)
    rough_kafka.kill()
    assert all(run.running for run in runs), "caught in the middle"
    rough_kafka.start()
    for run in runs:
        report = run.result()
        assert (report.confirmed, report.dead_letters) == (1_200, 400)
        assert (report.unconfirmed, report.error) == (0, None)
    ledger.read()
    for trial in trials:
        assert set(ledger.count(trial.source)) == set(trial.items)
        assert {outcome.item_id for outcome in ledger.outcomes_of(trial.source)} == trial.broken_ids()


@kafka_mark
@pytest.mark.slow
def test_9_what_is_not_confirmed_is_bounded(trials: list[Trial], rough_kafka):
    ledger = Ledger(rough_kafka)
    runs = start_all(trials, rough_kafka, ["item"] * 1_500, checkpoint_interval_s=0.0)
    rough_kafka.pause()
    let_go(runs)
    try:
        for run in runs:
            eventually(
                lambda run=run: run.sink.waited_s > 1.0 or _is_still(run), "reading waits", pause_s=1.0
            )
            assert run.running
            assert run.sink.unacked_bytes <= LIMIT
            assert run.told.read < 1_500
            cursors = dict(run.trial.checkpoints.cursors)
            rest = [one for one in run.trial.read(cursors) if one.item]
            assert len(rest) >= 1_500 - run.confirmed, "the checkpoint did not go ahead"
    finally:
        rough_kafka.resume()
    for run in runs:
        report = run.result()
        assert (report.confirmed, report.unconfirmed, report.error) == (1_500, 0, None)
        assert report.waited_s > 0.5
    ledger.read()
    for trial in trials:
        assert set(ledger.count(trial.source)) == set(trial.items)


def _is_still(run: Run) -> bool:
    """Whether nothing more was taken since the last look."""
    last, run.looked = run.looked, run.told.read
    return last == run.told.read


@kafka_mark
def test_10_it_stops_when_it_is_asked(trials: list[Trial], rough_kafka):
    runs = start_all(trials, rough_kafka, ["item"] * 1_500, drain_timeout_s=1.0)
    rough_kafka.pause()
    let_go(runs)
    try:
        for run in runs:
            eventually(
                lambda run=run: run.sink.unacked_bytes > LIMIT / 2, f"{run.trial.rig} waits for the broker"
            )
        for trial in trials:
            trial.stop.ask()
        reports = [run.result() for run in runs]
    finally:
        rough_kafka.resume()
    for trial, report in zip(trials, reports, strict=True):
        assert report.stopped
        assert report.unconfirmed > 0
        assert report.read == report.confirmed + report.unconfirmed
        rest = [one for one in trial.read(dict(trial.checkpoints.cursors)) if one.item]
        assert len(rest) == 1_500 - report.confirmed


@kafka_mark
def test_11_what_is_too_large_is_cut_and_flagged(trial: Trial, kafka, ledger):
    trial.prepare(["item", "huge", "item"])
    report = trial.run(kafka)
    assert (report.confirmed, report.cut, report.dead_letters) == (3, 1, 0)
    items = {item.native_id: item for item in ledger.read().raw(trial.source)}
    body = items["item-1"].body
    assert body.truncated
    assert RAW_RECORD_BYTES // 7 < len(body.text) <= PAGE_BODY_BYTES
    assert not items["item-0"].body.truncated


@kafka_mark
def test_12_it_is_quiet(trial: Trial, kafka):
    trial.prepare(["item"] * 300)
    with capture_logs() as ours:
        report = trial.run(kafka)
    assert report.confirmed == 300
    assert ours == []

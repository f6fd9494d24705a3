"""What every connector promises; the clauses are those of docs/connectors.md, by number."""

from __future__ import annotations

import json
import random
import re
import sys
import threading
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from connectors.framework import runner
from connectors.framework.errors import ConfigError
from connectors.registry import CONNECTORS
from schemas.limits import PAGE_BODY_BYTES, RAW_RECORD_BYTES
from schemas.raw_item import RawItem
from schemas.topics import DEAD_LETTER, RAW
from schemas.wire import decode
from tests.conformance.conftest import Trial
from tests.conformance.rigs import RIGS
from tests.support.brokers import environment_for, settings_for, sizes
from tests.support.fake_producer import FakeProducer
from tests.support.processes import environment
from tests.support.waiting import eventually

kafka_mark = pytest.mark.kafka
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
"""kafka-python 3.0 leaves the sockets of failed reconnects to the garbage collector."""

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
def test_3_everything_ends_once(trial: Trial, kafka):
    trial.prepare(MIXED * 20)
    report = trial.run(kafka)
    broken = trial.pieces.count("broken")
    assert (report.confirmed, report.dead_letters, report.unconfirmed) == (80, broken, 0)
    assert trial.count(kafka) == dict.fromkeys(trial.items, 1)
    letters, outcomes = trial.letters(kafka), trial.outcomes(kafka)
    assert len(outcomes) == broken
    assert len({outcome.item_id for outcome in outcomes}) == broken
    for outcome in outcomes:
        assert (outcome.outcome, outcome.stage) == ("dead_letter", "connect")
        (hop,) = outcome.hops
        assert hop.topic == DEAD_LETTER.name
        assert b"broken" in letters[hop.partition, hop.offset]
    read = [one.item.native_id for one in trial.read() if one.item]
    assert read == trial.items, "in order"


@kafka_mark
def test_4_it_leaves_nothing_out_when_it_is_killed(trial: Trial, kafka, workers, tmp_path):
    trial.prepare(["item", "item", "item", "broken"] * 1_500)
    checkpoint = tmp_path / "checkpoint.json"
    command = [
        sys.executable,
        "-m",
        "tests.conformance.run",
        trial.rig,
        json.dumps(trial.given),
        str(checkpoint),
    ]
    environ = environment(**environment_for(settings_for(kafka)))
    kills = 0
    for _ in range(3):
        before = sizes(kafka, RAW.name)[RAW.name]
        worker = workers.start(command, environ)
        eventually(
            lambda worker=worker, before=before: (
                not worker.running or sizes(kafka, RAW.name)[RAW.name] > before + 200
            ),
            "something was sent",
        )
        kills += worker.running
        worker.kill()
    assert kills, "it was never caught in the middle"
    workers.start(command, environ).wait_for("done")
    count = trial.count(kafka)
    assert set(count) == set(trial.items)
    assert {outcome.item_id for outcome in trial.outcomes(kafka)} == _broken_ids(trial)
    assert count.total() < len(trial.items) * (kills + 1), "it goes on, and does not begin again"


def _broken_ids(trial: Trial) -> set[str]:
    from connectors.framework.records import dead_item

    return {
        dead_item(one.broken, one.broken.error).outcome.item_id
        for one in trial.read()
        if one.broken is not None
    }


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
def test_6_it_goes_on_from_its_checkpoint(trial: Trial, kafka, monkeypatch):
    monkeypatch.setattr(runner, "HANDOFF_BYTES", 20_000)
    trial.prepare(["item", "item", "broken"] * 2_000)

    def stop_early(report) -> None:
        if report.confirmed:
            trial.stop.ask()

    first = trial.run(kafka, progress=stop_early, unacked_bytes=100_000)
    assert first.stopped
    assert first.unconfirmed == 0
    assert 0 < first.confirmed < len(trial.items)
    left = [one.item.native_id for one in trial.read(dict(trial.checkpoints.cursors)) if one.item]
    assert left == trial.items[first.confirmed :]
    trial.stop = type(trial.stop)()
    second = trial.run(kafka)
    assert first.confirmed + second.confirmed == len(trial.items)
    assert first.dead_letters + second.dead_letters == 2_000
    assert trial.count(kafka) == dict.fromkeys(trial.items, 1)


@kafka_mark
@pytest.mark.parametrize("place", [0, 2, 4])
def test_7_something_broken_does_not_hold_up_the_rest(trial: Trial, kafka, place):
    trial.prepare(["broken" if number == place else "item" for number in range(5)])
    report = trial.run(kafka)
    assert (report.confirmed, report.dead_letters) == (4, 1)
    assert set(trial.count(kafka)) == set(trial.items)
    assert [outcome.reason for outcome in trial.outcomes(kafka)] == list(report.reasons)


@kafka_mark
def test_8_a_broker_that_is_killed_and_comes_back_costs_nothing(trial: Trial, rough_kafka):
    trial.prepare(["item", "item", "item", "broken"] * 1_000)
    starter = threading.Thread(target=rough_kafka.start)

    def kill_once(report) -> None:
        if report.confirmed and rough_kafka.running and not starter.ident:
            rough_kafka.kill()
            starter.start()

    report = trial.run(rough_kafka, progress=kill_once, unacked_bytes=100_000)
    assert starter.ident, "the broker was not killed"
    starter.join()
    assert (report.confirmed, report.dead_letters) == (3_000, 1_000)
    assert (report.unconfirmed, report.error) == (0, None)
    count = trial.count(rough_kafka)
    assert set(count) == set(trial.items)
    assert {outcome.item_id for outcome in trial.outcomes(rough_kafka)} == _broken_ids(trial)


@kafka_mark
def test_9_what_is_not_confirmed_is_bounded(trial: Trial, rough_kafka):
    limit = 50_000
    trial.prepare(["item"] * 1_000)
    reports = []
    frozen = threading.Event()

    def freeze(report) -> None:
        reports.append((report.read, report.confirmed))
        if report.confirmed and not frozen.is_set():
            rough_kafka.pause()
            frozen.set()

    try:
        run = trial.start(rough_kafka, progress=freeze, unacked_bytes=limit, checkpoint_interval_s=0.0)
        assert frozen.wait(60)
        reached = eventually(lambda: _unchanged(reports), "reading waits", pause_s=1.5)
        cursors = dict(trial.checkpoints.cursors)
        read, confirmed = reached
        assert read < 1_000
        smallest = 500
        assert (read - confirmed) * smallest <= limit + smallest
        rest = {one.item.native_id for one in trial.read(cursors) if one.item}
        assert len(rest) >= 1_000 - confirmed
        assert run.running
    finally:
        rough_kafka.resume()
    report = run.result()
    assert (report.confirmed, report.unconfirmed) == (1_000, 0)
    assert report.waited_s > 1
    assert set(trial.count(rough_kafka)) == set(trial.items)


def _unchanged(reports: list[tuple[int, int]]) -> tuple[int, int] | None:
    """Return how far it is, where two looks show the same: `eventually` calls it with a pause between."""
    last = reports[-1]
    seen, _unchanged.seen = getattr(_unchanged, "seen", None), last
    return last if seen == last else None


@kafka_mark
def test_10_it_stops_when_it_is_asked(trial: Trial, rough_kafka):
    trial.prepare(["item"] * 5_000)
    frozen = threading.Event()

    def freeze(report) -> None:
        if report.confirmed and not frozen.is_set():
            rough_kafka.pause()
            frozen.set()

    try:
        run = trial.start(rough_kafka, progress=freeze, unacked_bytes=50_000, drain_timeout_s=1.0)
        assert frozen.wait(60)
        trial.stop.ask()
        report = run.result()
    finally:
        rough_kafka.resume()
    assert report.stopped
    assert report.unconfirmed > 0
    assert report.read == report.confirmed + report.unconfirmed
    rest = {one.item.native_id for one in trial.read(dict(trial.checkpoints.cursors)) if one.item}
    assert len(rest) == 5_000 - report.confirmed


@kafka_mark
def test_11_what_is_too_large_is_cut_and_flagged(trial: Trial, kafka):
    trial.prepare(["item", "huge", "item"])
    report = trial.run(kafka)
    assert (report.confirmed, report.cut, report.dead_letters) == (3, 1, 0)
    items = {item.native_id: item for item in trial.raw(kafka)}
    body = items["item-1"].body
    assert body.truncated
    assert RAW_RECORD_BYTES // 7 < len(body.text) <= PAGE_BODY_BYTES
    assert not items["item-0"].body.truncated


@kafka_mark
def test_12_it_is_quiet(trial: Trial, kafka, caplog):
    trial.prepare(["item"] * 300)
    with capture_logs() as ours:
        trial.run(kafka)
    assert ours == []
    assert [record for record in caplog.records if record.name.startswith(("newswire", "connectors"))] == []

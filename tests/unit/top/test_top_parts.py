"""What newswire top makes of outcomes and of the sources' topics, and how it shows that."""

from __future__ import annotations

from io import StringIO
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from connectors.sharing.definitions import define
from connectors.sharing.fold import Fold, definition_in, state_in
from newswire.cli.top_view import nothing_runs, render
from newswire.sources.catalogue import Entry
from newswire.top.ended import add_up, spent_in
from newswire.top.health import SourcesFollowed
from newswire.top.look import _mark_slowest
from newswire.top.seen import Seen, SourcesSeen, StageSeen
from schemas.outcome import Outcome, Times
from schemas.source import SourceHealth, SourceState
from schemas.topics import SOURCE_STATE, SOURCES
from schemas.wire import encode
from streams.engine.records import Record
from tests.support.ledger import TIMES, Case

ENRICH = ("enrich", "live")


def outcome(name: str = "enriched", **more: Any) -> Outcome:
    return Case("a").outcome(name, **more)


# -- outcomes ----------------------------------------------------------------------------------------------


def test_an_item_spends_in_a_stage_what_lies_between_two_steps() -> None:
    assert list(spent_in(TIMES)) == [("normalize", 0.5), ("dedupe", 0.25), ("enrich", 2.5)]
    assert list(spent_in(msgspec.structs.replace(TIMES, enriched=None))) == [
        ("normalize", 0.5),
        ("dedupe", 0.25),
    ]
    assert list(spent_in(Times())) == []


def test_clocks_that_disagree_give_nothing_and_not_less() -> None:
    earlier = msgspec.structs.replace(TIMES, normalized="2026-11-24T05:59:59Z")
    assert next(iter(spent_in(earlier))) == ("normalize", 0.0)


def test_outcomes_are_counted_by_name_and_stage_canaries_by_stage_alone() -> None:
    ended = add_up(
        [
            outcome(),
            outcome("dead_letter", reason="child_died"),
            outcome("duplicate", stage="dedupe", times=msgspec.structs.replace(TIMES, enriched=None)),
            outcome(synthetic=True),
        ]
    )
    assert ended.read == 4
    assert ended.outcomes == {"enriched": 1, "dead_letter": 1, "duplicate": 1}
    assert ended.by_stage == {ENRICH: 3, ("dedupe", "live"): 1}
    assert ended.dead[ENRICH] == 1
    assert ended.quantile(("normalize", "live"), 0.5) == 0.5
    assert ended.quantile(("normalize", "backfill"), 0.5) is None


def test_an_item_that_was_sent_again_counts_and_its_time_does_not() -> None:
    ended = add_up([outcome(attempt=2)])
    assert ended.outcomes == {"enriched": 1}
    assert not ended.seconds


@pytest.mark.parametrize(("count", "median", "highest"), [(1, 0, 0), (2, 1, 1), (20, 10, 19), (100, 50, 95)])
def test_quantiles_are_values_that_were_there(count: int, median: float, highest: float) -> None:
    ended = add_up([])
    ended.seconds[ENRICH] = [float(each) for each in reversed(range(count))]
    assert ended.quantile(ENRICH, 0.5) == median
    assert ended.quantile(ENRICH, 0.95) == highest


# -- sources -----------------------------------------------------------------------------------------------

URLS = [f"https://{name}.example/feed" for name in "abc"]
MOMENTS = [f"2026-11-2{day}T00:00:00.000000Z" for day in range(5)]


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str, bytes | None]:
    """A record of either topic: its topic, its key and its value."""
    url = draw(st.sampled_from(URLS))
    moment = draw(st.sampled_from(MOMENTS))
    definition = msgspec.structs.replace(define(url), added_at=moment)
    if draw(st.booleans()):
        gone = draw(st.integers(0, 4)) == 0
        return SOURCES.name, definition.source_id, None if gone else encode(definition)
    broken = draw(st.integers(0, 9))
    if broken < 2:
        return SOURCE_STATE.name, definition.source_id, None if broken else b"{"
    status = draw(st.sampled_from(["ok", "failing", "blocked", "stale"]))
    state = SourceState(
        source_id=definition.source_id,
        generation=draw(st.integers(0, 3)),
        worker="w",
        written_at=moment,
        next_poll_at=moment,
        health=SourceHealth(status=status, reason=None if status == "ok" else f"{status} it is"),
    )
    return SOURCE_STATE.name, definition.source_id, encode(state)


@given(st.lists(written(), max_size=30))
def test_sources_are_folded_as_their_readers_fold_them(records: list[tuple[str, str, bytes | None]]) -> None:
    fold, followed = Fold(), SourcesFollowed()
    for offset, (topic, key, value) in enumerate(records):
        if topic == SOURCES.name:
            fold.define(key, value)
        else:
            fold.state(key, offset, value)
        followed.take(Record(topic, 0, offset, 0, key.encode(), value, ()))
    entries = []
    for source_id, value, stored in fold.sources():
        definition = definition_in(source_id, value)
        assert definition is not None
        entries.append(Entry(definition, state_in(definition, None if stored is None else stored.value)))
    seen = followed.seen(workers=1, whole=True)
    assert seen.total == len(entries)
    statuses = [entry.health.status for entry in entries]
    assert seen.health == {status: statuses.count(status) for status in set(statuses)}
    reasons = [(entry.health.status, entry.health.reason) for entry in entries if entry.health.reason]
    assert {(status, reason): count for status, reason, count in seen.reasons} == {
        each: reasons.count(each) for each in set(reasons)
    }


def test_a_source_at_rest_is_disabled_however_it_did() -> None:
    followed = SourcesFollowed()
    definition = define(URLS[0], enabled=False)
    followed.take(Record(SOURCES.name, 0, 0, 0, definition.source_id.encode(), encode(definition), ()))
    assert followed.seen(workers=0, whole=True).health == {"disabled": 1}


# -- what is shown -------------------------------------------------------------------------------------------


def stage(name: Any = "enrich", **more: Any) -> StageSeen:
    fields: dict[str, Any] = {
        "stage": name,
        "lane": "live",
        "workers": 1,
        "came_per_s": 12345.6,
        "done_per_s": 0.05,
        "waiting": 1_234_567,
        "drain_s": None,
        "median_s": 0.004,
        "p95_s": 7200.0,
    }
    return StageSeen(**fields | more)


def seen(**more: Any) -> Seen:
    fields: dict[str, Any] = {
        "at": "2026-11-24T06:00:00.000000Z",
        "kafka": "127.0.0.1:9092",
        "window_s": 60.0,
        "came_per_s": 12345.6,
        "ended_per_s": 0.05,
        "waiting": 1_234_567,
        "dead_letters": 1,
        "stages": [stage("normalize"), stage("dedupe", workers=0), stage(slowest=True)],
        "ended": 3,
        "outcomes": {"enriched": 2, "near_duplicate": 1},
        "sampled": 3,
        "sources": SourcesSeen(
            total=180_000,
            workers=2,
            health={"ok": 179_990, "failing": 10},
            reasons=[("failing", "\x1b[31mtimeout after a very long wait " + "x" * 300, 10)],
        ),
    }
    return Seen(**fields | more)


def shown(what: Seen, note: str = "") -> list[str]:
    console = Console(width=80, record=True, file=StringIO())
    console.print(render(what, note))
    return [line.rstrip() for line in console.export_text().splitlines()]


def test_it_fits_80_columns_and_says_what_is_slow_and_what_is_missing() -> None:
    lines = shown(seen())
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert "\x1b" not in text
    assert "12,346/s come · 0.05/s end · 1,234,567 wait · 1 dead letter\n" in text
    (slowest,) = (line.split() for line in lines if line.split()[:1] == ["▸"])
    assert slowest == ["▸", "enrich", "1", "12,346", "0.05", "1,234,567", "never", "4", "ms", "2.0", "h"]
    assert "failing 10  [31mtimeout after a very long wait" in text
    assert "180,000, 2 workers read them" in text


def test_the_backfill_lane_is_shown_where_it_does_something() -> None:
    idle = stage("dedupe", lane="backfill", workers=0, waiting=0, came_per_s=0.0)
    assert "backfill" not in "\n".join(shown(seen(stages=[stage(), idle])))
    idle.waiting = 3
    assert "dedupe backfill" in "\n".join(shown(seen(stages=[stage(), idle])))


def test_without_any_worker_one_line_says_so() -> None:
    nothing = seen(stages=[stage(workers=0)], waiting=7)
    line = "nothing runs: no stage has a worker on Kafka at 127.0.0.1:9092 (newswire up); 7 records wait"
    assert nothing_runs(nothing) == line
    assert shown(nothing)[0].startswith("nothing runs: no stage has a worker")
    assert not nothing.running


def test_what_was_seen_before_stays_under_a_note() -> None:
    assert shown(seen(), "Kafka has not answered for 12 s")[0] == "Kafka has not answered for 12 s"


def test_slow_is_where_items_spend_time_and_else_where_most_wait() -> None:
    for stages, expected in (
        ([stage("normalize", median_s=2.0), stage("enrich", median_s=3.0)], ["enrich"]),
        (
            [stage("normalize", median_s=None, waiting=5), stage("enrich", median_s=None, waiting=4)],
            ["normalize"],
        ),
        ([stage("normalize", median_s=None, waiting=0)], []),
    ):
        _mark_slowest(stages)
        assert [each.stage for each in stages if each.slowest] == expected

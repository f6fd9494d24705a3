"""Clocks that jump, and a topic that loses an end."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from newswire.settings import load_settings
from schemas.wire import encode
from streams.dedupe import stage as stage_module
from streams.dedupe.dedupe import Dedupe, DedupeLimits
from streams.dedupe.item import items_of
from streams.dedupe.stage import SKEW_MS, DedupeStage
from streams.engine.records import Input, Result
from tests.unit.dedupe.dedupe_parts import DAY, START, article, prose, time_of


def shown(number: int, at: int = START) -> object:
    return article(prose(60, seed=number), url=f"https://example.org/{number}", at=at)


def test_what_is_judged_while_the_brokers_clock_is_behind_is_folded() -> None:
    """Its own time goes on from the newest before it, so that it is appended long before it was judged."""
    first, rebuilt = Dedupe(DedupeLimits(), None), []
    state = Dedupe(DedupeLimits(), None, on_set_aside=lambda *one: rebuilt.append(one))
    for offset, at in enumerate([START, START - 40 * DAY, START - 39 * DAY, START + 1]):
        sighting = first.judge(shown(offset, START), at)
        assert sighting.verdict == "new"
        state.fold(encode(sighting), offset, at)
    assert state.set_aside == 0
    assert state.entries == 4
    for each in (first, state):
        each.close()


def test_what_says_that_it_was_judged_long_after_everything_is_set_aside() -> None:
    first, told = Dedupe(DedupeLimits(), None), []
    state = Dedupe(DedupeLimits(), None, on_set_aside=lambda *one: told.append(one))
    state.fold(encode(first.judge(shown(0), START)), 0, START)
    state.fold(encode(first.judge(shown(1), START + 40 * DAY)), 1, START)
    assert state.set_aside == 1
    assert told == [(1, f"judged at {time_of(START + 40 * DAY)}, long after it was appended")]
    for each in (first, state):
        each.close()


def test_before_what_the_topic_still_has_nothing_is_known(dedupe: Dedupe) -> None:
    assert dedupe.judge(shown(0), START).flags == []
    dedupe.know_since(START + 5 * DAY)
    sighting = dedupe.judge(shown(1, START + 4 * DAY), START + 6 * DAY)
    assert sighting.flags == ["history_unknown"]
    assert sighting.window_start == time_of(START + 5 * DAY)
    assert dedupe.judge(shown(2, START + 5 * DAY + 1), START + 6 * DAY).flags == []
    # The window passes it.
    late = dedupe.judge(shown(3, START + 40 * DAY), START + 40 * DAY)
    assert late.window_start == time_of(START + 10 * DAY)


def test_files_say_of_which_item_their_last_sighting_is(tmp_path: Path) -> None:
    """Of that which left last, be it a repetition: not of what was judged since."""
    one, other, third = items_of([shown(0), shown(1), shown(2)])
    state = Dedupe(DedupeLimits(), tmp_path)
    assert state.last == b""
    for item in (one, other, one, third):
        state.judge_item(item, START)
    state.reach(4)
    state.confirm(4)
    state.confirm(5)
    assert state.last == other.key
    state.confirm(6)
    state.close()
    state = Dedupe(DedupeLimits(), tmp_path)
    assert (state.position, state.last) == (7, one.key)
    state.reset()
    assert (state.position, state.last) == (0, b"")
    state.close()


@pytest.fixture
def stage(tmp_path: Path, dedupe: Dedupe) -> DedupeStage:
    made = DedupeStage(load_settings({"data_dir": tmp_path}, environ={}))
    made._state = dedupe
    return made


async def judged(stage: DedupeStage, number: int, at: int) -> Result:
    (result,) = await stage.process([Input(encode(shown(number)), at)])
    return result


async def test_a_time_far_ahead_of_this_machine_is_not_believed(stage: DedupeStage) -> None:
    now = int(time.time() * 1000)
    await judged(stage, 0, now + 40 * DAY)
    await judged(stage, 1, now)
    assert stage._state is not None
    assert now <= stage._state._state.clock <= int(time.time() * 1000) + SKEW_MS


async def test_a_sighting_out_of_line_is_told_once(
    stage: DedupeStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    # Not an attribute of the log itself: taken back, that would leave it one that was bound in this test.
    log = SimpleNamespace(warning=lambda event, **facts: told.append((event, facts)))
    monkeypatch.setattr(stage_module, "log", log)
    done = [await judged(stage, number, START + number) for number in range(4)]
    assert stage.delivered(done[0], (0, 3))
    assert stage.delivered(done[1], (1, 4))
    assert not stage.delivered(done[2], (9, 5))
    assert not stage.delivered(done[3], (10, 6))
    assert told == [("sighting_out_of_line", {"stage": "dedupe", "offset": 9, "expected": 2})]


def test_what_is_missing_of_the_window_is_a_metric(
    stage: DedupeStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stage._history_missing_s() == 0.0
    assert stage._state is not None
    now = 1_800_000_000.0
    monkeypatch.setattr(stage_module.time, "time", lambda: now)
    stage._state.know_since(int(now * 1000) - 10 * DAY)
    assert stage._history_missing_s() == pytest.approx(20 * 86400)
    stage._state.know_since(int(now * 1000) - 33 * DAY)
    assert stage._history_missing_s() == 0.0

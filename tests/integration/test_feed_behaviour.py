"""The feeds connector over a simulated fortnight: a good guest everywhere, and nothing that was shown is lost."""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime
from itertools import groupby, pairwise
from typing import NamedTuple

import pytest

from connectors.feeds.cursor import state_from, stored_of
from connectors.feeds.state import FeedState
from schemas.raw_item import RawItem
from tests.support.behaviour import DAY, HOUR, BehaviourServer
from tests.support.manners import sites
from tests.support.polling import Everything, book_of, definition, poll_until, virtual_fetcher
from tests.support.virtual import VirtualClock

pytestmark = pytest.mark.slow
START = datetime(2026, 11, 2, 8, 20, tzinfo=UTC).timestamp()
FORTNIGHT = 14 * DAY
NEVER_HAD = -2


class Fortnight(NamedTuple):
    server: BehaviourServer
    emitted: Everything
    items: dict[str, list[RawItem]]
    """By site."""
    states: dict[str, FeedState]
    """As they were last written down."""


@pytest.fixture(scope="module")
def fortnight() -> Fortnight:
    return asyncio.run(live_through())


async def live_through() -> Fortnight:
    clock = VirtualClock(START)
    server = BehaviourServer(clock, sites())
    port = await server.start()
    server.crawl_delay("wants_patience", 40)
    named = {}
    definitions = []
    for site in server.sites.values():
        one = definition(site.url("/feed"), allow_hosts=[f"{site.host}:{port}"])
        named[one.source_id] = site.name
        definitions.append(one)
    fetcher = virtual_fetcher(clock)
    try:
        emitted = await poll_until(clock, START + FORTNIGHT, book_of(definitions), fetcher)
    finally:
        await fetcher.close()
        await server.stop()
    items = defaultdict(list)
    for item in emitted.items:
        items[named[item.source_id]].append(item)
    states = {}
    for stream, cursor in emitted.cursors.items():
        stored = stored_of(cursor)
        assert stored is not None
        states[named[stream]] = state_from(stored)
    return Fortnight(server, emitted, items, states)


def editions(items: list[RawItem], number: int) -> list[int]:
    """What was emitted of one article: its editions, -1 where it was withdrawn after it was had."""
    found = []
    for item in items:
        if item.native_id.rpartition("-")[2] == str(number):
            if item.body is None:
                assert item.fetch is not None
                assert item.fetch.failures in {0, 2}
                found.append(-1 if item.fetch.failures else NEVER_HAD)
            else:
                found.append(int(re.search(r"edition (\d+)", item.body.text or "")[1]))  # type: ignore[index]
    return found


def shown(visits: list[int]) -> list[int]:
    """What visits to one page showed: each edition once, a removal when it was seen twice in a row."""
    found: list[int] = []
    for edition, run in groupby(visits):
        seen = len(list(run))
        if edition == -1:
            if found and seen > 1:
                found.append(-1)
        elif not found or found[-1] != edition:
            found.append(edition)
    return found or [NEVER_HAD]


def test_it_never_misbehaves(fortnight: Fortnight):
    requests = sum(map(len, fortnight.server.requests.values()))
    assert requests > 3_000
    wrong = Counter((each.rule, each.site) for each in fortnight.server.violations)
    assert wrong == {}, "\n".join(map(str, fortnight.server.violations[:20]))


def test_every_article_that_was_shown_is_emitted_once(fortnight: Fortnight):
    served = fortnight.server.served
    assert sum(map(len, served.values())) > 10_000
    for name, articles in served.items():
        items = fortnight.items[name]
        if name == "drifts":
            assert Counter(item.url for item in items) == dict.fromkeys({item.url for item in items}, 1)
            assert len(items) == len(articles)
            continue
        count = Counter(item.native_id for item in items)
        assert set(count) == {f"{name}-{number}" for number in articles}, name
        if "pages" not in name and "teases" not in name and "patience" not in name:
            assert max(count.values(), default=1) == 1, name


def test_a_first_window_is_history_but_for_what_is_of_today(fortnight: Fortnight):
    lanes = [item.lane for item in fortnight.items["plain"]]
    assert lanes[:10] == ["backfill"] * 2 + ["live"] * 8, "published every three hours, oldest first"
    assert set(lanes[10:]) == {"live"}
    assert {item.lane for item in fortnight.items["busy"]} == {"live"}


@pytest.mark.parametrize("name", ["teases", "teases_and_dates", "wants_patience", "pages_come_late"])
def test_edits_and_removals_of_pages_are_seen(fortnight: Fortnight, name: str):
    pages = fortnight.server.pages[name]
    assert len(pages) > 60
    for number, visits in pages.items():
        assert editions(fortnight.items[name], number) == shown(visits), (number, visits)
    found = [editions(fortnight.items[name], number) for number in pages]
    if name != "pages_come_late":
        assert {(0,), (0, 1), (0, 1, 2), (0, -1), (0, -1, 0)} <= set(map(tuple, found))


def test_pages_that_robots_forbid_are_told(fortnight: Fortnight):
    items = fortnight.items["forbids_pages"]
    assert {item.fetch and item.fetch.result for item in items} == {"robots"}
    assert {item.rights and item.rights.robots_allowed for item in items} == {False}
    assert all(item.body is None and item.entry and item.entry.summary for item in items)


def test_pages_are_known_to_be_allowed(fortnight: Fortnight):
    assert {item.rights and item.rights.robots_allowed for item in fortnight.items["teases"]} == {True}


def test_a_server_that_lies_in_304s_is_found_out(fortnight: Fortnight):
    for name in ("lies_with_one_tag", "lies_with_true_tags"):
        statuses = [status for _at, path, status in fortnight.server.requests[name] if path == "/feed"]
        assert 6 <= statuses.count(304) < 15, "for a day it is believed"
        assert statuses[-10:] == [200] * 10
        assert fortnight.states[name].validators.distrusted_until > START + FORTNIGHT
    for name in ("tagged", "dated", "quiet", "max_age_of_304"):
        assert fortnight.states[name].validators.distrusted_until == 0, name


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("plain", "ok", None),
        ("gone", "gone", "410"),
        ("never_was", "dimmed", "404"),
        ("forbids", "blocked", "403"),
        ("forbids_feeds", "blocked", "robots"),
        ("flaps", "ok", None),
        ("breaks_down", "ok", None),
        ("becomes_html", "ok", None),
        ("breaks_off", "ok", None),
    ],
)
def test_how_sources_do_in_the_end(fortnight: Fortnight, name: str, status: str, reason: str | None):
    standing = fortnight.states[name].standing
    assert standing.status == status
    assert (standing.reason or "").partition(":")[0] == (reason or "")


def test_what_fails_is_asked_less_and_less_often_but_never_forgotten(fortnight: Fortnight):
    polls = [at for at, path, _status in fortnight.server.requests["never_was"] if path == "/feed"]
    gaps = [later - earlier for earlier, later in pairwise(polls)]
    assert gaps[0] < 2 * HOUR
    assert all(later > 1.5 * earlier for earlier, later in pairwise(gaps[:4]))
    assert all(0.94 * DAY < gap < 1.06 * DAY for gap in gaps[-5:])


def test_moves_are_adopted(fortnight: Fortnight):
    for name in ("moved_301", "moved_308_over_stations"):
        adopted = fortnight.states[name].address.adopted
        assert adopted is not None
        assert adopted.endswith("/there")
    assert fortnight.states["elsewhere_302"].address.adopted is None


def test_what_was_to_be_a_feed_and_is_none_is_set_aside_once(fortnight: Fortnight):
    broken = [reading.broken for reading in fortnight.emitted.readings if reading.broken is not None]
    assert [(one.data, one.error.reason) for one in broken] == [(b"<rss", "feed_broken")]


def test_entries_that_came_and_went_are_told(fortnight: Fortnight):
    for name in ("period", "max_age", "expires"):
        assert fortnight.states[name].missed > 10, "it shows less than what comes while it wants no poll"
    for name in ("plain", "busy", "tagged", "lies_with_true_tags", "teases", "drifts"):
        assert fortnight.states[name].missed == 0, name

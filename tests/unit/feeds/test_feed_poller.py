"""The poller: what happens to sources that come, change and go, and to what is under way meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from connectors.feeds import connector
from connectors.feeds import poller as module
from connectors.feeds.cursor import stored_of
from connectors.feeds.parsing import feed
from connectors.feeds.poller import Poller, PollOptions
from connectors.framework.connector import Reading
from connectors.sharing.book import Change
from connectors.web.message import Request, Response
from connectors.web.politeness import Policy
from newswire.settings import Settings
from newswire.telemetry.metrics import REGISTRY
from schemas.source import SourceDefinition, SourceState
from tests.support.polling import Everything, ParserInPlace, definition
from tests.support.virtual import VirtualClock
from tests.support.waiting import eventually_async

HOUR = 3600.0
START = 1_795_521_600.0


class Book:
    """A book that a test writes."""

    def __init__(self, *added: Change) -> None:
        self.waiting = list(added)
        self.news = asyncio.Event()
        self.ours = True
        self.let_go: list[str] = []

    def tell(self, *changes: Change) -> None:
        self.waiting += changes
        self.news.set()

    async def changes(self, wait_s: float) -> list[Change]:
        if not self.waiting:
            if not wait_s:
                return []
            await self.news.wait()
        changes, self.waiting = self.waiting, []
        self.news.clear()
        return changes

    def holds(self, source_id: str) -> bool:
        return self.ours

    def released(self, source_ids: list[str]) -> None:
        self.let_go += source_ids


class Web:
    """A fetcher that answers as it is told; *answer* may wait."""

    def __init__(self, answer: Callable[[Request], Any]) -> None:
        self.answer = answer
        self.asked: list[Request] = []
        self.cancelled = 0

    async def fetch(self, request: Request, *, may_start: Callable[[], bool] | None = None) -> Response:
        self.asked.append(request)
        try:
            found = self.answer(request)
            return await found if asyncio.iscoroutine(found) else found
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    def wait_s(self, request: Request) -> float:
        return 0.0

    async def close(self) -> None:
        """Nothing to close."""

    def times(self, kind: str) -> int:
        return sum(request.kind == kind for request in self.asked)


def answered(request: Request, body: str = "", result: str = "ok", **facts: Any) -> Response:
    status = {"ok": 200, "not_modified": 304}.get(result) or (int(result) if result.isdigit() else None)
    return Response(
        result=result,
        requested_url=request.url,
        final_url=request.url,
        status=status,
        body=body.encode(),
        media_type="text/html" if request.kind == "page" else "application/rss+xml",
        **facts,
    )


def feed_of(*names: str, whole: bool = True) -> str:
    text = "Words that go on. " * 80 if whole else "A teaser."
    entries = "".join(
        f"<item><guid isPermaLink='false'>{name}</guid><link>https://a.example/{name}</link><title>{name}</title>"
        f"<description>{text}</description><pubDate>Tue, 24 Nov 2026 11:00:00 GMT</pubDate></item>"
        for name in names
    )
    return f"<rss version='2.0'><channel><title>t</title>{entries}</channel></rss>"


def site(*names: str, whole: bool = True) -> Web:
    """A web of one feed and its pages."""
    return Web(
        lambda request: answered(
            request,
            feed_of(*names, whole=whole) if request.kind == "feed" else f"<p>The page {request.url}.</p>",
        )
    )


def overdue() -> float:
    return REGISTRY.get_sample_value("newswire_feed_oldest_overdue_seconds") or 0.0


A = definition("https://a.example/feed")


def added(one: SourceDefinition = A, cursor: Any = None, **facts: Any) -> Change:
    state: SourceState | None = None if cursor is None else stored_of(cursor)
    return Change(kind="added", source_id=one.source_id, definition=one, state=state, **facts)


class Run:
    """A poller that runs in virtual time."""

    def __init__(
        self, book: Book, web: Web, clock: VirtualClock | None = None, emit: Any = None, **options: Any
    ):
        self.clock = clock or VirtualClock(START)
        self.emitted = emit or Everything()
        self.poller = Poller(
            book, web, ParserInPlace(), clock=self.clock, emit=self.emitted, options=PollOptions(**options)
        )
        self.task = asyncio.create_task(self.poller.run())

    async def until(self, hours: float) -> None:
        """Let time pass."""
        await asyncio.sleep(0)
        await self.clock.run_until(START + hours * HOUR)
        if self.task.done():
            self.task.result()

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    @property
    def names(self) -> list[str]:
        return [item.native_id for item in self.emitted.items]


async def test_a_crash_between_a_poll_and_its_pages_loses_none():
    web = site("c", "b", "a", whole=False)
    held = asyncio.Event()

    async def wait(request: Request) -> Response:
        await held.wait()
        return answered(request, "<p>late</p>")

    first = Web(lambda request: web.answer(request) if request.kind == "feed" else wait(request))
    run = Run(Book(added()), first)
    await run.until(0.01)
    assert run.names == []
    cursor = dict(run.emitted.cursors[A.source_id])
    await run.stop()
    assert first.cancelled == 1
    again = Run(Book(added(cursor=cursor)), web)
    await again.until(0.5)
    assert again.names == ["a", "b", "c"]
    assert web.times("page") == 3
    await again.stop()


async def test_a_robots_txt_that_is_away_for_a_while_costs_neither_a_page_nor_a_visit():
    """As after a worker's restart, when no rules are remembered."""
    web = site("b", "a", whole=False)
    away = [(0.0, 0.2), (1.2, 1.5)]

    def answer(request: Request) -> Response:
        hours = (run.clock.now() - START) / HOUR
        if request.kind == "page" and any(begin <= hours < end for begin, end in away):
            return answered(request, result="robots_unreachable", retry_after_s=600.0)
        return web.answer(request)

    asked = Web(answer)
    run = Run(Book(added()), asked)
    await run.until(2)
    assert run.names == ["a", "b"]
    assert all(item.body is not None for item in run.emitted.items)
    assert asked.times("page") == 2 * 4, "twice in vain, had, and visited in vain"
    await run.until(90)
    assert asked.times("page") == 2 * 7, "after 6, 24 and 72 hours"
    await run.stop()


async def test_what_a_clock_wrote_that_was_ahead_does_not_silence_a_source():
    """A poll on a day that has not come yet set the next one after it."""
    ahead = Run(Book(added()), site("a"), VirtualClock(START + 40 * 24 * HOUR))
    await ahead.clock.run_until(START + (40 * 24 + 1) * HOUR)
    cursor = dict(ahead.emitted.cursors[A.source_id])
    await ahead.stop()
    web = site("b", "a")
    run = Run(Book(added(cursor=cursor)), web)
    await run.until(0.5)
    assert web.times("feed") >= 1
    assert run.names == ["b"]
    await run.stop()


async def test_a_crash_in_the_middle_of_a_window_shows_the_rest_and_nothing_twice():
    web = site("d", "c", "b", "a")
    run = Run(Book(added()), web)
    await run.until(0.01)
    assert run.names == ["a", "b", "c", "d"]
    await run.stop()
    for done, reading in enumerate(run.emitted.readings, 1):
        cursor = dict(reading.cursor or {})
        again = Run(Book(added(cursor=cursor)), web)
        await again.until(0.2)
        assert again.names == ["a", "b", "c", "d"][done:]
        assert {item.lane for item in again.emitted.items} <= {"live"}
        await again.stop()


async def test_a_revoked_source_is_cancelled_let_go_and_silent():
    held = asyncio.Event()

    async def wait(request: Request) -> Response:
        await held.wait()
        return answered(request, feed_of("a"))

    web = Web(wait)
    book = Book(added())
    run = Run(book, web)
    await run.until(0.01)
    assert (len(web.asked), book.let_go) == (1, [])
    book.tell(Change(kind="revoked", source_id=A.source_id))
    await run.until(0.02)
    assert (web.cancelled, book.let_go) == (1, [A.source_id])
    held.set()
    await run.until(50)
    assert run.emitted.readings == []
    assert len(web.asked) == 1
    book.tell(added())
    await run.until(51)
    assert run.names == ["a"]
    await run.stop()


async def test_it_is_not_let_go_before_the_broker_has_what_was_read():
    kept: list[Reading] = []

    async def keep(reading: Reading) -> None:
        kept.append(reading)

    book = Book(added())
    run = Run(book, site("a"), emit=keep)
    await run.until(0.01)
    book.tell(Change(kind="revoked", source_id=A.source_id))
    await run.until(1)
    assert (len(kept), book.let_go) == (1, [])
    assert kept[0].acked is not None
    kept[0].acked()

    async def let_go() -> list[str]:
        return book.let_go

    assert await eventually_async(let_go, "it is let go", pause_s=0.01) == [A.source_id]
    await run.stop()


async def test_what_is_not_surely_ours_is_neither_asked_for_nor_emitted():
    book = Book(added())
    book.ours = False
    web = site("a")
    run = Run(book, web)
    await run.until(1)
    assert web.asked == []
    book.ours = True
    await run.until(1.01)
    assert run.names == ["a"]
    await run.stop()

    def lose(request: Request) -> Response:
        book.ours = False
        return answered(request, feed_of("b", "a"))

    book = Book(added())
    lost = Run(book, Web(lose))
    await lost.until(0.1)
    assert lost.emitted.readings == []
    book.ours = True
    lost.poller._fetcher = site("b", "a")
    await lost.until(0.2)
    assert lost.names == ["a", "b"], "what was not emitted was not taken for seen"
    await lost.stop()


async def test_the_last_owner_is_waited_for():
    web = site("a")
    run = Run(Book(added(not_before=START + HOUR)), web)
    await run.until(0.99)
    assert web.asked == []
    await run.until(1.3)
    assert len(web.asked) == 1
    await run.stop()


async def test_what_an_owner_before_was_asked_is_kept_to():
    headers = {"cache-control": "max-age=1200", "etag": "e"}
    web = Web(lambda request: answered(request, feed_of("a"), headers=headers))
    run = Run(Book(added()), web)
    await run.until(0.01)
    cursor = dict(run.emitted.cursors[A.source_id])
    await run.stop()
    clock = VirtualClock(START + 5 * HOUR)
    taken_over = Run(Book(added(cursor=cursor)), site("a"), clock)
    await taken_over.until(5 + 0.33)
    web = taken_over.poller._fetcher  # type: ignore[assignment]
    assert web.asked == [], "the last owner may have asked a moment ago"
    await taken_over.until(5 + 0.4)
    assert [request.etag for request in web.asked] == ["e"]
    await taken_over.stop()


async def test_nothing_is_written_where_nothing_happened():
    tags = {"etag": "e"}
    web = Web(
        lambda request: (
            answered(request, result="not_modified", headers=tags)
            if request.etag
            else answered(request, feed_of("a"), headers=tags)
        )
    )
    run = Run(Book(added()), web)
    await run.until(20)
    assert len(web.asked) > 5
    assert len(run.emitted.readings) == 1
    await run.stop()


async def test_a_feed_that_asks_for_long_patience_has_it_written_down():
    tags = {"etag": "e", "cache-control": "max-age=7200"}
    web = Web(
        lambda request: (
            answered(request, result="not_modified", headers=tags)
            if request.etag
            else answered(request, feed_of("a"), headers=tags)
        )
    )
    run = Run(Book(added()), web)
    await run.until(20)
    assert len(run.emitted.readings) == len(web.asked)
    await run.stop()


async def test_the_operator_stops_and_starts_a_source():
    web = site("a")
    book = Book(added())
    run = Run(book, web)
    await run.until(0.01)
    off = msgspec.structs.replace(A, enabled=False)
    book.tell(Change(kind="changed", source_id=A.source_id, definition=off))
    await run.until(100)
    asked = len(web.asked)
    assert asked == 1
    book.tell(Change(kind="changed", source_id=A.source_id, definition=A))
    await run.until(100.1)
    assert len(web.asked) == 2
    book.tell(Change(kind="removed", source_id=A.source_id))
    await run.until(300)
    assert len(web.asked) == 2
    assert book.let_go == []
    await run.stop()


async def test_a_feed_that_is_longer_than_is_read_is_counted_and_named_once(monkeypatch: pytest.MonkeyPatch):
    def cut() -> float:
        return REGISTRY.get_sample_value("newswire_feed_windows_cut_total") or 0.0

    monkeypatch.setattr(feed, "FEED_ENTRIES", 2)
    numbers = count()
    web = Web(lambda request: answered(request, feed_of(f"new-{next(numbers)}", "b", "a")))
    before = cut()
    with capture_logs() as said:
        run = Run(Book(added()), web)
        await run.until(3)
        await run.stop()
    assert cut() - before == web.times("feed") > 2
    (one,) = [line for line in said if "more entries than are read" in line["event"]]
    assert (one["log_level"], one["source_id"], one["url"]) == ("warning", A.source_id, A.url)


async def test_a_feed_that_is_gone_is_asked_again_when_its_definition_is_touched():
    answers = iter(["410", "ok"])
    web = Web(lambda request: answered(request, feed_of("a"), next(answers)))
    book = Book(added())
    run = Run(book, web)
    await run.until(50)
    assert len(web.asked) == 1
    assert run.emitted.cursors[A.source_id]["health"]["status"] == "gone"
    book.tell(Change(kind="changed", source_id=A.source_id, definition=A))
    await run.until(50.1)
    assert run.names == ["a"]
    assert run.emitted.cursors[A.source_id]["health"]["status"] == "ok"
    await run.stop()


async def test_a_source_that_was_touched_while_nobody_read_it_is_asked_again():
    run = Run(Book(added()), Web(lambda request: answered(request, result="410")))
    await run.until(1)
    cursor = {**run.emitted.cursors[A.source_id], "written_at": "2026-11-24T13:00:00Z"}
    await run.stop()
    for updated_at, names in (("2026-11-24T12:59:00Z", []), ("2026-11-24T13:01:00Z", ["a"])):
        one = msgspec.structs.replace(A, updated_at=updated_at)
        again = Run(Book(added(one, cursor)), site("a"))
        await again.until(1)
        assert again.names == names
        await again.stop()


async def test_a_source_that_is_touched_while_it_is_asked_is_asked_again():
    held = asyncio.Event()

    async def answer(request: Request) -> Response:
        if web.times("feed") > 1:
            return answered(request, feed_of("a"))
        await held.wait()
        return answered(request, result="410")

    web = Web(answer)
    book = Book(added())
    run = Run(book, web)
    await run.until(1)
    book.tell(Change(kind="changed", source_id=A.source_id, definition=A))
    await run.until(1.1)
    assert len(web.asked) == 1
    held.set()
    await run.until(1.2)
    assert run.names == ["a"]
    assert run.emitted.cursors[A.source_id]["health"]["status"] == "ok"
    await run.stop()


async def test_other_connectors_sources_are_left_alone():
    web = site("a")
    run = Run(Book(added(msgspec.structs.replace(A, kind="sitemap"))), web)
    await run.until(1)
    assert web.asked == []
    await run.stop()


async def test_while_nothing_is_taken_nothing_more_is_asked_for():
    room = asyncio.Event()

    async def wait(_reading: Reading) -> None:
        await room.wait()

    web = Web(lambda request: answered(request, feed_of("a")))
    sources = [definition(f"https://{number}.example/feed") for number in range(40)]
    run = Run(Book(*map(added, sources)), web, emit=wait, fetches=16)
    await run.until(1)
    assert len(web.asked) == 4, "a quarter of the fetches, since no host is slow"
    assert HOUR - 30 < overdue() <= HOUR, "nobody woke the loop, and it tells how long it has gone on"
    run.poller._turned_slow("0.example")
    await run.until(1.001)
    assert overdue() > HOUR - 30, "nor does a wake that brings no room"
    room.set()
    await run.until(1.1)
    assert {request.url for request in web.asked} == {one.url for one in sources}
    assert overdue() == 0
    await run.stop()


async def test_sources_that_come_together_are_polled_one_after_the_other():
    clock = VirtualClock(START)
    times: list[float] = []

    def answer(request: Request) -> Response:
        times.append(clock.now() - START)
        return answered(request, feed_of("a"))

    sources = [definition(f"https://{number}.example/feed") for number in range(1_000)]
    run = Run(Book(*map(added, sources)), Web(answer), clock)
    await run.until(0.02)
    assert len(times) == 1_000
    assert 48 < max(times) <= 50.1
    assert max(sum(second <= at < second + 1 for at in times) for second in range(50)) < 50
    await run.stop()


async def test_slow_hosts_hold_up_nobody_else(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "SLOW_AFTER_S", 0.01)
    never = asyncio.Event()

    async def silence(request: Request) -> Response:
        await never.wait()
        return answered(request, result="timeout")

    web = Web(lambda request: silence(request) if "slow" in request.url else answered(request, feed_of("a")))
    slow = [definition(f"https://slow-{number}.example/feed") for number in range(100)]
    good = [definition(f"https://good-{number}.example/feed") for number in range(100)]
    clock = VirtualClock(START)
    run = Run(
        Book(*[added(one) for pair in zip(slow, good, strict=True) for one in pair]), web, clock, fetches=160
    )
    done: set[str] = set()
    for _ in range(200):
        await run.until((clock.now() - START) / HOUR + 0.01)
        await asyncio.sleep(0.01)
        done = {request.url for request in web.asked if "good" in request.url}
        if len(done) == 100:
            break
    assert len(done) == 100
    assert sum(run.poller.turns.running) <= 160
    await run.stop()


async def test_once_ends_when_all_that_was_due_is_done():
    web = site("b", "a", whole=False)
    run = Run(Book(added()), web, once=True)
    moving = asyncio.create_task(run.clock.run_until(START + HOUR))
    await asyncio.wait_for(run.task, 60)
    moving.cancel()
    assert run.names == ["a", "b"]
    cursor = dict(run.emitted.cursors[A.source_id])
    again = Run(Book(added(cursor=cursor)), web, once=True)
    await asyncio.wait_for(again.task, 60)
    assert again.names == []
    assert len(web.asked) == 3


async def test_once_tries_nothing_again_later():
    web = Web(
        lambda request: (
            answered(request, feed_of("a", whole=False))
            if request.kind == "feed"
            else answered(request, result="503")
        )
    )
    run = Run(Book(added()), web, once=True)
    await asyncio.wait_for(run.task, 60)
    (item,) = run.emitted.items
    assert item.fetch is not None
    assert item.fetch.result == "503"


async def test_a_host_that_rests_for_long_is_put_off_and_not_held_against_its_feed():
    answers = iter(["resting", "ok"])
    web = Web(lambda request: answered(request, feed_of("a"), next(answers), retry_after_s=2 * HOUR))
    run = Run(Book(added()), web)
    await run.until(1.9)
    assert len(web.asked) == 1
    await run.until(2.1)
    assert run.names == ["a"]
    assert run.emitted.cursors[A.source_id]["health"]["failures"] == 0
    await run.stop()


async def test_a_defect_ends_the_run():
    def fail(_request: Request) -> Response:
        raise ZeroDivisionError

    run = Run(Book(added()), Web(fail))
    await run.clock.run_until(START + 100)
    with pytest.raises(ZeroDivisionError):
        await run.task


def test_so_many_fetches_at_once_as_the_settings_say(monkeypatch: pytest.MonkeyPatch):
    class Enough(Exception):
        pass

    policies = []

    def made(settings: Settings, *, clock: Any, policy: Policy) -> None:
        policies.append(policy)
        raise Enough

    monkeypatch.setattr(connector, "polite_fetcher", made)
    feeds = connector.FeedsConnector(settings=Settings(connect_fetches=7))
    feeds.open(connector.FeedsOptions(feeds=["https://example.org/"], gap_s=9), {})
    with pytest.raises(Enough):
        list(feeds.read())
    assert [(policy.fetches, policy.gap_s) for policy in policies] == [(7, 9)]

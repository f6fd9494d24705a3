"""What a run writes down and tells, how it ends, and how the next one goes on from there."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest
from structlog.testing import capture_logs

from connectors.feeds.parsing import feed
from connectors.web.message import Request, Response
from newswire.telemetry.metrics import REGISTRY
from tests.support.poller_runs import HOUR, START, A, Book, Run, Web, added, answered, feed_of, site
from tests.support.virtual import VirtualClock


def never_new(**headers: str) -> Web:
    """A web of one feed that has not changed since it was first asked for."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    return Web(
        lambda request: (
            answered(request, result="not_modified", headers=said)
            if request.etag
            else answered(request, feed_of("a"), headers=said)
        )
    )


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


async def test_nothing_is_written_where_nothing_happened():
    web = never_new(etag="e")
    run = Run(Book(added()), web)
    await run.until(20)
    assert len(web.asked) > 5
    assert len(run.emitted.readings) == 1
    await run.stop()


async def test_a_feed_that_asks_for_long_patience_has_it_written_down():
    web = never_new(etag="e", cache_control="max-age=7200")
    run = Run(Book(added()), web)
    await run.until(20)
    assert len(run.emitted.readings) == len(web.asked)
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


async def test_a_defect_ends_the_run():
    def fail(_request: Request) -> Response:
        raise ZeroDivisionError

    run = Run(Book(added()), Web(fail))
    await run.clock.run_until(START + 100)
    with pytest.raises(ZeroDivisionError):
        await run.task

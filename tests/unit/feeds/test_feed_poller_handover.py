"""Whose a source is: what is not surely ours is left alone, and what is given up is let go when all is written."""

from __future__ import annotations

import asyncio

from connectors.framework.connector import Reading
from connectors.sharing.book import Change
from connectors.web.message import Request, Response
from tests.support.poller_runs import HOUR, START, A, Book, Run, Web, added, answered, feed_of, site
from tests.support.virtual import VirtualClock
from tests.support.waiting import eventually_async


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

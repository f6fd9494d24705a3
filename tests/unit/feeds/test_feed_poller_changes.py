"""Definitions that are touched, switched off or removed, while the poller runs and while nobody reads them."""

from __future__ import annotations

import asyncio

import msgspec

from connectors.sharing.book import Change
from connectors.web.message import Request, Response
from tests.support.poller_runs import A, Book, Run, Web, added, answered, feed_of, site


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

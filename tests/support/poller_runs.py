"""A poller in virtual time, with a book and a web that a test writes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from connectors.feeds.cursor import stored_of
from connectors.feeds.poller import Poller, PollOptions
from connectors.sharing.book import Change
from connectors.web.message import Request, Response
from schemas.source import SourceDefinition, SourceState
from tests.support.polling import Everything, ParserInPlace, definition
from tests.support.virtual import VirtualClock

HOUR = 3600.0
START = 1_795_521_600.0
A = definition("https://a.example/feed")


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

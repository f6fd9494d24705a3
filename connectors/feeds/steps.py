"""One step with one source: what is due is fetched, read, decided on by pure functions, and emitted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from connectors.clock import Clock
from connectors.feeds import following, polling
from connectors.feeds.blocked import wall_of
from connectors.feeds.dates import stamp
from connectors.feeds.emitting import Source, of_page, of_poll, of_visit
from connectors.feeds.fingerprint import page_fingerprint
from connectors.feeds.following import Due
from connectors.feeds.measure import Measures
from connectors.feeds.model import FeedError, ParsedFeed
from connectors.feeds.schedule import DAY_S
from connectors.feeds.state import FeedState
from connectors.framework.connector import Reading
from connectors.web.message import Request, Response
from newswire.telemetry.logs import log
from newswire.telemetry.secrets import without_secrets
from schemas.limits import FEED_ENTRIES

__all__ = ["FeedReader", "Lost", "PageFetcher", "Steps"]


class Lost(Exception):
    """The source is not ours any more: nothing of it may be emitted."""


class PageFetcher(Protocol):
    """What fetches: `connectors.web.politeness.PoliteFetcher`."""

    async def fetch(self, request: Request, *, may_start: Callable[[], bool] | None = None) -> Response:
        """Fetch; raises nothing but what cancels it."""

    def wait_s(self, request: Request) -> float:
        """Return for how many seconds the host wants to be left alone before this request."""

    async def close(self) -> None:
        """Close every connection."""


class FeedReader(Protocol):
    """What parses: `connectors.feeds.parsing.FeedParser`."""

    async def parse(
        self, data: bytes, *, url: str, content_type: str | None = None, charset: str | None = None
    ) -> ParsedFeed:
        """Read a feed, or raise a `FeedError`."""

    async def close(self) -> None:
        """End the children."""


class Steps:
    """Takes steps; many at once, one at a time with each source."""

    def __init__(
        self,
        parser: FeedReader,
        clock: Clock,
        emit: Callable[[Reading], Awaitable[None]],
        measures: Measures,
        *,
        once: bool,
    ) -> None:
        """*emit* waits for room; *once* tries nothing again later, and writes every state down."""
        self._parser = parser
        self._clock = clock
        self._emit = emit
        self._measures = measures
        self._once = once
        self._last_stamp = 0.0
        self._cut: set[str] = set()
        """Sources of which it was said that their feeds are read in part."""

    async def take(
        self,
        source: Source,
        state: FeedState,
        due: Due,
        response: Response,
        holds: Callable[[], bool],
    ) -> FeedState:
        """Act on the *response* to what was due, and return the state after it.

        Raises:
            Lost: *holds* says no, before what came of it was emitted.
        """

        async def emit(reading: Reading) -> None:
            if not holds():
                raise Lost
            await self._emit(reading)

        if response.result == "not_started":
            raise Lost
        if response.result == "resting" and not (self._once and due.kind == "page"):
            rest_s = max(response.retry_after_s or 0.0, 1.0)
            state = following.postponed(state, due, self._clock.now() + rest_s)
            if self._once:
                await emit(source.reading(state))
            return state
        if due.kind == "poll":
            return await self._poll(source, state, response, emit)
        if due.kind == "page":
            return await self._page(source, state, due.place, response, emit)
        return await self._visit(source, state, due.place, response, emit)

    def now(self) -> str:
        """Return the time as RFC 3339, later than any before."""
        at = max(self._clock.now(), self._last_stamp + 1e-6)
        self._last_stamp = at
        return stamp(at) or ""

    async def _poll(
        self,
        source: Source,
        state: FeedState,
        response: Response,
        emit: Callable[[Reading], Awaitable[None]],
    ) -> FeedState:
        digest = polling.body_hash(response.body)
        feed: ParsedFeed | FeedError | None = None
        if polling.must_parse(state, response, digest):
            try:
                feed = await self._parser.parse(
                    response.body,
                    url=without_secrets(response.final_url),  # which its links are resolved by
                    content_type=response.media_type,
                    charset=response.charset,
                )
            except FeedError as error:
                feed = error
        polled = polling.after_poll(
            state,
            source.definition,
            response,
            feed,
            now=self._clock.now(),
            digest=digest,
            blocked=_wall(response, feed),
        )
        self._measures.polled(polled)
        self._tell(source, state, polled)
        for reading in of_poll(source, state, polled, response, feed, write=self._once):
            await emit(reading)
        return polled.state

    async def _page(
        self,
        source: Source,
        state: FeedState,
        place: int,
        response: Response,
        emit: Callable[[Reading], Awaitable[None]],
    ) -> FeedState:
        followed = following.after_page(
            state,
            source.definition,
            place,
            response,
            _words(response),
            now=self._clock.now(),
            last=self._once,
        )
        self._measures.followed(followed)
        await emit(of_page(source, state.pages[place], followed, response))
        return followed.state

    async def _visit(
        self,
        source: Source,
        state: FeedState,
        place: int,
        response: Response,
        emit: Callable[[Reading], Awaitable[None]],
    ) -> FeedState:
        visited = following.after_revisit(
            state, source.definition, place, response, _words(response), now=self._clock.now()
        )
        self._measures.visited(visited)
        await emit(of_visit(source, state.visits[place], visited, response))
        return visited.state

    def _tell(self, source: Source, before: FeedState, polled: polling.Polled) -> None:
        """Say what an operator should know: a feed that ended, and entries that were missed or are left out."""
        source_id = source.definition.source_id
        url = polling.address_of(before, source.definition)
        if polled.missed and self._clock.now() - before.missed_at >= DAY_S:
            # Once a day: a feed that lets itself be asked too seldom says nothing new by it.
            log.warning(
                "a feed shows nothing of what it showed before: entries may have been missed",
                source_id=source_id,
                url=url,
                entries=len(polled.look.pairs) if polled.look else 0,
                after_s=round(self._clock.now() - before.polled_at),
            )
        if polled.truncated and source_id not in self._cut:
            self._cut.add(source_id)
            log.warning(
                "a feed has more entries than are read: those behind them are left out",
                source_id=source_id,
                url=url,
                entries=FEED_ENTRIES,
            )
        if polled.state.ended and not before.ended:
            log.warning(
                "a feed is gone for good and is polled no more",
                source_id=source_id,
                url=url,
            )


def _wall(response: Response, feed: ParsedFeed | FeedError | None) -> str | None:
    """Return what stands before a feed that did not come, null where it came or nothing does."""
    if isinstance(feed, ParsedFeed) or (feed is None and response.result in {"ok", "not_modified"}):
        return None
    wall = wall_of(response)
    return None if wall is None else f"{wall.kind} by {wall.by}" if wall.by else wall.kind


def _words(response: Response) -> bytes:
    return page_fingerprint(response.body, response.media_type) if response.ok else b""

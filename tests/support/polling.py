"""A poller over simulated time and a real server on loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from typing import Any

from connectors.feeds.listed import ListedSources
from connectors.feeds.model import ParsedFeed
from connectors.feeds.parsing.read import parse_bytes
from connectors.feeds.poller import Poller, PollOptions
from connectors.framework.connector import Reading
from connectors.sharing.book import Change, SourceBook
from connectors.web.make import polite_fetcher
from connectors.web.politeness import Policy, PoliteFetcher
from newswire.settings import Settings
from schemas import ids
from schemas.raw_item import RawItem
from schemas.source import SourceDefinition
from tests.support.virtual import VirtualClock

CONTACT = "https://newswire.example/about"


class ParserInPlace:
    """Parses as the children do, in this process."""

    async def parse(
        self, data: bytes, *, url: str, content_type: str | None = None, charset: str | None = None
    ) -> ParsedFeed:
        return parse_bytes(data, url=url, content_type=content_type, charset=charset)

    async def close(self) -> None:
        """Nothing to end."""


class Everything:
    """Takes readings as the runner does, and confirms each at once."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self.cursors: dict[str, Any] = {}

    async def __call__(self, reading: Reading) -> None:
        self.readings.append(reading)
        if reading.cursor is not None:
            self.cursors[reading.stream] = reading.cursor
        if reading.acked is not None:
            reading.acked()

    @property
    def items(self) -> list[RawItem]:
        return [reading.item for reading in self.readings if reading.item is not None]


def definition(url: str, **changes: Any) -> SourceDefinition:
    return SourceDefinition(
        source_id=ids.source_id("feed", url),
        kind="feed",
        url=url,
        added_at="2026-11-01T00:00:00Z",
        updated_at="2026-11-01T00:00:00Z",
        **changes,
    )


def book_of(definitions: Iterable[SourceDefinition]) -> ListedSources:
    return ListedSources(
        [Change(kind="added", source_id=each.source_id, definition=each) for each in definitions]
    )


def virtual_fetcher(clock: VirtualClock, *, gap_s: float = 5.0, fetches: int = 256) -> PoliteFetcher:
    """A polite fetcher for which every name is on loopback, and during whose fetches time stands still."""
    settings = Settings(connect_contact_url=CONTACT, connect_fetches=fetches)

    def lookup(_host: str, _port: int) -> list[tuple[int, str]]:
        return [(socket.AF_INET, "127.0.0.1")]

    fetcher = polite_fetcher(settings, clock=clock, policy=Policy(gap_s=gap_s), lookup=lookup)
    take, give_back = fetcher.take, fetcher.give_back

    async def counted_take(*arguments: Any) -> Any:
        taken = await take(*arguments)
        if not hasattr(taken, "refused"):
            clock.begin()
        return taken

    def counted_give_back(*arguments: Any, **options: Any) -> None:
        give_back(*arguments, **options)
        clock.end()

    fetcher.take = counted_take  # type: ignore[method-assign]
    fetcher.give_back = counted_give_back  # type: ignore[method-assign]
    return fetcher


async def poll_until(
    clock: VirtualClock,
    end: float,
    book: SourceBook,
    fetcher: PoliteFetcher,
    *,
    emit: Everything | None = None,
    **options: Any,
) -> Everything:
    """Let a poller read *book* until *end*, and return what it emitted."""
    emit = emit or Everything()
    poller = Poller(book, fetcher, ParserInPlace(), clock=clock, emit=emit, options=PollOptions(**options))
    run = asyncio.create_task(poller.run())
    moving = asyncio.create_task(clock.run_until(end))
    try:
        await asyncio.wait((run, moving), return_when=asyncio.FIRST_COMPLETED)
        if run.done():
            run.result()
    finally:
        for task in (run, moving):
            task.cancel()
        await asyncio.gather(run, moving, return_exceptions=True)
    return emit

"""The feeds connector: RSS, Atom and JSON Feed, read for years, with the pages behind their entries."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Final, Literal

import msgspec

from connectors.clock import Clock, SystemClock
from connectors.feeds.cursor import stored_of
from connectors.feeds.listed import ListedSources
from connectors.feeds.outlet import Outlet
from connectors.feeds.parsing import FeedParser
from connectors.feeds.poller import Poller, PollOptions
from connectors.feeds.steps import FeedReader, PageFetcher
from connectors.framework.connector import Checkpoint, Connector, Reading
from connectors.framework.errors import ConfigError
from connectors.framework.items import utc
from connectors.framework.spec import Options, Spec, option
from connectors.sharing.book import Change, SourceBook
from connectors.web.make import polite_fetcher
from connectors.web.politeness import Policy
from newswire.settings import Settings, load_settings
from newswire.telemetry.health import HEALTH
from schemas import ids
from schemas.limits import MIB
from schemas.source import SourceDefinition

__all__ = ["FeedsConnector", "FeedsOptions"]

OUTLET_BYTES: Final = 8 * MIB
STOP_S: Final = 5.0
"""For fetches to be cancelled and connections to be closed."""


class FeedsOptions(Options, kw_only=True, frozen=True):
    """Options of the feeds connector."""

    feeds: Annotated[
        list[str],
        option(
            "addresses of the feeds to read; none where sources are shared among workers",
            ["https://example.org/feed.xml"],
        ),
    ] = []
    follow: Annotated[
        Literal["always", "teaser", "never"],
        option("whether the page behind an entry is fetched: `teaser` where the feed carries less than it"),
    ] = "teaser"
    once: Annotated[
        bool, option("poll every feed that is due, fetch what it points to, and end; try nothing again later")
    ] = False
    lane: Annotated[
        Literal["live", "backfill"], option("`backfill` keeps history out of the way of what is live")
    ] = "live"
    allow_hosts: Annotated[
        list[str], option("hosts that may have private addresses and any port", ["intranet.example.org"])
    ] = []
    min_interval_s: Annotated[int, option("never polled more often, in seconds", advanced=True, ge=1)] = 600
    max_interval_s: Annotated[int, option("never polled less often, in seconds", advanced=True, ge=1)] = (
        86_400
    )
    revisit_after_s: Annotated[
        list[int],
        option("seconds after its first fetch at which a page is fetched again", advanced=True),
    ] = msgspec.field(default_factory=lambda: [3_600, 21_600, 86_400, 259_200])
    gap_s: Annotated[
        float,
        option(
            "seconds between two requests to one host; less than 5 is for hosts of your own",
            advanced=True,
            ge=0,
        ),
    ] = 5.0
    source: Annotated[
        str | None,
        option("`source_id` of the items; by default an id made of the feed's address", advanced=True),
    ] = None


class FeedsConnector(Connector[FeedsOptions]):
    """Reads feeds: those of its options, or those that a book of sources says are this worker's."""

    spec = Spec(
        name="feeds",
        kind="feed",
        summary="RSS, Atom and JSON feeds, and the pages behind their entries.",
        description=(
            "Polls each feed at the pace it publishes at (10 minutes to a day, so that between one and two "
            "thirds of its entries are new each time), never earlier than it asks for (`ttl`, `skipHours`, "
            "`Cache-Control`, `Expires`, `Retry-After`), conditionally, and behind robots.txt. What a feed "
            "shows for the first time, or with other words, is an item; its first window is history and goes "
            "to the backfill lane, but for what is dated within a day.\n\n"
            "Where an entry is only a teaser its page is fetched, and visited again after 1, 6, 24 and 72 "
            "hours: a change is another item, and a page that is gone twice in a row is an item without a "
            "body, which is judged `withdrawn`. A page that cannot be had (forbidden by robots.txt, refused, "
            "not there after some tries) is an item with the feed's own text and the reason in "
            "`fetch.result`.\n\n"
            "A feed that cannot be read becomes a dead letter, once for the same bytes, and a health state with "
            "its reason; 410 ends polling, a permanent redirect is adopted when it was given three times. The "
            "native id is the entry's own id, or its link."
        ),
        options=FeedsOptions,
    )
    keeps_place: ClassVar[bool] = True

    def __init__(
        self,
        book: SourceBook | None = None,
        *,
        settings: Settings | None = None,
        clock: Clock | None = None,
        fetcher: Callable[[], PageFetcher] | None = None,
        parser: Callable[[], FeedReader] | None = None,
    ) -> None:
        """*book* says what to read; without one it is what the options name.

        *settings* are the process's own where none are given; the others are for tests and simulations.
        """
        self._book = book
        self._settings = settings
        self._clock = clock or SystemClock()
        self._make_fetcher = fetcher
        self._make_parser = parser
        self._run: _Run | None = None
        self._lock = threading.Lock()

    def open(self, options: FeedsOptions, checkpoint: Checkpoint) -> None:
        """Look at what there is to read.

        Raises:
            ConfigError: neither a book nor a feed is given, or what is named is no address.
        """
        settings = self._settings or load_settings()
        clock = self._clock
        book: SourceBook = self._book or ListedSources(_listed(options, checkpoint))
        policy = Policy(gap_s=options.gap_s, fetches=settings.connect_fetches)

        def poller(emit: Outlet) -> tuple[Poller, PageFetcher, FeedReader]:
            fetcher = (
                self._make_fetcher()
                if self._make_fetcher
                else polite_fetcher(settings, clock=clock, policy=policy)
            )
            parser = (
                self._make_parser()
                if self._make_parser
                else FeedParser(children=settings.connect_feed_children)
            )
            made = Poller(
                book,
                fetcher,
                parser,
                clock=clock,
                emit=emit.put,
                options=PollOptions(
                    fetches=settings.connect_fetches, once=options.once, item_source=options.source
                ),
            )
            return made, fetcher, parser

        with self._lock:
            self._run = _Run(poller)

    def read(self) -> Iterator[Reading]:
        """Yield what the feeds show, as long as it is not closed."""
        run = self._run
        assert run is not None, "opened before it is read"
        return run.readings()

    def close(self) -> None:
        """End polling; what is under way is cancelled, and comes again."""
        with self._lock:
            run, self._run = self._run, None
        if run is not None:
            run.stop()


class _Run:
    """One run of the poller, in a thread with a loop of its own: so that leases are renewed, hosts answered
    and sources let go while the reading thread waits for the broker.
    """

    def __init__(self, poller: Callable[[Outlet], tuple[Poller, PageFetcher, FeedReader]]) -> None:
        self._make = poller
        self._outlet = Outlet(OUTLET_BYTES)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, name="poll-feeds", daemon=True)
        self._task: asyncio.Task[None] | None = None
        self._lock = threading.Lock()
        self._stopped = False

    def readings(self) -> Iterator[Reading]:
        """Start polling and yield what comes of it."""
        with self._lock:
            if self._stopped:
                return
            self._thread.start()
        yield from self._outlet.take(self._loop)

    def stop(self) -> None:
        """Cancel polling, and let go of connections and children."""
        with self._lock:
            self._stopped = True
            started = self._thread.ident is not None
            if not started:
                self._loop.close()
                return
        with suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(self._cancel)
        if threading.current_thread() is not self._thread:
            self._thread.join(STOP_S)

    def _cancel(self) -> None:
        self._stopped = True
        if self._task is not None:
            self._task.cancel()

    def _work(self) -> None:
        failure: BaseException | None = None
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._poll())
        except asyncio.CancelledError:
            pass
        except BaseException as error:  # noqa: BLE001 - raised in the thread that reads
            failure = error
        self._outlet.end(failure)

    async def _poll(self) -> None:
        self._task = asyncio.current_task()
        if self._stopped:
            return
        poller, fetcher, parser = self._make(self._outlet)
        try:
            with HEALTH.beating("event_loop"):
                await poller.run()
        finally:
            await asyncio.gather(fetcher.close(), parser.close(), return_exceptions=True)


def _listed(options: FeedsOptions, checkpoint: Checkpoint) -> list[Change]:
    if not options.feeds:
        raise ConfigError("feeds names no feed: give the option feeds, or share sources among workers")
    if options.max_interval_s < options.min_interval_s:
        raise ConfigError("option max_interval_s is less than min_interval_s")
    now = utc(datetime.now(UTC))
    changes = []
    for url in dict.fromkeys(options.feeds):
        if not url.lower().startswith(("http://", "https://")):
            raise ConfigError(f"{url!r} is no address of a feed: it begins with http:// or https://")
        source_id = ids.source_id("feed", url)
        definition = SourceDefinition(
            source_id=source_id,
            kind="feed",
            url=url,
            lane=options.lane,
            follow=options.follow,
            min_interval_s=options.min_interval_s,
            max_interval_s=options.max_interval_s,
            revisit_after_s=tuple(options.revisit_after_s),
            allow_hosts=options.allow_hosts,
            added_at=now,
            updated_at=now,
        )
        cursor = checkpoint.get(source_id)
        state = None if cursor is None else stored_of(cursor)
        changes.append(Change(kind="added", source_id=source_id, definition=definition, state=state))
    return changes

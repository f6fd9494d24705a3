"""The readings that a poll, a page or a visit becomes, each with the state of its source after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import msgspec

from connectors.feeds.cursor import SourceCursor
from connectors.feeds.entries import Seen, entry_of, feed_item, fetch_of, page_item, unfetched_item
from connectors.feeds.following import Followed, Visited
from connectors.feeds.model import FeedError, ParsedFeed
from connectors.feeds.pages import Page
from connectors.feeds.polling import Polled, Shown, address_of
from connectors.feeds.revisits import Visit
from connectors.feeds.state import FeedState, packed
from connectors.framework.connector import Broken, Reading
from connectors.framework.errors import Skippable
from connectors.web.message import Response
from schemas.raw_item import FeedEntry, Fetch, RawItem
from schemas.source import SourceDefinition
from schemas.vocabulary import Lane

__all__ = ["Source", "of_page", "of_poll", "of_visit"]

TOO_MANY: Final = "too_many"
"""``fetch.result`` of an entry whose page is not fetched, since too many wait."""


class Source(msgspec.Struct, frozen=True):
    """One source, and under which names its readings go."""

    definition: SourceDefinition
    item_source: str
    """``source_id`` of its items."""
    now: Callable[[], str]
    """Times of fetching, no two the same."""

    def reading(
        self,
        state: FeedState | Callable[[], FeedState],
        *,
        item: RawItem | None = None,
        broken: Broken | None = None,
    ) -> Reading:
        """Make a reading, with the state of the source after it."""
        name = self.definition.source_id
        made = packed(state) if isinstance(state, FeedState) else state
        return Reading(stream=name, item=item, broken=broken, cursor=SourceCursor(name, made))

    def seen(self, native_id: str, url: str, lane: Lane, entry: FeedEntry) -> Seen:
        """Tell of a page as it is now."""
        return Seen(
            source_id=self.item_source,
            native_id=native_id,
            url=url,
            fetched_at=self.now(),
            lane=lane,
            entry=entry,
        )


def of_poll(
    source: Source,
    before: FeedState,
    polled: Polled,
    response: Response,
    feed: ParsedFeed | FeedError | None,
    *,
    write: bool,
) -> Iterator[Reading]:
    """Yield what a poll shows; *write* asks for the state even where nothing happened."""
    if polled.broken and isinstance(feed, FeedError):
        yield source.reading(polled.state, broken=_broken(source, feed, response))
    elif not polled.shown or not isinstance(feed, ParsedFeed):
        if polled.eventful or write:
            yield source.reading(polled.state)
    else:
        for done, one in enumerate(polled.shown, 1):
            item = _shown(source, before, one, feed, response)
            last = done == len(polled.shown)
            yield source.reading(
                polled.state if last else partial(polled.state_with, before, done), item=item
            )


def _shown(source: Source, before: FeedState, one: Shown, feed: ParsedFeed, response: Response) -> RawItem:
    entry = one.entry
    if one.too_many and entry.url is not None:
        words = entry_of(entry, feed, address_of(before, source.definition))
        return unfetched_item(
            source.seen(entry.native_id, entry.url, one.lane, words),
            Fetch(result=TOO_MANY, requested_url=entry.url),
            source.definition,
        )
    return feed_item(
        entry,
        feed,
        source.definition,
        source_id=source.item_source,
        fetched_at=source.now(),
        lane=one.lane,
        rights=response.rights,
    )


def of_page(source: Source, page: Page, followed: Followed, response: Response) -> Reading:
    """Return what became of a first fetch: an item, whether the page was had or given up; else the state."""
    if not followed.had and not followed.over:
        return source.reading(followed.state)
    seen = source.seen(page.native_id, page.url, page.lane, page.entry)
    if followed.had:
        item = page_item(seen, response, source.definition)
    else:
        item = unfetched_item(seen, fetch_of(response), source.definition, response.rights)
    return source.reading(followed.state, item=item)


def of_visit(source: Source, visit: Visit, visited: Visited, response: Response) -> Reading:
    """Return what a visit found: an item where the page changed or is withdrawn, else the state."""
    if visited.seen not in {"changed", "withdrawn"}:
        return source.reading(visited.state)
    words = FeedEntry(title=visit.title, published=visit.published)
    seen = source.seen(visit.native_id, visit.url, visit.lane, words)
    if visited.seen == "changed":
        item = page_item(seen, response, source.definition)
    else:
        fetch = fetch_of(response, failures=visited.gone)
        item = unfetched_item(seen, fetch, source.definition, response.rights)
    return source.reading(visited.state, item=item)


def _broken(source: Source, error: FeedError, response: Response) -> Broken:
    return Broken(
        error=Skippable(error.message, reason=f"feed_{error.reason}"),
        data=response.body,
        source_id=source.item_source,
        native_id=response.requested_url,
        observed_at=source.now(),
        lane=source.definition.lane,
    )

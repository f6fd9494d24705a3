"""From an entry to an item: with the feed's own text as its body, or with its page and the entry beside it."""

from __future__ import annotations

from typing import Final

import msgspec

from connectors.feeds.dates import claimed_time
from connectors.feeds.model import ParsedEntry, ParsedFeed
from connectors.feeds.schedule import DAY_S
from connectors.framework.items import body_of, raw_item, text_body
from connectors.web.message import Response
from schemas.base import Publisher, Rights
from schemas.raw_item import Body, FeedEntry, Fetch, RawItem
from schemas.source import SourceDefinition
from schemas.vocabulary import Lane

__all__ = ["Seen", "entry_of", "feed_item", "fetch_of", "lane_of", "page_item", "unfetched_item"]

AHEAD_S: Final = 3_600.0
"""A date this far ahead is a clock that goes wrong; further, it claims nothing."""
KEPT_HEADERS: Final = frozenset(
    {
        "age",
        "cache-control",
        "content-language",
        "content-length",
        "content-type",
        "date",
        "etag",
        "expires",
        "last-modified",
        "link",
        "server",
    }
)
"""Response headers that say something of the page; cookies and what traces requests do not, and what asks
something of readers stands in the item's rights.
"""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A page behind an entry, at one time."""

    source_id: str
    native_id: str
    url: str
    fetched_at: str
    lane: Lane
    entry: FeedEntry


def lane_of(published: str | None, definition: SourceDefinition, *, first: bool, now: float) -> Lane:
    """Return the lane of an entry: a source's first window is history, but for what is dated within a day."""
    if definition.lane == "backfill":
        return "backfill"
    if not first:
        return "live"
    at = claimed_time(published)
    return "live" if at is not None and now - DAY_S <= at <= now + AHEAD_S else "backfill"


def entry_of(entry: ParsedEntry, feed: ParsedFeed, feed_url: str) -> FeedEntry:
    """Keep what the feed said of an entry whose page is fetched."""
    return FeedEntry(
        title=entry.title,
        summary=entry.summary,
        content=entry.content,
        authors=entry.authors,
        published=entry.published,
        updated=entry.updated,
        categories=entry.categories,
        language=entry.language or feed.language,
        source=entry.source,
        feed_url=feed_url,
    )


def feed_item(
    entry: ParsedEntry,
    feed: ParsedFeed,
    definition: SourceDefinition,
    *,
    source_id: str,
    fetched_at: str,
    lane: Lane,
    rights: Rights | None,
) -> RawItem:
    """Make an item of an entry whose page is not fetched: the feed's text is its body."""
    text = entry.content or entry.summary
    media_type = "text/plain" if entry.content_is_text else "text/html"
    return raw_item(
        source_id=source_id,
        source_kind="feed",
        native_id=entry.native_id,
        fetched_at=fetched_at,
        body=text_body(text, media_type) if text else None,
        url=entry.url,
        lane=lane,
        title=entry.title,
        description=entry.summary,
        bylines=entry.authors,
        subjects=entry.categories,
        published_at=entry.published,
        modified_at=entry.updated,
        language=entry.language or feed.language or definition.language,
        publisher=_publisher(definition, entry.source),
        rights=_with_copyright(rights, entry.rights or feed.copyright),
    )


def page_item(seen: Seen, response: Response, definition: SourceDefinition) -> RawItem:
    """Make an item of a page that was fetched, with what the feed said of it."""
    body = body_of(response.body, response.media_type or "text/html", charset=response.charset)
    return _with_entry(seen, definition, body, fetch_of(response), response.rights)


def unfetched_item(
    seen: Seen, fetch: Fetch, definition: SourceDefinition, rights: Rights | None = None
) -> RawItem:
    """Make an item of a page that could not be had: why not, and what the feed said of it.

    Of a page that was had before and has failed with 404 or 410 twice in a row, this is what tells that it
    was withdrawn.
    """
    return _with_entry(seen, definition, None, fetch, rights)


def _with_entry(
    seen: Seen, definition: SourceDefinition, body: Body | None, fetch: Fetch, rights: Rights | None
) -> RawItem:
    return raw_item(
        source_id=seen.source_id,
        source_kind="feed",
        native_id=seen.native_id,
        fetched_at=seen.fetched_at,
        body=body,
        url=seen.url,
        lane=seen.lane,
        language=definition.language,
        publisher=_publisher(definition, seen.entry.source),
        entry=seen.entry,
        fetch=fetch,
        rights=rights,
    )


def fetch_of(response: Response, *, failures: int = 0) -> Fetch:
    """Keep the facts of a fetch; *failures* counts 404 and 410 in a row of a page that was had before."""
    return Fetch(
        result=response.result,
        status=response.status,
        requested_url=response.requested_url,
        final_url=response.final_url,
        headers={name: value for name, value in response.headers.items() if name in KEPT_HEADERS},
        bytes=response.wire_bytes,
        duration_s=round(response.duration_s, 6),
        failures=failures,
    )


def _publisher(definition: SourceDefinition, named: Publisher | None) -> Publisher | None:
    """Who publishes it: RSS <source> names another for this entry alone, the definition speaks for the rest."""
    if named is not None and (named.domain or named.name):
        return named
    return definition.publisher if definition.publisher != Publisher() else None


def _with_copyright(rights: Rights | None, notice: str | None) -> Rights | None:
    if not notice:
        return rights
    return msgspec.structs.replace(rights or Rights(), copyright=notice)

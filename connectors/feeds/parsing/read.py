"""The pure part of parsing: bytes in, a feed or a `FeedError` out.  It may take any time and memory; who
reads what strangers send calls it through `children.FeedParser`.

lxml reads XML, and XML that needed little repair.  What is no XML even then is read by feedparser and by
libxml2's own recovery, each of which loses what the other keeps, and the fuller reading counts; feedparser is
some fifteen times slower, so that beyond `LOOSE_BYTES` it is not asked.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from connectors.feeds.discovery import discover_feeds
from connectors.feeds.model import FeedError, ParsedFeed
from connectors.feeds.parsing.charset import decode
from connectors.feeds.parsing.feed import is_feed, read_feed, root_name
from connectors.feeds.parsing.json_feed import read_json
from connectors.feeds.parsing.loose import read_loosely
from connectors.feeds.parsing.xml import Document, looks_like_page, read_document, recover_document

__all__ = ["LOOSE_BYTES", "parse_bytes"]

LOOSE_BYTES: Final = 256 * 1024
"""The most that is given to feedparser: about a second of it."""
_REPAIRS: Final = frozenset(
    {"leading_junk", "controls", "entities", "ampersands", "broken_markup", "undecodable"}
)


def parse_bytes(
    data: bytes, *, url: str, content_type: str | None = None, charset: str | None = None
) -> ParsedFeed:
    """Read the body of a response from *url* as a feed.

    *content_type* and *charset* are what HTTP declares; the first decides nothing, since feeds are sent as
    anything.

    Raises:
        FeedError: it cannot be read as one; ``feeds`` holds those that a page names.
    """
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise FeedError("the body is empty", reason="empty")
    decoded = decode(data, charset)
    facts: dict[str, Any] = {"encoding": decoded.encoding}
    text = decoded.text.lstrip("\ufeff\0 \t\r\n")
    if text.startswith(("{", "[")):
        return read_json(text, url, flags=decoded.flags, **facts)
    if looks_like_page(text):
        raise _no_feed("an HTML page", text, url)
    document = read_document(text, url)
    flags = (*decoded.flags, *document.flags)
    if document.root is not None:
        if is_feed(document.root):
            ill_formed = not _REPAIRS.isdisjoint(flags)
            return read_feed(document, url, flags=flags, ill_formed=ill_formed, parser="lxml", **facts)
        if root_name(document.root) == "html":
            raise _no_feed("an HTML page", text, url)
    feed = _loosely(document, url)
    if feed is not None:
        return msgspec.structs.replace(
            feed,
            flags=list(dict.fromkeys([*flags, *feed.flags])),
            ill_formed=feed.ill_formed or not _REPAIRS.isdisjoint(flags),
            **facts,
        )
    if document.root is not None:
        raise FeedError(f"XML with the root {root_name(document.root)[:40]}", reason="not_a_feed")
    kind = f" ({content_type[:80]})" if content_type else ""
    if "<" not in text[:1000]:
        raise FeedError(f"neither XML nor JSON{kind}", reason="not_a_feed")
    raise FeedError(f"no parser makes a feed of it{kind}", reason="broken")


def _loosely(document: Document, url: str) -> ParsedFeed | None:
    """Return what most could be made of text that is no XML."""
    loose = read_loosely(document.text, url) if len(document.text) <= LOOSE_BYTES else None
    root = recover_document(document.text, url)
    if root is None or not is_feed(root):
        return loose
    recovered = read_feed(
        document._replace(root=root), url, deep=True, parser="lxml-recover", ill_formed=True
    )
    if loose is not None and _filled(loose) >= _filled(recovered):
        return loose
    return recovered if recovered.entries or recovered.title else loose


def _filled(feed: ParsedFeed) -> int:
    """Count what entries say: which of two readings lost less."""
    return sum(
        sum(
            map(
                bool, (entry.url, entry.title, entry.summary, entry.content, entry.published, entry.id_is_own)
            )
        )
        for entry in feed.entries
    )


def _no_feed(what: str, text: str, url: str) -> FeedError:
    feeds = discover_feeds(text, url)
    named = f", which names {len(feeds)} feeds" if feeds else ""
    return FeedError(f"{what} instead of a feed{named}", reason="not_a_feed", feeds=feeds)

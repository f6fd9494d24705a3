"""What is no XML, as feedparser understands it.

feedparser opens a text or bytes that look like an address or a path: it is only ever given a `BytesIO`.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

import feedparser

from connectors.feeds.model import FeedFormat, ParsedEntry, ParsedFeed
from connectors.feeds.parsing.identity import told_apart
from connectors.feeds.parsing.values import absolute, number
from schemas.base import Publisher
from schemas.limits import FEED_ENTRIES, LIST_ITEMS
from schemas.links import registrable_domain

__all__ = ["read_loosely"]

_FORMATS: Final[tuple[tuple[str, FeedFormat], ...]] = (("atom", "atom"), ("rss10", "rdf"), ("rss090", "rdf"))


def read_loosely(text: str, url: str, **facts: Any) -> ParsedFeed | None:
    """Read *text*; null where feedparser sees neither a format nor an entry in it."""
    # The type keeps feedparser from guessing at a charset that is known.
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    found = feedparser.parse(
        BytesIO(text.encode("utf-8", "replace")),
        response_headers=headers,
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    version = found.get("version") or ""
    if not version and not found.entries:
        return None
    feed = found.feed
    kept, flags = told_apart([_entry(entry, url) for entry in found.entries[:FEED_ENTRIES]])
    minutes = number(_text(feed, "ttl"))
    return ParsedFeed(
        format=next((form for start, form in _FORMATS if version.startswith(start)), "rss"),
        version=version or "rss",
        title=_text(feed, "title"),
        link=absolute(_text(feed, "link"), url),
        self_url=_related(feed, "self", url),
        hub=_related(feed, "hub", url),
        language=_text(feed, "language"),
        copyright=_text(feed, "rights"),
        description=_text(feed, "subtitle"),
        authors=_authors(feed),
        updated=_text(feed, "updated") or _text(feed, "published"),
        ttl_s=None if minutes is None else 60.0 * min(minutes, 525_600),
        entries=kept,
        truncated=len(found.entries) > FEED_ENTRIES,
        ill_formed=bool(found.bozo),
        parser="feedparser",
        flags=[*facts.pop("flags", ()), *flags],
        **facts,
    )


def _entry(entry: Any, url: str) -> ParsedEntry:
    own_id = _text(entry, "id")
    contents = [text for one in entry.get("content", ()) if (text := _text(one, "value"))]
    link = _text(entry, "feedburner_origlink") or _text(entry, "link")
    is_link = entry.get("guidislink", True)
    return ParsedEntry(
        native_id=own_id or "",
        id_is_own=own_id is not None,
        url=absolute(link, url) or (absolute(own_id, "") if is_link else None),
        title=_text(entry, "title"),
        summary=_text(entry, "summary"),
        content=max(contents, key=len, default=None),
        authors=_authors(entry),
        published=_text(entry, "published") or _text(entry, "created"),
        updated=_text(entry, "updated"),
        categories=[term for tag in entry.get("tags", ())[:LIST_ITEMS] if (term := _text(tag, "term"))],
        language=_text(entry, "language"),
        source=_source(entry.get("source"), url),
        rights=_text(entry, "rights"),
    )


def _text(holder: Any, name: str) -> str | None:
    # A key that maps to another is asked for by `get` alone, which warns of it.
    value = dict.get(holder, name)
    return value.strip() or None if isinstance(value, str) else None


def _related(feed: Any, rel: str, url: str) -> str | None:
    links = (absolute(_text(link, "href"), url) for link in feed.get("links", ()) if link.get("rel") == rel)
    return next((link for link in links if link), None)


def _authors(holder: Any) -> list[str]:
    people = (_text(one, "name") or _text(one, "email") for one in holder.get("authors", ())[:LIST_ITEMS])
    return list(dict.fromkeys(name for name in people if name))


def _source(source: Any, url: str) -> Publisher | None:
    if not isinstance(source, dict):
        return None
    address = absolute(_text(source, "href") or _text(source, "link") or _text(source, "id"), url)
    domain = registrable_domain(address) if address else None
    name = _text(source, "title") or _text(source, "value")
    return Publisher(domain=domain, name=name) if domain or name else None

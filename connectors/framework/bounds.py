"""How long what a source sends may be in a raw item.

These limits keep a record within `RAW_RECORD_BYTES` whatever comes.  They are far above what normalize
keeps of a title or a description, so that it sees, and flags, that there was more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from newswire.telemetry.secrets import without_secrets
from schemas.base import Publisher, Rights
from schemas.limits import DESCRIPTION_CHARS, LIST_ENTRY_CHARS, LIST_ITEMS, TITLE_CHARS, URL_CHARS
from schemas.raw_item import FeedEntry, Fetch

__all__ = [
    "SPARE",
    "clean",
    "limited",
    "limited_entry",
    "limited_fetch",
    "limited_list",
    "limited_publisher",
    "limited_rights",
]

SPARE: Final = 4
"""How many times normalize's limit a field may be long in a raw item."""
ENTRY_CONTENT_CHARS: Final = 1_000_000
HEADERS_CHARS: Final = 64 * 1024

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Replace lone surrogates, which no JSON carries."""
    return _SURROGATE.sub("�", text)


def limited(text: str | None, limit: int) -> str | None:
    """Return at most *limit* code points of *text*."""
    return None if text is None else clean(text[:limit])


def limited_list(texts: Iterable[str]) -> list[str]:
    """Return at most `LIST_ITEMS` texts of at most `LIST_ENTRY_CHARS`."""
    return [clean(text[:LIST_ENTRY_CHARS]) for text in list(texts)[:LIST_ITEMS]]


def limited_publisher(publisher: Publisher | None) -> Publisher | None:
    """Return a publisher within its limits."""
    if publisher is None:
        return None
    return Publisher(
        domain=limited(publisher.domain, LIST_ENTRY_CHARS),
        name=limited(publisher.name, LIST_ENTRY_CHARS),
        family=limited(publisher.family, LIST_ENTRY_CHARS),
        country=limited(publisher.country, LIST_ENTRY_CHARS),
    )


def limited_entry(entry: FeedEntry) -> FeedEntry:
    """Return a feed's entry within its limits."""
    return FeedEntry(
        title=limited(entry.title, SPARE * TITLE_CHARS),
        summary=limited(entry.summary, SPARE * DESCRIPTION_CHARS),
        content=limited(entry.content, ENTRY_CONTENT_CHARS),
        authors=limited_list(entry.authors),
        published=limited(entry.published, LIST_ENTRY_CHARS),
        updated=limited(entry.updated, LIST_ENTRY_CHARS),
        categories=limited_list(entry.categories),
        language=limited(entry.language, LIST_ENTRY_CHARS),
        source=limited_publisher(entry.source),
        # Where it is read says who published it; how the operator is let in there is nobody's business.
        feed_url=entry.feed_url and limited(without_secrets(entry.feed_url), URL_CHARS),
    )


def limited_fetch(fetch: Fetch) -> Fetch:
    """Return the facts of a fetch within their limits; headers that do not fit are left out."""
    room = HEADERS_CHARS
    kept: dict[str, str] = {}
    for name, value in fetch.headers.items():
        room -= len(name) + len(value)
        if room < 0:
            break
        kept[clean(name)] = clean(value)
    return msgspec.structs.replace(
        fetch,
        headers=kept,
        requested_url=limited(fetch.requested_url, URL_CHARS),
        final_url=limited(fetch.final_url, URL_CHARS),
        result=clean(fetch.result[:LIST_ENTRY_CHARS]),
    )


def limited_rights(rights: Rights) -> Rights:
    """Return rights signals within their limits."""
    return msgspec.structs.replace(
        rights,
        x_robots_tag=limited_list(rights.x_robots_tag),
        meta_robots=limited_list(rights.meta_robots),
        license=limited(rights.license, URL_CHARS),
        copyright=limited(rights.copyright, URL_CHARS),
    )

"""The feeds of a web page: what it advertises by ``<link rel=alternate>``, and links that look like feeds.

The page is read as a stream of tags, so that nesting costs nothing, and reading ends at fixed bounds.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from lxml import etree

from connectors.feeds.model import FeedLink
from connectors.feeds.parsing.values import absolute

__all__ = ["discover_feeds"]

_TYPES: Final = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/json",
        "application/xml",
        "text/xml",
        "application/x.atom+xml",
        "application/x-atom+xml",
        "text/rss+xml",
        "text/atom+xml",
        "application/rss",
    }
)
_VAGUE: Final = frozenset({"application/json", "application/xml", "text/xml"})
"""Types of much beside feeds: such a link needs an address like one."""
_HINT: Final = re.compile(
    r"^feed:|(?:^|[/._?=&-])(?:rss|atom|feeds?|rdf)(?:$|[/._?=&#-])|\.(?:rss|rdf|atom|xml)(?:$|[?#])|feed\.json",
    re.IGNORECASE,
)
_COMMENTS: Final = re.compile(r"/comments?(?:/|$)|comments-rss", re.IGNORECASE)
_MOST: Final = 20
_MOST_TAGS: Final = 100_000
_CHUNK: Final = 64 * 1024
_ATTRIBUTE_CHARS: Final = 4_096


def discover_feeds(page: str, url: str) -> list[FeedLink]:
    """Return the feeds that the page at *url* names, at most 20: advertised ones first, each in the page's
    order, those of comments after others.  ``<base href>`` is respected.  Never raises for what a page holds.
    """
    found = _Links(url)
    parser = etree.HTMLParser(target=found, no_network=True, recover=True, huge_tree=False)
    try:
        for start in range(0, len(page), _CHUNK):
            parser.feed(page[start : start + _CHUNK])
            if found.full:
                break
        parser.close()
    except (etree.XMLSyntaxError, _EnoughError, ValueError):
        pass  # what was seen before is what there is to see
    return found.links()


class _EnoughError(Exception):
    """No more of this page is read."""


class _Links:
    """A target of lxml's parser."""

    def __init__(self, url: str) -> None:
        self._url = self._base = url
        self._based = False
        self._tags = 0
        self._found: dict[str, FeedLink] = {}
        self.full = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._tags += 1
        if self._tags > _MOST_TAGS:
            self.full = True
            return
        if tag == "base" and not self._based and (base := absolute(attributes.get("href"), self._url)):
            self._base, self._based = base, True
        elif tag == "link":
            self._advertised(attributes)
        elif tag == "a" and len(self._found) < 4 * _MOST:
            self._linked(attributes)

    def close(self) -> None:
        """There is no tree to return."""

    def links(self) -> list[FeedLink]:
        """Return what was found."""
        ranked = sorted(
            self._found.values(),
            key=lambda link: (link.how == "linked", bool(_COMMENTS.search(link.url))),
        )
        return ranked[:_MOST]

    def _advertised(self, attributes: dict[str, str]) -> None:
        rels = attributes.get("rel", "").lower().split()
        kind = attributes.get("type", "").partition(";")[0].strip().lower()
        href = attributes.get("href", "")
        if not ({"alternate", "feed"} & set(rels)) or "stylesheet" in rels:
            return
        if "feed" in rels or (
            kind in _TYPES and (kind not in _VAGUE or _HINT.search(href[:_ATTRIBUTE_CHARS]))
        ):
            self._add(href, "advertised", attributes.get("title"), kind or None)

    def _linked(self, attributes: dict[str, str]) -> None:
        href = attributes.get("href", "")[:_ATTRIBUTE_CHARS]
        kind = attributes.get("type", "").strip().lower()
        if (kind in _TYPES - _VAGUE) or _HINT.search(href):
            self._add(href, "linked", attributes.get("title"), kind or None)

    def _add(
        self, href: str, how: Literal["advertised", "linked"], title: str | None, kind: str | None
    ) -> None:
        url = absolute(href.removeprefix("feed:") if href.startswith("feed:http") else href, self._base)
        if url is None or url == self._url or len(self._found) >= 4 * _MOST:
            return
        known = self._found.get(url)
        if known is None or (known.how == "linked" and how == "advertised"):
            title = (title or "").strip()[:200] or None
            self._found[url] = FeedLink(url=url, how=how, title=title, type=kind)

"""A feed as it was understood, whatever its format."""

from __future__ import annotations

from typing import Literal

import msgspec

from schemas.base import Publisher

__all__ = ["FeedError", "FeedFlag", "FeedFormat", "FeedLink", "ParsedEntry", "ParsedFeed"]

FeedFormat = Literal["rss", "rdf", "atom", "json"]
FeedFlag = Literal[
    "charset_lies",
    "undecodable",
    "leading_junk",
    "controls",
    "entities",
    "ampersands",
    "broken_markup",
    "doctype",
    "duplicate_guids",
    "repeated_entries",
    "missing_guids",
]
"""``charset_lies``: what the header or the prolog declare (UTF-8 where both are silent) is not what the
bytes are; ``undecodable``: some
bytes are of no charset and were replaced; ``leading_junk``: something stands before the document;
``controls``: characters that XML forbids were left out; ``entities`` and ``ampersands``: what no XML parser
knows was replaced; ``broken_markup``: it is no XML even then; ``doctype``: it brought a document type, which
is never read; ``duplicate_guids``: one id for several entries, which were told apart by their links or
titles; ``repeated_entries``: entries that stood there twice were taken once; ``missing_guids``: entries
without an id."""


class FeedLink(msgspec.Struct, kw_only=True, frozen=True):
    """A feed that a page names."""

    url: str
    """Absolute."""
    how: Literal["advertised", "linked"]
    """``advertised`` by a ``<link>``, or merely ``linked`` by an ``<a>`` whose address looks like a feed's."""
    title: str | None = None
    type: str | None = None


class FeedError(Exception):
    """What was fetched cannot be read as a feed.

    ``reason`` is a low-cardinality code: ``not_a_feed`` (an HTML page, an image, …; ``feeds`` then holds
    those that it names), ``broken`` (no parser makes anything of it), ``timeout``, ``memory``,
    ``crashed``, ``empty``.
    """

    def __init__(self, message: str, *, reason: str, feeds: list[FeedLink] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.feeds = feeds or []

    @property
    def links(self) -> list[str]:
        """Addresses of the feeds that a page names."""
        return [feed.url for feed in self.feeds]


class ParsedEntry(msgspec.Struct, kw_only=True, frozen=True):
    """One entry.  Texts are as the feed gave them (markup and all, relative links made absolute where they
    are links of the entry), within the limits of `schemas.limits`; times are unparsed.
    """

    native_id: str
    """GUID, id, or else the link, or else a hash of title and summary: never empty."""
    id_is_own: bool
    """Whether the feed gave an id; false where ``native_id`` is the link or a hash."""
    url: str | None = None
    """Absolute; null where the entry has no link (or one that is no web address)."""
    title: str | None = None
    summary: str | None = None
    content: str | None = None
    """Full content (content:encoded, atom:content, content_html), where there is one."""
    content_is_text: bool = False
    """True where summary and content are plain text rather than HTML."""
    authors: list[str] = []
    published: str | None = None
    updated: str | None = None
    categories: list[str] = []
    language: str | None = None
    source: Publisher | None = None
    """RSS <source> or atom:source: who published it first."""
    rights: str | None = None


class ParsedFeed(msgspec.Struct, kw_only=True, frozen=True):
    """One feed."""

    format: FeedFormat
    version: str
    """As feedparser names it: ``rss20``, ``atom10``, ``rss090``, ``json11``, …"""
    title: str | None = None
    link: str | None = None
    """The site, absolute."""
    self_url: str | None = None
    hub: str | None = None
    """WebSub."""
    language: str | None = None
    copyright: str | None = None
    description: str | None = None
    authors: list[str] = []
    """Author, editor or publisher, as the feed names them."""
    updated: str | None = None
    """As in the feed, unparsed."""
    ttl_s: float | None = None
    skip_hours: list[int] = []
    """0 to 23, GMT."""
    skip_days: list[int] = []
    """0 is Monday, GMT."""
    update_period_s: float | None = None
    """Of the syndication module (sy:updatePeriod / updateFrequency)."""
    entries: list[ParsedEntry] = []
    """In the feed's order, at most `schemas.limits` says."""
    truncated: bool = False
    """There were more entries than the limit."""
    ill_formed: bool = False
    """It had to be repaired to be read."""
    flags: list[FeedFlag] = []
    """What is wrong with it, each once."""
    encoding: str = ""
    """The charset it was decoded by, as Python names it."""
    parser: str = ""
    """Which one read it: ``lxml``, ``feedparser``, ``lxml-recover`` or ``json``."""

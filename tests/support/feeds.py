"""Feeds to parse, made as small as they can be."""

from __future__ import annotations

from connectors.feeds.model import FeedError, ParsedEntry, ParsedFeed
from connectors.feeds.parsing.read import parse_bytes

URL = "https://example.org/news/feed.xml"
ITEM = "<item><title>Ferry stops</title><link>https://example.org/ferry</link><guid>f-1</guid></item>"
NAMESPACES = (
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)


def rss(items: str = ITEM, channel: str = "<title>The Herald</title>", before: str = "") -> bytes:
    """Write RSS 2.0."""
    return f'{before}<rss version="2.0" {NAMESPACES}><channel>{channel}{items}</channel></rss>'.encode()


def atom(entries: str, feed: str = "<title>The Herald</title>", attributes: str = "") -> bytes:
    """Write Atom 1.0."""
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}>{feed}{entries}</feed>'.encode()


def parsed(data: bytes, url: str = URL, charset: str | None = None) -> ParsedFeed:
    """Parse in place."""
    return parse_bytes(data, url=url, charset=charset)


def one(data: bytes, url: str = URL) -> ParsedEntry:
    """Parse a feed of one entry."""
    (entry,) = parsed(data, url).entries
    return entry


def refusal(data: bytes, url: str = URL) -> FeedError:
    """Parse what is no feed."""
    try:
        feed = parsed(data, url)
    except FeedError as error:
        return error
    raise AssertionError(f"it was read: {feed}")

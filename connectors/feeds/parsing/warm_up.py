"""Load whatever parsing may need, so that a child can be kept from opening anything."""

from __future__ import annotations

import encodings
import importlib
import pkgutil

from connectors.feeds.model import FeedError
from connectors.feeds.parsing.read import parse_bytes
from schemas.links import registrable_domain

__all__ = ["warm_up"]

_URL = "https://example.org/feed"
_SAMPLES = (
    b'<rss version="2.0"><channel><item><link>/a</link><source url="https://example.org/">s</source></item></channel></rss>',
    b"<rss><channel><item><title>a &nbsp; <b></title><pubDate>Mon, 02 Jan 2006 15:04:05</pubDate></item></channel>",
    b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><updated>2006-01-02T15:04:05Z</updated></feed>',
    b"<html><link rel=alternate type=application/rss+xml href=/feed></html>",
    b"<rss><channel><title>caf\xe9 \xe0 la cr\xe8me</title></channel></rss>",
    b'{"version": "https://jsonfeed.org/version/1.1", "items": []}',
)


def warm_up() -> None:
    """Import every codec and run every parser once."""
    for module in pkgutil.iter_modules(encodings.__path__):
        if module.name not in {"mbcs", "oem"}:  # Windows' own
            importlib.import_module(f"encodings.{module.name}")
    registrable_domain("example.co.uk")
    for sample in _SAMPLES:
        try:
            parse_bytes(sample, url=_URL)
        except FeedError:
            continue  # the page and the broken ones have none

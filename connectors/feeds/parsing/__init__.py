"""From bytes to a `connectors.feeds.model.ParsedFeed`: `FeedParser` in a child, `read.parse_bytes` in place."""

from __future__ import annotations

from connectors.feeds.parsing.children import FeedParser

__all__ = ["FeedParser"]

"""JSON Feed 1.0 and 1.1 (jsonfeed.org): fields of another type than theirs are passed over."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from connectors.feeds.model import FeedError, ParsedEntry, ParsedFeed
from connectors.feeds.parsing.identity import told_apart
from connectors.feeds.parsing.values import absolute
from schemas.limits import FEED_ENTRIES, LIST_ITEMS

__all__ = ["read_json"]

_VERSIONS: Final = ("https://jsonfeed.org/version/", "http://jsonfeed.org/version/")


def read_json(text: str, url: str, **facts: Any) -> ParsedFeed:
    """Read a JSON document as a feed.

    Raises:
        FeedError: it is no JSON (``broken``) or no feed (``not_a_feed``).
    """
    try:
        feed = msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise FeedError(f"not JSON: {error}", reason="broken") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise FeedError("JSON without a list of items", reason="not_a_feed")
    version = _text(feed, "version") or ""
    if not version.startswith(_VERSIONS) and _text(feed, "title") is None:
        raise FeedError("JSON that is no JSON Feed", reason="not_a_feed")
    items = feed["items"]
    entries = [_entry(item, url) for item in items[:FEED_ENTRIES] if isinstance(item, dict)]
    kept, found = told_apart(entries)
    return ParsedFeed(
        format="json",
        version="json1" if version.rstrip("/").endswith(("/1", "/1.0")) else "json11",
        title=_text(feed, "title"),
        link=absolute(_text(feed, "home_page_url"), url),
        self_url=absolute(_text(feed, "feed_url"), url),
        hub=_hub(feed, url),
        language=_text(feed, "language"),
        description=_text(feed, "description"),
        authors=_authors(feed),
        entries=kept,
        truncated=len(items) > FEED_ENTRIES,
        parser="json",
        flags=[*facts.pop("flags", ()), *found],
        **facts,
    )


def _entry(item: dict[str, Any], url: str) -> ParsedEntry:
    own_id = _text(item, "id")
    markup, plain = _text(item, "content_html"), _text(item, "content_text")
    return ParsedEntry(
        native_id=own_id or "",
        id_is_own=own_id is not None,
        url=absolute(_text(item, "url"), url)
        or absolute(_text(item, "external_url"), url)
        or absolute(own_id, ""),
        title=_text(item, "title"),
        summary=_text(item, "summary"),
        content=markup or plain,
        content_is_text=markup is None and plain is not None,
        authors=_authors(item),
        published=_text(item, "date_published"),
        updated=_text(item, "date_modified"),
        categories=[tag.strip() for tag in _list(item, "tags") if isinstance(tag, str) and tag.strip()],
        language=_text(item, "language"),
    )


def _text(holder: dict[str, Any], name: str) -> str | None:
    value = holder.get(name)
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):  # ids are texts, and are numbers in the wild
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def _list(holder: dict[str, Any], name: str) -> list[Any]:
    value = holder.get(name)
    return value[:LIST_ITEMS] if isinstance(value, list) else []


def _authors(holder: dict[str, Any]) -> list[str]:
    people = _list(holder, "authors") or [holder.get("author")]
    names = (_text(one, "name") or _text(one, "url") for one in people if isinstance(one, dict))
    return list(dict.fromkeys(name for name in names if name))


def _hub(feed: dict[str, Any], url: str) -> str | None:
    for hub in _list(feed, "hubs"):
        if isinstance(hub, dict) and (_text(hub, "type") or "").lower() == "websub":
            return absolute(_text(hub, "url"), url)
    return None

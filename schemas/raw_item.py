"""RawItem, the event of ``news.raw``: what a source showed once, as it showed it."""

from __future__ import annotations

from typing import Annotated

from schemas.base import Count, Event, Publisher, Rights, Sha256, Timestamp, Uuid, Value, doc
from schemas.limits import NATIVE_ID_CHARS
from schemas.vocabulary import Lane, SourceKind

__all__ = ["Body", "FeedEntry", "Fetch", "RawItem"]


class Body(Value, kw_only=True, frozen=True):
    """The bytes or the text of an item, untouched: exactly one of ``text`` and ``data`` is filled."""

    media_type: Annotated[str, doc("media type without parameters", "text/html", "text/plain")] = "text/plain"
    charset: Annotated[str | None, doc("as declared by the source, not verified")] = None
    text: Annotated[str | None, doc("text as the source gave it")] = None
    data: Annotated[bytes | None, doc("bytes as the source gave them, base64")] = None
    sha256: Annotated[Sha256, doc("of the bytes (of text: its UTF-8), hexadecimal")]
    truncated: Annotated[bool, doc("the source had more than the limit")] = False


class FeedEntry(Value, kw_only=True, frozen=True):
    """What the feed itself said of an entry whose page was fetched."""

    title: Annotated[str | None, doc("as in the feed, markup and all")] = None
    summary: Annotated[str | None, doc("description or summary, HTML as it came")] = None
    content: Annotated[str | None, doc("full content, HTML as it came")] = None
    authors: Annotated[list[str], doc("as in the feed")] = []
    published: Annotated[str | None, doc("as in the feed, unparsed")] = None
    updated: Annotated[str | None, doc("as in the feed, unparsed")] = None
    categories: Annotated[list[str], doc("as in the feed")] = []
    language: Annotated[str | None, doc("of the entry or the feed")] = None
    source: Annotated[Publisher | None, doc("RSS <source>: who published it first")] = None
    feed_url: Annotated[str | None, doc("the feed it was seen in, without secrets of its address")] = None


class Fetch(Value, kw_only=True, frozen=True):
    """How a body was had, or why it was not."""

    result: Annotated[
        str,
        doc("ok, not_modified, robots, timeout, too_large, refused_address, a status, …", "ok", "403"),
    ] = "ok"
    status: Annotated[int | None, doc("HTTP status")] = None
    requested_url: Annotated[str | None, doc("what was asked for")] = None
    final_url: Annotated[str | None, doc("after redirects")] = None
    headers: Annotated[dict[str, str], doc("response headers that matter later, lower-case")] = {}
    bytes: Annotated[Count | None, doc("body size on the wire", unit="bytes")] = None
    duration_s: Annotated[float | None, doc("from request to last byte", unit="seconds")] = None
    failures: Annotated[
        Count,
        doc("fetches in a row, of a page that was had before, that ended 404 or 410, this one included"),
    ] = 0


class RawItem(Event, kw_only=True, frozen=True):
    """What a source showed once, at one time."""

    item_id: Annotated[Uuid, doc("UUIDv5 of source, native id, body hash and fetched_at")]
    source_id: Annotated[str, doc("the source that showed it: a definition's id, or files: and a name")]
    source_kind: Annotated[SourceKind, doc("its connector")]
    native_id: Annotated[
        str,
        doc(
            "the source's own identity of it: guid, path, record id or link; a longer one is shortened "
            "with its hash",
            max_chars=NATIVE_ID_CHARS,
        ),
    ]
    url: Annotated[str | None, doc("link as the source gave it")] = None
    link_key: Annotated[str, doc("the link canonicalised by rule, or source and native id: the key")]
    fetched_at: Annotated[Timestamp, doc("when it was seen; RFC 3339, UTC", "2026-11-24T09:30:00Z")]
    lane: Annotated[Lane, doc("live, or history that must not delay what is live")] = "live"
    synthetic: Annotated[bool, doc("a canary, kept out of everybody's counts")] = False
    title: Annotated[str | None, doc("as the source gave it")] = None
    description: Annotated[str | None, doc("as the source gave it")] = None
    bylines: Annotated[list[str], doc("as the source gave them")] = []
    subjects: Annotated[list[str], doc("categories or keywords as the source gave them")] = []
    published_at: Annotated[str | None, doc("as the source gave it, unparsed")] = None
    modified_at: Annotated[str | None, doc("as the source gave it, unparsed")] = None
    language: Annotated[str | None, doc("as the source declares it")] = None
    publisher: Annotated[Publisher | None, doc("what the source definition knows of it")] = None
    body: Annotated[Body | None, doc("null where nothing could be had")] = None
    entry: Annotated[FeedEntry | None, doc("the feed's own words, where a page was fetched")] = None
    fetch: Annotated[Fetch | None, doc("null where nothing is fetched (files, standard input)")] = None
    rights: Annotated[Rights | None, doc("signals found on the way")] = None
    part_of: Annotated[str | None, doc("URL of the live blog that this is an entry of")] = None

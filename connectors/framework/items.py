"""Make a RawItem of what a connector saw: ids, key and limits in one place."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from connectors.framework.bounds import (
    SPARE,
    clean,
    limited,
    limited_entry,
    limited_fetch,
    limited_list,
    limited_publisher,
    limited_rights,
)
from schemas import ids, links
from schemas.base import Publisher, Rights
from schemas.limits import (
    DESCRIPTION_CHARS,
    LIST_ENTRY_CHARS,
    NATIVE_ID_CHARS,
    PAGE_BODY_BYTES,
    TITLE_CHARS,
    URL_CHARS,
)
from schemas.raw_item import Body, FeedEntry, Fetch, RawItem
from schemas.vocabulary import Lane, SourceKind

__all__ = ["Clock", "body_of", "cut_body", "raw_item", "short_id", "text_body", "utc"]


class Clock:
    """Times of reading, RFC 3339 in UTC with microseconds, of which no two are the same: what is read
    twice is two items.
    """

    def __init__(self) -> None:
        self._last = datetime.min.replace(tzinfo=UTC)

    def now(self) -> str:
        """Return a time later than any before."""
        self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
        return utc(self._last)


def utc(moment: datetime) -> str:
    """Write a moment (with time zone) as RFC 3339 in UTC, always to the microsecond, so that texts sort as
    times do.
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def body_of(data: bytes, media_type: str, *, charset: str | None = None, truncated: bool = False) -> Body:
    """Make a body of bytes: as text where they are plainly UTF-8, else as the bytes they are.

    Bytes with NUL or ESC in them are never taken for UTF-8 text, since UTF-16 and ISO-2022 may decode as
    it; neither are those that declare another charset.  What is over `PAGE_BODY_BYTES` is cut and flagged.
    """
    cut = data[:PAGE_BODY_BYTES]
    truncated = truncated or len(data) > len(cut)
    text = None
    if (charset or "utf-8").lower() in {"utf-8", "utf8", "us-ascii", "ascii"} and not _is_stateful(cut):
        try:
            # An incremental decoder leaves out a character that the cut went through.
            text = codecs.getincrementaldecoder("utf-8")().decode(cut, final=not truncated)
        except UnicodeDecodeError:
            text = None
    if text is None:
        return Body(
            media_type=media_type,
            charset=charset,
            data=cut,
            sha256=ids.sha256_hex(cut),
            truncated=truncated,
        )
    return Body(
        media_type=media_type,
        charset=charset or "utf-8",
        text=text,
        sha256=ids.sha256_hex(text),
        truncated=truncated,
    )


def _is_stateful(data: bytes) -> bool:
    return b"\0" in data or b"\x1b" in data


def text_body(text: str, media_type: str) -> Body:
    """Make a body of text that came as text: as it is, but for lone surrogates, which no JSON carries."""
    text = clean(text)
    encoded = text.encode()
    if len(encoded) <= PAGE_BODY_BYTES:
        return Body(media_type=media_type, text=text, sha256=ids.sha256_hex(encoded))
    cut = encoded[:PAGE_BODY_BYTES].decode("utf-8", "ignore")
    return Body(media_type=media_type, text=cut, sha256=ids.sha256_hex(cut), truncated=True)


def raw_item(
    *,
    source_id: str,
    source_kind: SourceKind,
    native_id: str,
    fetched_at: str,
    body: Body | None,
    url: str | None = None,
    lane: Lane = "live",
    synthetic: bool = False,
    title: str | None = None,
    description: str | None = None,
    bylines: Iterable[str] = (),
    subjects: Iterable[str] = (),
    published_at: str | None = None,
    modified_at: str | None = None,
    language: str | None = None,
    publisher: Publisher | None = None,
    entry: FeedEntry | None = None,
    fetch: Fetch | None = None,
    rights: Rights | None = None,
    part_of: str | None = None,
) -> RawItem:
    """Make an item with its ids and its key, every field within its limit.

    A link longer than `URL_CHARS` is no link; a native id longer than `NATIVE_ID_CHARS` ends in its hash.

    Raises:
        ValueError: the source or the native id is empty, so that nothing identifies the item.
    """
    if not source_id or not native_id:
        raise ValueError("an item needs a source and the source's own identity of it")
    source_id, native_id = short_id(clean(source_id)), short_id(clean(native_id))
    link = clean(url) if url and len(url) <= URL_CHARS else None
    return RawItem(
        item_id=ids.item_id(source_id, native_id, body.sha256 if body else "", fetched_at),
        source_id=source_id,
        source_kind=source_kind,
        native_id=native_id,
        url=link,
        link_key=links.link_key(link, source_id, native_id),
        fetched_at=fetched_at,
        lane=lane,
        synthetic=synthetic,
        title=limited(title, SPARE * TITLE_CHARS),
        description=limited(description, SPARE * DESCRIPTION_CHARS),
        bylines=limited_list(bylines),
        subjects=limited_list(subjects),
        published_at=limited(published_at, LIST_ENTRY_CHARS),
        modified_at=limited(modified_at, LIST_ENTRY_CHARS),
        language=limited(language, LIST_ENTRY_CHARS),
        publisher=limited_publisher(publisher),
        body=body,
        entry=entry and limited_entry(entry),
        fetch=fetch and limited_fetch(fetch),
        rights=rights and limited_rights(rights),
        part_of=limited(part_of, URL_CHARS),
    )


def short_id(identity: str) -> str:
    """Return *identity*, or where it is too long its beginning and its hash."""
    if len(identity) <= NATIVE_ID_CHARS:
        return identity
    return f"{identity[: NATIVE_ID_CHARS - 65]}#{ids.sha256_hex(identity)}"


def cut_body(item: RawItem, budget: int) -> RawItem:
    """Cut the item's body so that it takes *budget* bytes of JSON at most, flag it and name the item anew
    (an item is identified by what of its body is there).
    """
    body = item.body
    assert body is not None
    if body.data is not None:
        data = body.data[: budget // 4 * 3]
        body = msgspec.structs.replace(body, data=data, sha256=ids.sha256_hex(data), truncated=True)
    else:
        text = _cut_text(body.text or "", budget)
        body = msgspec.structs.replace(body, text=text, sha256=ids.sha256_hex(text), truncated=True)
    name = ids.item_id(item.source_id, item.native_id, body.sha256, item.fetched_at)
    return msgspec.structs.replace(item, body=body, item_id=name)


def _cut_text(text: str, budget: int) -> str:
    """Return the longest beginning of *text* that takes *budget* bytes of JSON at most, without quotes."""
    encoded = msgspec.json.encode(text)[1:-1]
    if len(encoded) <= budget:
        return text
    for end in range(budget, budget - 6, -1):
        try:
            return msgspec.json.decode(b'"' + encoded[:end] + b'"', type=str)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue  # the cut went through a character or an escape, of which none takes over six bytes
    raise AssertionError("JSON text has a boundary in any six bytes")

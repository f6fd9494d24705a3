"""JSON lines: one item to a line, in the form that `newswire ingest` and `newswire pipe` read.

Fields, all of them optional: ``id, url, title, description, text`` or ``html`` (text wins), ``bylines,
subjects, published_at, modified_at, language, publisher, source, part_of, fetched_at``.  Others are passed
over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC
from typing import IO, Any, Final, NamedTuple

import ciso8601
import msgspec

from connectors.framework.errors import Skippable
from connectors.framework.items import raw_item, text_body, utc
from schemas import ids
from schemas.base import Publisher
from schemas.limits import MIB
from schemas.raw_item import RawItem
from schemas.vocabulary import Lane

__all__ = ["LINE_BYTES", "Line", "item_from_line", "read_lines"]

LINE_BYTES: Final = 32 * MIB
"""A longer line is not read: twice what a record holds, so that a long text is cut rather than lost."""
_REST_BYTES: Final = MIB
_BOM: Final = b"\xef\xbb\xbf"
_LONE_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")


class _Line(msgspec.Struct, kw_only=True):
    id: str | int | float | None = None
    url: str | None = None
    title: str | None = None
    description: str | None = None
    text: str | None = None
    html: str | None = None
    bylines: str | list[str] | None = None
    subjects: str | list[str] | None = None
    published_at: str | int | float | None = None
    modified_at: str | int | float | None = None
    language: str | None = None
    publisher: str | Publisher | None = None
    source: str | None = None
    part_of: str | None = None
    fetched_at: str | None = None


_decoder: Final = msgspec.json.Decoder(_Line)


def item_from_line(line: bytes, *, source_id: str, fetched_at: str, lane: Lane = "live") -> RawItem:
    """Make an item of one JSON object.

    *source_id* and *fetched_at* (RFC 3339, UTC) are for a line that gives none.  A line without ``id`` is
    known by its ``url``, one without either by the hash of the line.

    Raises:
        Skippable: the line is no JSON object of this form (reasons ``not_utf8``, ``not_json``,
            ``wrong_schema``).
    """
    seen = _decode(line)
    html = seen.text is None and seen.html is not None
    content = seen.html if html else seen.text
    return raw_item(
        source_id=seen.source or source_id,
        source_kind="files",
        native_id=_text(seen.id) or seen.url or f"line:{ids.sha256_hex(line)[:32]}",
        fetched_at=_utc(seen.fetched_at) if seen.fetched_at else fetched_at,
        body=None if content is None else text_body(content, "text/html" if html else "text/plain"),
        url=seen.url,
        lane=lane,
        title=seen.title,
        description=seen.description,
        bylines=_list(seen.bylines),
        subjects=_list(seen.subjects),
        published_at=_text(seen.published_at),
        modified_at=_text(seen.modified_at),
        language=seen.language,
        publisher=_publisher(seen.publisher),
        part_of=seen.part_of,
    )


def _decode(line: bytes) -> _Line:
    try:
        try:
            return _decoder.decode(line)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            if not _LONE_SURROGATE.search(line):
                raise
            # Half a surrogate pair, as cut-off emojis leave it: Python's decoder lets it pass, and it is
            # replaced where the item is made.
            return msgspec.convert(json.loads(line, parse_constant=_refuse_constant), _Line)
    except msgspec.ValidationError as error:
        raise Skippable(f"the line has another form: {error}", reason="wrong_schema") from error
    except UnicodeDecodeError as error:
        raise Skippable(f"the line is not UTF-8: {error}", reason="not_utf8") from error
    except (ValueError, RecursionError) as error:
        raise Skippable(f"the line is not JSON: {error}", reason="not_json") from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _utc(given: str) -> str:
    try:
        return utc(ciso8601.parse_rfc3339(given).astimezone(UTC))
    except (ValueError, OverflowError) as error:
        raise Skippable(f"fetched_at is not RFC 3339: {error}", reason="wrong_schema") from error


def _text(value: str | float | None) -> str | None:
    return None if value is None else str(value)


def _list(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []


def _publisher(value: str | Publisher | None) -> Publisher | None:
    if not isinstance(value, str):
        return value
    is_domain = "." in value and " " not in value
    return Publisher(domain=value.lower()) if is_domain else Publisher(name=value)


class Line(NamedTuple):
    """One line of a stream, without its end."""

    content: bytes
    start: int
    """Offset of its first byte."""
    end: int
    """Offset of the line after it."""
    error: Skippable | None
    """Why it could not be read whole."""


def read_lines(stream: IO[bytes], start: int = 0) -> Iterator[Line]:
    """Yield each line that is not blank; *start* is the offset at which *stream* stands."""
    while content := stream.readline(LINE_BYTES + 1):
        end = start + len(content)
        error = None
        if len(content) > LINE_BYTES and not content.endswith(b"\n"):
            while rest := stream.readline(_REST_BYTES):
                end += len(rest)
                if rest.endswith(b"\n"):
                    break
            error = Skippable(
                f"the line has {end - start:,} bytes, more than can be read", reason="line_too_long"
            )
        content = content.rstrip(b"\r\n")
        if start == 0:
            content = content.removeprefix(_BOM)
        if content.strip():
            yield Line(content, start, end, error)
        start = end

"""Lines in: what each stage reads of them, and what becomes of those that it cannot read."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import IO, Any, Final

import msgspec

from connectors.files import item_from_line
from connectors.framework.errors import Skippable
from connectors.framework.items import short_id
from connectors.framework.lines import LINE_BYTES
from connectors.framework.records import raw_record
from newswire.pipe.entry import Entry
from schemas import ids
from schemas.article import Article
from schemas.base import Event
from schemas.limits import MIB
from schemas.outcome import Outcome
from schemas.raw_item import RawItem
from schemas.sighting import UniqueArticle
from schemas.vocabulary import StageName
from schemas.wire import DecodeError, decode, encode

__all__ = ["LineClock", "entry_of", "entry_of_item", "limited_lines"]

READS: Final[dict[str, type[Event]]] = {
    "normalize": RawItem,
    "dedupe": Article,
    "enrich": UniqueArticle,
}


class LineClock:
    """The time of each line: its own ``fetched_at``, else the order of the lines.

    Lines without a time are a millisecond apart from today's last minutes (UTC) on.  So a run can be repeated
    with the same ids all day long, "today" is today, and nothing that was published by now is from the future.
    """

    def __init__(self) -> None:
        self._base = datetime.now(UTC).replace(hour=23, minute=50, second=0, microsecond=0)
        self._lines = 0
        self._last_ms = 0

    def fetched_at(self) -> str:
        """Return the time of the next line if it gives none; RFC 3339, UTC."""
        self._lines += 1
        moment = self._base + timedelta(milliseconds=self._lines)
        return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def record_ms(self, fetched_at: str) -> int:
        """Return a line's append time, milliseconds: its own time, but never before the line before it."""
        own = int(datetime.fromisoformat(fetched_at).timestamp() * 1000)
        self._last_ms = max(self._last_ms, own)
        return self._last_ms


def limited_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield each line of *stream* without its end and without a byte order mark before the first; of one that is
    too long, a byte more than is read.
    """
    mark = codecs.BOM_UTF8
    while line := stream.readline(LINE_BYTES + 1):
        content = line.rstrip(b"\r\n")
        while line and not line.endswith(b"\n"):
            line = stream.readline(MIB)
        # Of a line that is too long it stays, or the line would no longer be too long.
        yield content.removeprefix(mark) if len(content) <= LINE_BYTES else content
        mark = b""


def entry_of(line: bytes, first: StageName, clock: LineClock) -> Entry:
    """Read one line as what *first* reads.  A line that is none becomes its outcome; one that is an outcome, of
    a stage before *first*, stays what it is.
    """
    fetched_at = clock.fetched_at()
    if len(line) > LINE_BYTES:
        return _broken(line, "line_too_long", first)
    try:
        if first == "normalize":
            return _entry(item_from_line(line, source_id="pipe", fetched_at=fetched_at), clock)
        event: Any = decode(line, READS[first])
    except (Skippable, DecodeError) as error:
        return (first != "normalize" and _ended(line)) or _broken(line, error.reason, first)
    article: Article = event.article if first == "enrich" else event
    try:
        at_ms = clock.record_ms(article.fetched_at)
    except ValueError:
        return _broken(line, "wrong_schema", first)
    return Entry(article.native_id, article.item_id, at_ms, encode(event), event)


def entry_of_item(item: RawItem) -> Entry:
    """Make an entry of an item that was read elsewhere.

    Raises:
        Skippable: it cannot be sent.
    """
    return _entry(item, LineClock())


def _entry(item: RawItem, clock: LineClock) -> Entry:
    # As a connector sends it, so that the limits are those of news.raw.
    item, record = raw_record(item)
    return Entry(item.native_id, item.item_id, clock.record_ms(item.fetched_at), record.value, item)


def _ended(line: bytes) -> Entry | None:
    """Read a line that an earlier filter wrote of an item that ended in it; null where it is something else."""
    fields = _fields(line)
    if fields.get("event") != "outcome":
        return None
    try:
        outcome = decode(line, Outcome)
    except DecodeError:
        return None
    return Entry(outcome.native_id, outcome.item_id, 0, None, outcome, line=line)


def _broken(line: bytes, reason: str, first: StageName) -> Entry:
    item_id = ids.item_id_of_bytes(line)
    ended = Outcome(item_id=item_id, outcome="dead_letter", reason=reason, stage="connect")
    return Entry(_native_id(line, first), item_id, 0, None, ended)


def _native_id(line: bytes, first: StageName) -> str | None:
    """Return how a line that cannot be read calls its item; null where that cannot be read either."""
    fields = _fields(line)
    if first == "enrich" and isinstance(article := fields.get("article"), dict):
        fields = article
    name = fields.get("id" if first == "normalize" else "native_id")
    return short_id(str(name)) if isinstance(name, str | int | float) else None


def _fields(line: bytes) -> dict[str, Any]:
    try:
        fields = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}

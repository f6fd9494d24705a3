"""Lines in and lines out: what each stage reads, and how an event or an outcome is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import IO, Any, Final

import msgspec

from connectors.files import item_from_line
from connectors.framework.errors import Skippable
from connectors.framework.lines import LINE_BYTES
from connectors.framework.records import raw_record
from schemas import ids
from schemas.article import Article
from schemas.base import Event
from schemas.enriched import EnrichedArticle
from schemas.limits import MIB
from schemas.outcome import Outcome
from schemas.raw_item import RawItem
from schemas.sighting import Sighting, UniqueArticle
from schemas.vocabulary import StageName
from schemas.wire import DecodeError, decode, encode
from streams.engine.records import Done, Failed

__all__ = ["Entry", "LineClock", "entry_of", "entry_of_item", "limited_lines", "written"]

READS: Final[dict[str, type[Event]]] = {
    "normalize": RawItem,
    "dedupe": Article,
    "enrich": UniqueArticle,
}

EMITS: Final[dict[str, type[Event]]] = {
    "normalize": Article,
    "dedupe": Sighting,
    "enrich": EnrichedArticle,
}


class Entry(msgspec.Struct):
    """One line on its way.  *value* is the next stage's input while it has one; *last* is what will be
    written.
    """

    native_id: str | None
    item_id: str
    at_ms: int
    value: bytes | None
    last: Event
    of_native_id: str | None = None


class LineClock:
    """The time of each line: its own ``fetched_at``, else the order of the lines.

    Lines without a time are a millisecond apart from today's midnight (UTC) on, so that a run can be
    repeated with the same ids all day long and dates in the text are judged sensibly.
    """

    def __init__(self) -> None:
        self._base = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
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
    """Yield each line of *stream* without its end; of one that is too long, a byte more than is read."""
    while line := stream.readline(LINE_BYTES + 1):
        content = line.rstrip(b"\r\n")
        while line and not line.endswith(b"\n"):
            line = stream.readline(MIB)
        yield content


def entry_of(line: bytes, first: StageName, clock: LineClock) -> Entry:
    """Read one line as what *first* reads; a line that is none becomes its outcome."""
    fetched_at = clock.fetched_at()
    if len(line) > LINE_BYTES:
        return _broken(line, "line_too_long")
    try:
        if first == "normalize":
            return _entry(item_from_line(line, source_id="pipe", fetched_at=fetched_at), clock)
        event: Any = decode(line, READS[first])
    except (Skippable, DecodeError) as error:
        return _broken(line, error.reason)
    article: Article = event.article if first == "enrich" else event
    try:
        at_ms = clock.record_ms(article.fetched_at)
    except ValueError:
        return _broken(line, "wrong_schema")
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


def _broken(line: bytes, reason: str) -> Entry:
    item_id = ids.item_id_of_bytes(line)
    ended = Outcome(item_id=item_id, outcome="dead_letter", reason=reason, stage="connect")
    return Entry(None, item_id, 0, None, ended)


def settle(entry: Entry, result: Done | Failed, stage: StageName) -> None:
    """Take a stage's result: what it emitted first is the item's new event; without it, it has ended."""
    entry.value = None
    if isinstance(result, Done) and result.emits:
        entry.value = result.emits[-1].value if stage == "dedupe" else result.emits[0].value
        entry.last = decode(result.emits[0].value, EMITS[stage])
        if stage == "dedupe" and result.ending is not None:
            entry.value = None
        return
    ending = result.ending if isinstance(result, Done) else None
    facts = result.facts
    entry.last = Outcome(
        item_id=entry.item_id,
        native_id=entry.native_id,
        article_id=facts.article_id if facts else None,
        source_id=facts.source_id if facts else None,
        outcome=ending.outcome if ending else "dead_letter",
        reason=ending.reason if ending else result.reason if isinstance(result, Failed) else None,
        stage=stage,
    )


def written(entry: Entry) -> bytes:
    """Write the last event of a line: its fields, and ``event``, ``native_id`` and, for a sighting that is
    compared with another, ``of_native_id``.
    """
    fields: dict[str, Any] = {
        "event": _snake(type(entry.last).__name__),
        **msgspec.to_builtins(entry.last),
        "native_id": entry.native_id,
    }
    if isinstance(entry.last, Sighting):
        fields["of_native_id"] = entry.of_native_id
    return msgspec.json.encode(fields)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")

"""What becomes of one line: what each stage made of it, and how its last event is written."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from schemas.article import Article
from schemas.base import Event
from schemas.enriched import EnrichedArticle
from schemas.outcome import Outcome
from schemas.sighting import Sighting
from schemas.vocabulary import StageName
from schemas.wire import decode
from streams.engine.records import Done, Failed

__all__ = ["Entry", "settle", "written"]

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
    line: bytes | None = None
    """The line itself, of an item that had ended before: it is written as it came."""


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
    if entry.line is not None:
        return entry.line
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

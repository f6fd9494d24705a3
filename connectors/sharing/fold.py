"""Which definition and which state of a source count: the rules of folding a partition.

Of definitions the last one counts.  Of states the one of the highest generation, and of these the last; one
that was written before the source was added belongs to an earlier life of it and counts as none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import msgspec

from newswire.telemetry import metrics
from newswire.telemetry.logs import log
from schemas.source import SourceDefinition, SourceState
from schemas.wire import DecodeError, decode

__all__ = ["Fold", "Stored", "definition_in", "generation_of", "state_in"]


class _Generation(msgspec.Struct):
    generation: int


_generations: Final = msgspec.json.Decoder(_Generation)


class Stored(msgspec.Struct, frozen=True, gc=False):
    """The state that counts, as it lies in its topic."""

    generation: int
    offset: int
    value: bytes


class Fold:
    """One partition of both topics, from the beginning to where it is read.

    Values stay as they lie there, and are decoded one by one when they are handed out.
    """

    def __init__(self) -> None:
        self._definitions: dict[str, bytes] = {}
        self._states: dict[str, Stored] = {}
        self._overtaken: set[str] = set()
        self.highest = 0
        """The highest generation that was found."""

    def define(self, source_id: str, value: bytes | None) -> None:
        """Take a definition, or its removal."""
        if value is None:
            self._definitions.pop(source_id, None)
        else:
            self._definitions[source_id] = value

    def state(self, source_id: str, offset: int, value: bytes | None) -> None:
        """Take a state, or its removal."""
        if value is None:
            self._states.pop(source_id, None)
            self._overtaken.discard(source_id)
            return
        generation = generation_of(source_id, value)
        if generation is None:
            return
        self.highest = max(self.highest, generation)
        known = self._states.get(source_id)
        if known is not None and known.generation > generation:
            self._overtaken.add(source_id)
            return
        self._states[source_id] = Stored(generation, offset, value)
        self._overtaken.discard(source_id)

    def __len__(self) -> int:
        return len(self._definitions)

    def sources(self) -> Iterator[tuple[str, bytes, Stored | None]]:
        """Take every source out: its id, its definition and the state that counts."""
        definitions, states = self._definitions, self._states
        self._definitions, self._states = {}, {}
        while definitions:
            source_id, value = definitions.popitem()
            yield source_id, value, states.pop(source_id, None)

    def overtaken(self) -> list[tuple[str, Stored]]:
        """Return the states that count and that one of a lower generation was written after.

        Compaction would keep the wrong one, so the owner writes these again.
        """
        return [(source_id, self._states[source_id]) for source_id in self._overtaken]


def generation_of(source_id: str, value: bytes) -> int | None:
    """Return the generation of a state's record; null, with a line in the log, where it has none."""
    try:
        return _generations.decode(value).generation
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        _set_aside("source_state", source_id, error)
        return None


def definition_in(source_id: str, value: bytes) -> SourceDefinition | None:
    """Decode a definition; null, with a line in the log, where it is none."""
    found: SourceDefinition | None = _event(source_id, value, SourceDefinition, "source_definition")
    if found is not None and found.source_id != source_id:
        _set_aside("source_definition", source_id, ValueError(f"it is of {found.source_id}"))
        return None
    return found


def state_in(definition: SourceDefinition, stored: bytes | None) -> SourceState | None:
    """Decode the state of a source; null where it is none, or one of an earlier life of the source."""
    if stored is None:
        return None
    state = _event(definition.source_id, stored, SourceState, "source_state")
    return None if state is None or _is_before(state.written_at, definition.added_at) else state


def _is_before(moment: str, other: str) -> bool:
    try:
        return datetime.fromisoformat(moment) < datetime.fromisoformat(other)
    except (ValueError, TypeError):
        return False


def _event(source_id: str, value: bytes, kind: Any, what: str) -> Any:
    try:
        return decode(value, kind)
    except DecodeError as error:
        _set_aside(what, source_id, error)
        return None


def _set_aside(what: str, source_id: str, error: Exception) -> None:
    metrics.SHARING_SET_ASIDE.labels(what).inc()
    log.error("record_set_aside", what=what, source_id=source_id[:64], error=str(error)[:200])

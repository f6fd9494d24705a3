"""How sources do, followed through both of their topics; of each only what is shown is kept.

Which definition and which state count is what `connectors.sharing.fold` says: of definitions the last; of
states the last of the highest generation, if it was written since the source was added.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from newswire.ledger.reader import Offsets, TopicReader
from newswire.top.seen import SourcesSeen
from schemas.source import SourceHealth
from schemas.topics import SOURCE_STATE, SOURCES
from streams.engine.records import Record

__all__ = ["SourcesFollowed"]

REASONS: Final = 6
WELL: Final = ("ok", "unknown", "disabled")
T = TypeVar("T")


class _Definition(msgspec.Struct, gc=False):
    added_at: str
    enabled: bool = True


class _State(msgspec.Struct, gc=False):
    generation: int
    written_at: str
    health: SourceHealth = SourceHealth()


_definitions: Final = msgspec.json.Decoder(_Definition)
_states: Final = msgspec.json.Decoder(_State)


class SourcesFollowed:
    """Both topics from their beginning to where they are read.

    Args:
        most: records read in one go; null reads to the end.

    """

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._at: Offsets = {}
        self._definitions: dict[str, _Definition] = {}
        self._found: dict[str, _State] = {}

    def read(self, reader: TopicReader) -> bool:
        """Read what is new, and return whether that was all.

        Raises:
            MissingTopic: a topic is missing.
            KafkaError: the broker does not answer.
        """
        partitions = [*reader.partitions(SOURCES.name), *reader.partitions(SOURCE_STATE.name)]
        begins, ends = reader.begins(partitions), reader.ends(partitions)
        starts = {each: max(begins[each], self._at.get(each, 0)) for each in partitions}
        until = ends
        if self._most is not None:
            share = max(1, self._most // len(partitions))
            until = {each: min(ends[each], starts[each] + share) for each in partitions}
        for record in reader.read(starts, until):
            self.take(record)
        self._at = {each: max(starts[each], until[each]) for each in partitions}
        return until == ends

    def take(self, record: Record) -> None:
        """Take one record of either topic; one that says nothing of use is passed over."""
        source_id = (record.key or b"").decode("utf-8", "replace")
        if record.topic == SOURCES.name:
            definition = _decoded(_definitions, record.value)
            if definition is not None:
                self._definitions[source_id] = definition
            elif record.value is None:
                self._definitions.pop(source_id, None)
            return
        state = _decoded(_states, record.value)
        if state is not None:
            known = self._found.get(source_id)
            if known is None or known.generation <= state.generation:
                self._found[source_id] = state
        elif record.value is None:
            self._found.pop(source_id, None)

    def seen(self, *, workers: int, whole: bool) -> SourcesSeen:
        """Return how the sources do that were read so far."""
        health: Counter[str] = Counter()
        reasons: Counter[tuple[str, str]] = Counter()
        for source_id, definition in self._definitions.items():
            how = self._health(source_id, definition)
            status = how.status if definition.enabled else "disabled"
            health[status] += 1
            if status not in WELL and how.reason:
                reasons[status, how.reason] += 1
        return SourcesSeen(
            total=health.total(),
            workers=workers,
            health=dict(health.most_common()),
            reasons=[(*each, count) for each, count in reasons.most_common(REASONS)],
            whole=whole,
        )

    def _health(self, source_id: str, definition: _Definition) -> SourceHealth:
        state = self._found.get(source_id)
        if state is None or _is_before(state.written_at, definition.added_at):
            return SourceHealth()
        return state.health


def _decoded(decoder: msgspec.json.Decoder[T], value: bytes | None) -> T | None:
    try:
        return None if value is None else decoder.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _is_before(moment: str, other: str) -> bool:
    try:
        return datetime.fromisoformat(moment) < datetime.fromisoformat(other)
    except (ValueError, TypeError):
        return False

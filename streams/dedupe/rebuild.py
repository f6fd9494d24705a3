"""Rebuild dedupe's state: fold the sightings topic from where the local files end to the topic's end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Final, Protocol

from aiokafka.errors import KafkaError

from newswire.settings import Settings
from streams.dedupe.ahead import read_ahead
from streams.dedupe.reading import Span, records_of, span_from
from streams.dedupe.shown import SetAside, Shown
from streams.engine.errors import Fatal

__all__ = ["Foldable", "fold_topic"]

AHEAD_FROM: Final = 20_000
"""For so many records another process reads ahead; fewer are folded before it would have started."""


class Foldable(Protocol):
    """What can be rebuilt from a topic."""

    @property
    def position(self) -> int:
        """Offset of the next record to fold."""
        ...

    def fold(self, value: bytes, offset: int, record_at_ms: int) -> None:
        """Take one record in."""

    def fold_shown(self, sightings: Iterable[Shown | SetAside]) -> None:
        """Take records in that are made out already."""


async def fold_topic(state: Foldable, settings: Settings, topic: str, partition: int) -> int:
    """Fold all that the partition holds from ``state.position`` on; return how many records that were.

    Raises:
        Fatal: the topic cannot be read to its end.
    """
    try:
        span = await span_from(settings, topic, partition, state.position)
        if len(span) >= AHEAD_FROM:
            return await _fold_ahead(state, settings, span)
        return await _fold(state, settings, span)
    except (KafkaError, OSError) as error:
        raise Fatal(f"{topic} cannot be read: {error!r}") from error


async def _fold_ahead(state: Foldable, settings: Settings, span: Span) -> int:
    folded = 0
    async with contextlib.aclosing(read_ahead(settings, span)) as frames:
        async for sightings in frames:
            state.fold_shown(sightings)
            folded += len(sightings)
    return folded


async def _fold(state: Foldable, settings: Settings, span: Span) -> int:
    folded = 0
    async with contextlib.aclosing(records_of(settings, span)) as batches:
        async for records in batches:
            for record in records:
                state.fold(record.value, record.offset, record.at_ms)
            folded += len(records)
    return folded

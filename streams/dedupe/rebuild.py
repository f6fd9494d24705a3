"""Rebuild dedupe's state: fold the sightings topic from where the local files end to the topic's end.

The topic can lose either end.  Where its newest records are gone (a broker that comes back from a copy), files
that were made from more hold articles that nobody judged here: everything new that is like them would be taken
for seen, and never be enriched.  Such files are emptied, and the topic is folded from its start.  Where its
oldest are gone sooner than the window needs them, the state knows less than it says, which is told.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from typing import Final, Protocol

from aiokafka.errors import KafkaError

from newswire.settings import Settings
from newswire.telemetry.logs import log
from streams.dedupe.ahead import read_ahead
from streams.dedupe.reading import Bounds, Span, bounds_of, records_of, span_from
from streams.dedupe.shown import Appended, SetAside, Shown, shown_of_all
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

    @property
    def last(self) -> bytes:
        """Key of the item whose sighting lies before the position; empty where none was folded."""
        ...

    def reset(self) -> None:
        """Forget everything."""

    def reach(self, position: int) -> None:
        """Learn that everything before *position* is folded."""

    def know_since(self, at_ms: int) -> None:
        """Learn that nothing from before this time is in the topic any more; 0 where all is."""

    def fold(self, value: bytes, offset: int, record_at_ms: int) -> None:
        """Take one record in."""

    def fold_shown(self, sightings: Iterable[Shown | SetAside]) -> None:
        """Take records in that are made out already."""


async def fold_topic(state: Foldable, settings: Settings, topic: str, partition: int) -> int:
    """Fold all that the partition holds from ``state.position`` on; return how many records that were.

    A state that was made from more than the topic holds, or from something else, is reset first.

    Raises:
        Fatal: the topic cannot be read to its end.
    """
    try:
        held = await bounds_of(settings, topic, partition)
        position = state.position
        if not await _continues(state, settings, topic, partition, held):
            log.warning("sightings_went_back", topic=topic, files=position, first=held.first, end=held.end)
            state.reset()
        state.know_since(await _known_since(settings, topic, partition, held))
        span = await span_from(settings, topic, partition, state.position)
        folded = await (_fold_ahead if len(span) >= AHEAD_FROM else _fold)(state, settings, span)
    except (KafkaError, OSError) as error:
        raise Fatal(f"{topic} cannot be read: {error!r}") from error
    state.reach(span.end)
    return folded


async def _continues(state: Foldable, settings: Settings, topic: str, partition: int, held: Bounds) -> bool:
    """Tell whether the topic still has the records that the state was made from, as far as can be seen."""
    position = state.position
    if position > held.end:
        return False
    if position <= held.first:
        return True  # what it was made from is deleted, if it was not made from nothing
    # A topic that lost its newest records and has grown past them has another there.
    found = shown_of_all(await _all(settings, Span(topic, partition, position - 1, position)))
    return any(isinstance(last, Shown) and last.item == state.last for last in found)


async def _known_since(settings: Settings, topic: str, partition: int, held: Bounds) -> int:
    """Return when the oldest record was appended, ms since 1970; 0 where none before it was deleted.

    Where none is left, it is now.
    """
    if not held.first:
        return 0
    oldest = await _all(settings, Span(topic, partition, held.first, min(held.first + 1, held.end)))
    return oldest[0].at_ms if oldest else int(time.time() * 1000)


async def _all(settings: Settings, span: Span) -> list[Appended]:
    async with contextlib.aclosing(records_of(settings, span)) as batches:
        return [record async for records in batches for record in records if record.offset < span.end]


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

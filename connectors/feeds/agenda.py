"""Everything that is due, in one heap: what it costs does not grow with the number of sources.

Definitions and states lie here as bytes and are decoded when their source is due: 180,000 sources as objects
would take gigabytes.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterator
from typing import Any, Final

__all__ = ["Agenda", "Held"]

SPARE: Final = 1_000
"""Entries of the heap that are out of date and stay, beside as many as there are sources."""


class Held:
    """A source that is ours to read."""

    __slots__ = (
        "at",
        "definition",
        "due",
        "health",
        "number",
        "polled",
        "since",
        "source_id",
        "state",
        "task",
        "touched",
    )

    def __init__(self, source_id: str, definition: bytes, state: bytes) -> None:
        self.source_id = source_id
        self.definition = definition
        self.state = state
        self.at: float | None = None
        """When it is to be looked at, null while something of it is under way or waits for its host."""
        self.due = 0.0
        """When that was due; ``at`` is earlier where it goes before others."""
        self.number = 0
        """Of what is due at the same time, the source goes first that came first."""
        self.polled = False
        """Whether what was asked for last was the feed itself."""
        self.touched = False
        """Whether its definition has changed since it was last looked at."""
        self.health = ("unknown", "")
        """How it does and why, as metrics have it; ``since`` is since when, in epoch seconds."""
        self.since = 0.0
        self.task: asyncio.Task[Any] | None = None


class Agenda:
    """Sources by when they are to be looked at next, one time each."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}
        self._heap: list[tuple[float, int, str]] = []
        self._number = 0

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Held]:
        return iter(self._held.values())

    def add(self, held: Held) -> None:
        """Take a source in; it has no time yet."""
        self._number += 1
        held.number = self._number
        self._held[held.source_id] = held

    def get(self, source_id: str) -> Held | None:
        """Return a source, null where it is not ours."""
        return self._held.get(source_id)

    def remove(self, source_id: str) -> Held | None:
        """Forget a source."""
        return self._held.pop(source_id, None)

    def schedule(self, held: Held, at: float, due: float | None = None) -> None:
        """Set when a source is looked at; it replaces any time before.  An infinite time is none.

        *due* is when that is due, where *at* lies before it for the sake of the order alone.
        """
        held.at, held.due = at, at if due is None else due
        if at == float("inf"):
            return
        heapq.heappush(self._heap, (at, held.number, held.source_id))
        if len(self._heap) > 2 * len(self._held) + SPARE:
            self._heap = [entry for entry in self._heap if self._is_true(entry)]
            heapq.heapify(self._heap)

    def take(self, now: float) -> Held | None:
        """Return the source that is due longest, null where none is; it has no time then."""
        at = self.next_at()
        if at > now:
            return None
        _, _, source_id = heapq.heappop(self._heap)
        held = self._held[source_id]
        held.at = None
        return held

    def next_at(self) -> float:
        """Return when the next source is due, infinity where none is."""
        heap = self._heap
        while heap and not self._is_true(heap[0]):
            heapq.heappop(heap)
        return heap[0][0] if heap else float("inf")

    def first_due(self) -> float:
        """Return since when the source that goes next is due, infinity where none is."""
        return self._held[self._heap[0][2]].due if self.next_at() != float("inf") else float("inf")

    def _is_true(self, entry: tuple[float, int, str]) -> bool:
        at, number, source_id = entry
        held = self._held.get(source_id)
        return held is not None and held.at == at and held.number == number

"""Between the thread that shares sources and those that read them and save their states.

Small on purpose: of a source whose definition was handed out, only its partition and the offset of its state
are kept here, since who polls keeps the rest.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, Literal

import msgspec

from connectors.framework.errors import ConnectorError
from connectors.sharing.book import Change
from connectors.sharing.fold import Fold, Stored, definition_in, state_in
from newswire.telemetry import metrics

__all__ = ["NO_STATE", "Desk", "Part", "Repair", "Right"]

NO_STATE: Final = -1
MOST_CHANGES: Final = 256
"""Decoded at a time, so that the loop that polls is not held up by a large partition."""

Kind = Literal["added", "changed", "removed", "revoked"]


class Part:
    """One partition of this worker's, from the beginning of taking it over to its end."""

    __slots__ = ("epoch", "let_go", "not_before", "number", "offsets", "out", "phase", "together")

    def __init__(self, number: int) -> None:
        self.number = number
        self.phase: Literal["taking", "held", "leaving", "gone"] = "taking"
        self.epoch = 0
        """What its states are stamped with."""
        self.not_before = 0.0
        self.offsets: dict[str, int] = {}
        """Every source's offset of the state that counts, or `NO_STATE`."""
        self.out = 0
        """Sources that are handed out and not yet let go."""
        self.let_go: set[str] = set()
        """Revoked sources of which nothing is under way; their states may be written until the end."""
        self.together = 0
        """How many were found when it was taken over."""


class Right(msgspec.Struct, frozen=True):
    """How a state may be written now."""

    partition: int
    epoch: int


class Repair(msgspec.Struct, frozen=True):
    """A state that counts and must be written again, since an older owner wrote after it; or, without a
    value, one whose source was removed.
    """

    part: Part
    source_id: str
    offset: int
    value: bytes | None


class _Queued(msgspec.Struct, frozen=True, gc=False):
    kind: Kind
    part: Part
    source_id: str
    definition: bytes | None = None
    state: bytes | None = None


class Desk:
    """What was found for the readers, and what they said.  Methods say from which thread they are called."""

    def __init__(self, is_valid: Callable[[], bool]) -> None:
        self._is_valid = is_valid
        """Whether the lease of this worker is."""
        self._lock = threading.Lock()
        self._queue: deque[_Queued] = deque()
        self._where: dict[str, Part] = {}
        """Of every source that is handed out."""
        self._repairs: deque[Repair] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken: asyncio.Event | None = None
        self._failure: BaseException | None = None
        self._saves_asked = 0
        self._saves_done = 0

    # -- the event loop that polls ---------------------------------------------------------------------

    async def changes(self, wait_s: float) -> list[Change]:
        """Return at most `MOST_CHANGES` changes, in order, waiting up to *wait_s* for the first.

        Raises:
            ConnectorError: sharing has come to its end.
        """
        if self._woken is None:
            self._loop, self._woken = asyncio.get_running_loop(), asyncio.Event()
        if not self._queue and self._failure is None and wait_s > 0:
            self._woken.clear()
            if not self._queue and self._failure is None:  # it may have come before the event was cleared
                try:
                    await asyncio.wait_for(self._woken.wait(), wait_s)
                except TimeoutError:
                    return []
        if not self._queue and self._failure is not None:
            raise self._failure
        found: list[Change] = []
        while self._queue and len(found) < MOST_CHANGES:
            change = self._next()
            if change is not None:
                found.append(change)
        return found

    def _next(self) -> Change | None:
        with self._lock:
            if not self._queue:
                return None
            queued = self._queue.popleft()
            kind, part, source_id = queued.kind, queued.part, queued.source_id
            if kind in {"removed", "revoked"}:
                if kind == "removed" and self._where.get(source_id) is part:
                    del self._where[source_id]
                    part.out -= source_id not in part.let_go
                return Change(kind=kind, source_id=source_id)
        assert queued.definition is not None
        definition = definition_in(source_id, queued.definition)
        if definition is None:
            return None
        with self._lock:
            if part.phase != "held":
                return None
            out = self._where.get(source_id) is part
            if not out:
                self._where[source_id] = part
                part.out += 1
        return Change(
            kind="changed" if out else "added",
            source_id=source_id,
            definition=definition,
            state=None if out else state_in(definition, queued.state),
            not_before=part.not_before,
            together=part.together if queued.kind == "added" else 1,
        )

    def holds(self, source_id: str) -> bool:
        """Return whether a source is surely ours (any thread)."""
        part = self._where.get(source_id)
        return part is not None and part.phase == "held" and self._is_valid()

    def released(self, source_ids: Iterable[str]) -> None:
        """Note that nothing of revoked sources is under way any more."""
        with self._lock:
            for source_id in source_ids:
                part = self._where.get(source_id)
                if part is not None and part.phase == "leaving" and source_id not in part.let_go:
                    part.let_go.add(source_id)
                    part.out -= 1

    # -- the thread that saves states ------------------------------------------------------------------

    def right(self, source_id: str) -> Right | bool:
        """Return how a source's state may be written; true where that cannot be said before the next
        heartbeat, false where it is not ours.
        """
        part = self._where.get(source_id)
        return part is not None and source_id in part.offsets and self.right_in(part)

    def right_in(self, part: Part) -> Right | bool:
        """Return the same of a partition."""
        if part.phase not in {"held", "leaving"}:
            return False
        return Right(part.number, part.epoch) if self._is_valid() else True

    def wrote(self, source_id: str, offset: int) -> None:
        """Note where a state of ours lies."""
        part = self._where.get(source_id)
        with self._lock:
            if part is not None and source_id in part.offsets:
                part.offsets[source_id] = max(offset, part.offsets[source_id])

    def repairs(self) -> list[Repair]:
        """Take out what must be written again, but for what we have written anew since."""
        found = []
        while self._repairs:
            repair = self._repairs.popleft()
            known = repair.part.offsets.get(repair.source_id)
            if known == (repair.offset if repair.value is not None else None):
                found.append(repair)
        return found

    @property
    def save_asked(self) -> int:
        """Number of the last save that was asked for, where it was not made yet; else 0."""
        return self._saves_asked if self._saves_asked > self._saves_done else 0

    @property
    def needs_save(self) -> bool:
        """Whether states should be saved without waiting for the usual time."""
        return bool(self._repairs) or self.save_asked > 0

    def saved(self, number: int) -> None:
        """Note that all that had moved when *number* was asked for is safe."""
        self._saves_done = max(self._saves_done, number)

    # -- the thread that shares ------------------------------------------------------------------------

    def ask_save(self) -> int:
        """Ask for a save; return its number."""
        self._saves_asked += 1
        return self._saves_asked

    def is_saved(self, number: int) -> bool:
        """Whether the save of that number was made."""
        return self._saves_done >= number

    def hand_out(self, part: Part, fold: Fold) -> None:
        """Offer all sources of a partition that is ours now."""
        overtaken = fold.overtaken()
        with self._lock:
            part.phase, part.together = "held", len(fold)
            for source_id, definition, stored in fold.sources():
                part.offsets[source_id] = NO_STATE if stored is None else stored.offset
                state = None if stored is None else stored.value
                self._queue.append(_Queued("added", part, source_id, definition, state))
        for source_id, stored in overtaken:
            self.repair(part, source_id, stored)
        self._wake()

    def repair(self, part: Part, source_id: str, stored: Stored) -> None:
        """Have a state that counts written again."""
        if source_id in part.offsets:
            metrics.SHARING_REWRITTEN.inc()
            self._repairs.append(Repair(part, source_id, stored.offset, stored.value))

    def define(self, part: Part, source_id: str, definition: bytes | None) -> None:
        """Take a definition that came while the partition is ours."""
        with self._lock:
            if definition is None:
                offset = part.offsets.pop(source_id, None)
                if offset is None:
                    return
                self._queue.append(_Queued("removed", part, source_id))
                self._repairs.append(Repair(part, source_id, offset, None))
            else:
                part.offsets.setdefault(source_id, NO_STATE)
                self._queue.append(_Queued("changed", part, source_id, definition))
        self._wake()

    def take_back(self, part: Part, *, gone: bool) -> None:
        """Revoke a partition's sources.  What is *gone* is not waited for, nor written any more."""
        with self._lock:
            kept = [queued for queued in self._queue if queued.part is not part or queued.kind == "revoked"]
            self._queue = deque(kept)
            told = part.phase == "leaving"
            part.phase = "gone" if gone else "leaving"
            ours = [source_id for source_id, where in self._where.items() if where is part]
            if not told:
                self._queue.extend(_Queued("revoked", part, source_id) for source_id in ours)
            if gone:
                for source_id in ours:
                    del self._where[source_id]
                part.out = 0
        self._wake()

    def fail(self, error: BaseException) -> None:
        """End: the readers are told so with *error*."""
        self._failure = error
        self._wake()

    @property
    def failure(self) -> ConnectorError | None:
        """What ended sharing before its end."""
        return self._failure if isinstance(self._failure, ConnectorError) else None

    @property
    def count(self) -> int:
        """How many sources are handed out."""
        return len(self._where)

    @property
    def backlog(self) -> int:
        """How many changes were not asked for yet."""
        return len(self._queue)

    def _wake(self) -> None:
        loop, woken = self._loop, self._woken
        if loop is not None and woken is not None and not loop.is_closed():
            try:
                loop.call_soon_threadsafe(woken.set)
            except RuntimeError:  # it was closed just now: nobody waits any more
                return

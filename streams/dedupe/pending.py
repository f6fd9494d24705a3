"""Changes that count at once but are written only when their sighting is known to have left."""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import Final

import msgspec

from streams.dedupe.limits import DedupeLimits
from streams.dedupe.marks import FilesHold, Marks
from streams.dedupe.store import Change, LocalStore

__all__ = ["PendingChanges"]

_BATCH: Final = 256
"""Sightings written at once: a batch costs as much as some ten changes."""


class PendingChanges:
    """The store as it would be if everything judged had left.

    Each sighting's changes are added once, in order, and confirmed in the same order.
    """

    def __init__(self, store: LocalStore, limits: DedupeLimits) -> None:
        self._store = store
        self._limits = limits
        self._position = 0
        self._marks = Marks()
        self._waiting: deque[tuple[list[Change], Marks]] = deque()
        self._confirmed: list[list[Change]] = []
        self._newest: dict[bytes, Change] = {}

    @property
    def last(self) -> bytes:
        """Key of the item that was confirmed last; empty before the first."""
        return self._marks.last

    def get(self, key: bytes) -> bytes | None:
        """Read one value, written or not."""
        change = self._newest.get(key)
        return self._store.get(key) if change is None else change.value

    def add(self, changes: list[Change], marks: Marks) -> None:
        """Take the changes of one sighting, and where the state stands after it."""
        newest = self._newest
        for change in changes:
            newest[change.key] = change
        self._waiting.append((changes, marks))

    def confirm(self, position: int) -> None:
        """Let the oldest sighting's changes be written: with it the topic is folded up to *position*.

        Raises:
            IndexError: nothing waits.
            StoreError: the disk is full or failing.
        """
        changes, self._marks = self._waiting.popleft()
        self._confirmed.append(changes)
        self._position = position
        if len(self._confirmed) >= _BATCH:
            self.write()

    def write(self) -> None:
        """Write what is confirmed.

        Raises:
            StoreError: the disk is full or failing.
        """
        if not self._confirmed:
            return
        held = FilesHold(self._limits, self._position, self._marks)
        self._store.write(chain.from_iterable(self._confirmed), msgspec.msgpack.encode(held))
        newest = self._newest
        if self._waiting:
            for change in chain.from_iterable(self._confirmed):
                if newest.get(change.key) is change:
                    del newest[change.key]
        else:
            newest.clear()
        self._confirmed.clear()

"""Changes that count at once but are written only when their sighting is known to have left."""

from __future__ import annotations

from collections import deque
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
        self._held = FilesHold(limits)
        self._waiting: deque[tuple[list[Change], Marks]] = deque()
        self._confirmed: list[list[Change]] = []
        self._newest: dict[bytes, Change] = {}

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
        changes, marks = self._waiting.popleft()
        self._confirmed.append(changes)
        self._held = FilesHold(self._held.limits, position, marks)
        if len(self._confirmed) >= _BATCH:
            self.write()

    def write(self) -> None:
        """Write what is confirmed.

        Raises:
            StoreError: the disk is full or failing.
        """
        if not self._confirmed:
            return
        changes = (change for changes in self._confirmed for change in changes)
        self._store.write(changes, msgspec.msgpack.encode(self._held))
        newest = self._newest
        for written in self._confirmed:
            for change in written:
                if newest.get(change.key) is change:
                    del newest[change.key]
        self._confirmed.clear()

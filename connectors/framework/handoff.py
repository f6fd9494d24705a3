"""The hand-over from the thread that reads to the one that sends: bounded in bytes, and it can be ended."""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

from connectors.framework.connector import Reading

__all__ = ["Handoff"]

READING_BYTES: Final = 512
"""What a reading is counted for beside its body."""


class Handoff:
    """A queue of readings for one reader and one sender.

    The reader waits while *limit* bytes lie in it; a single larger reading passes when it is empty.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._readings: deque[tuple[Reading, int]] = deque()
        self._changed = threading.Condition()
        self._refusing = False
        self._ended = False
        self.failure: BaseException | None = None
        """What ended reading, null where it simply came to its end; to be read when `exhausted`."""

    def put(self, reading: Reading) -> bool:
        """Hand over a reading, waiting for room; false when none is wanted any more."""
        size = size_of(reading)
        with self._changed:
            self._changed.wait_for(
                lambda: self._refusing or not self._readings or self._held + size <= self._limit
            )
            if self._refusing:
                return False
            self._readings.append((reading, size))
            self._held += size
            self._changed.notify_all()
            return True

    def get(self, timeout_s: float) -> Reading | None:
        """Take the next reading, or null where none came in time or none will come any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._readings or self._ended, timeout_s)
            if not self._readings:
                return None
            reading, size = self._readings.popleft()
            self._held -= size
            self._changed.notify_all()
            return reading

    def end(self, failure: BaseException | None = None) -> None:
        """Say that reading has ended, and with what."""
        with self._changed:
            self.failure = failure
            self._ended = True
            self._changed.notify_all()

    def refuse(self) -> None:
        """Take no more; a reader that waits for room is let go."""
        with self._changed:
            self._refusing = True
            self._changed.notify_all()

    @property
    def refusing(self) -> bool:
        """Whether the reader should stop."""
        return self._refusing

    @property
    def exhausted(self) -> bool:
        """Whether reading has ended and all that was read has been taken."""
        with self._changed:
            return self._ended and not self._readings


def size_of(reading: Reading) -> int:
    """Return about how many bytes a reading holds."""
    size = READING_BYTES
    if reading.broken is not None:
        size += len(reading.broken.data)
    if reading.item is not None and reading.item.body is not None:
        size += len(reading.item.body.text or "") + len(reading.item.body.data or b"")
    return size

"""From the loop that polls to the thread that reads: bounded in bytes, so that a slow broker slows polling."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Iterator

from connectors.framework.connector import Reading
from connectors.framework.handoff import size_of

__all__ = ["Outlet"]


class Outlet:
    """A queue of readings: coroutines of one loop put, another thread takes.

    A single reading that is larger than *limit* bytes passes when it is empty.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._readings: deque[tuple[Reading, int]] = deque()
        self._changed = threading.Condition()
        self._ended = False
        self._failure: BaseException | None = None
        self._turn = asyncio.Lock()
        self._room: asyncio.Future[None] | None = None

    async def put(self, reading: Reading) -> None:
        """Hand over a reading, waiting for room, in the order of calls."""
        size = size_of(reading)
        async with self._turn:
            while not self._has_room(size):
                # Before the second look, so that what is taken after it is told.
                room = self._room = asyncio.get_running_loop().create_future()
                if not self._has_room(size):
                    await room
            with self._changed:
                self._room = None
                self._readings.append((reading, size))
                self._held += size
                self._changed.notify()

    def end(self, failure: BaseException | None = None) -> None:
        """Say that no more comes, and what ended it."""
        with self._changed:
            self._ended = True
            self._failure = self._failure or failure
            self._changed.notify()

    def take(self, loop: asyncio.AbstractEventLoop) -> Iterator[Reading]:
        """Yield readings to the end; *loop* is the one of who puts.

        Raises:
            BaseException: what ended the other side.
        """
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._readings or self._ended)
                if not self._readings:
                    if self._failure is not None:
                        raise self._failure
                    return
                reading, size = self._readings.popleft()
                self._held -= size
                room = self._room
            if room is not None and not loop.is_closed():
                loop.call_soon_threadsafe(_told, room)
            yield reading

    @property
    def full(self) -> bool:
        """Whether somebody waits for room."""
        return self._turn.locked()

    def _has_room(self, size: int) -> bool:
        with self._changed:
            return not self._readings or self._held + size <= self._limit


def _told(room: asyncio.Future[None]) -> None:
    if not room.done():
        room.set_result(None)

"""Which sources have readings that the broker has not confirmed yet: such a source is not let go of."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

import msgspec

from connectors.framework.connector import Reading

__all__ = ["Acks"]


class Acks:
    """Counts readings by source.  The loop that polls gives them, and another thread confirms them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, int] = {}
        self._waiting: dict[str, list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]]] = {}

    async def give(self, reading: Reading, put: Callable[[Reading], Awaitable[None]]) -> None:
        """Give a reading to *put*, as one that tells when it is confirmed."""
        stream, acked = reading.stream, reading.acked
        with self._lock:
            self._open[stream] = self._open.get(stream, 0) + 1
        try:
            await put(msgspec.structs.replace(reading, acked=partial(self._confirmed, stream, acked)))
        except BaseException:  # cancelled while it waited for room: nobody has it
            self._confirmed(stream, None)
            raise

    def _confirmed(self, stream: str, acked: Callable[[], None] | None) -> None:
        with self._lock:
            left = self._open[stream] - 1
            if left:
                self._open[stream] = left
                waiting = []
            else:
                del self._open[stream]
                waiting = self._waiting.pop(stream, [])
        for loop, future in waiting:
            if not loop.is_closed():
                loop.call_soon_threadsafe(_done, future)
        if acked is not None:
            acked()

    async def settled(self, streams: Iterable[str]) -> None:
        """Wait until nothing of these sources is unconfirmed."""
        loop = asyncio.get_running_loop()
        for stream in streams:
            with self._lock:
                if stream not in self._open:
                    continue
                future: asyncio.Future[None] = loop.create_future()
                self._waiting.setdefault(stream, []).append((loop, future))
            await future


def _done(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)

"""Time that jumps: a fortnight of waiting in as long as the work in between takes."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count


class VirtualClock:
    """A `connectors.clock.Clock` that goes on to the next sleeper once nothing real is under way.

    What takes real time (a fetch, a child's work) is marked with `busy`; all else in the loop runs to its end
    before time moves.
    """

    def __init__(self, start: float) -> None:
        self._now = start
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._busy = 0

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + max(seconds, 0.0), next(self._numbers), woken))
        await woken

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Hold time while something real is under way."""
        self.begin()
        try:
            yield
        finally:
            self.end()

    def begin(self) -> None:
        self._busy += 1

    def end(self) -> None:
        self._busy -= 1

    async def run_until(self, end: float) -> None:
        """Let time pass until *end*."""
        loop = asyncio.get_running_loop()
        while self._now < end:
            await asyncio.sleep(0)
            if loop._ready:  # type: ignore[attr-defined]
                continue
            if self._busy:
                # Only the selector can tell what comes next.
                await asyncio.sleep(0.0002)
                continue
            while self._sleepers and self._sleepers[0][2].done():
                heapq.heappop(self._sleepers)
            if not self._sleepers or self._sleepers[0][0] > end:
                self._now = end
                break
            until, _, woken = heapq.heappop(self._sleepers)
            self._now = max(self._now, until)
            woken.set_result(None)


class FastClock:
    """A clock that runs so many times as fast as the real one, from *start* on."""

    def __init__(self, start: float, speed: float) -> None:
        self._start, self._speed, self._began = start, speed, time.monotonic()

    def now(self) -> float:
        return self._start + (time.monotonic() - self._began) * self._speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)

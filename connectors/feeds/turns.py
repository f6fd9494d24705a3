"""Whose turn it is: one fetch at a time to each host, so many at once in all, and slow hosts among themselves.

A fetch that is not over after a second goes on in a lane of its own, and its host begins there the next time:
a hundred hosts that answer after a minute then hold up each other and nobody else.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict, deque
from typing import Final

from connectors.feeds.agenda import Held

__all__ = ["SLOW_AFTER_S", "Turns"]

SLOW_AFTER_S: Final = 1.0
"""Real seconds."""
FAST_SHARE: Final = 4
"""One in so many fetches is kept for hosts that answer at once; the others may wait for slow ones, which costs
a connection and no work.
"""
REMEMBERED: Final = 20_000
"""Hosts known as slow."""


class _Line:
    """What waits for one host."""

    __slots__ = ("busy", "resting", "slow", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[Held] = deque()
        self.busy = False
        self.resting = False
        """It has a time to come, or stands in the line for the slow lane."""
        self.slow = False
        """Its fetch runs in the slow lane."""


class Turns:
    """Gives turns; there are lines for hosts alone for which something runs or waits."""

    def __init__(self, fetches: int) -> None:
        """*fetches* is how many may run in all."""
        self._most = max(fetches // FAST_SHARE, 1)
        self._most_slow = fetches - self._most
        self._fast = 0
        self._slow = 0
        self._lines: dict[str, _Line] = {}
        self._times: list[tuple[float, str]] = []
        self._stalled: deque[str] = deque()
        self._slow_hosts: OrderedDict[str, None] = OrderedDict()

    @property
    def room(self) -> bool:
        """Whether another fetch may begin."""
        return self._fast < self._most

    @property
    def idle(self) -> bool:
        """Whether nothing runs and nothing waits."""
        return not self._lines

    @property
    def running(self) -> tuple[int, int]:
        """How many fetches run, and how many of slow hosts beside."""
        return self._fast, self._slow

    def ask(self, host: str, held: Held, now: float, wait_s: float, *, front: bool = False) -> bool:
        """Ask for a turn; true where it may begin at once, else it stands in line, first if it was there.

        *wait_s* is how long the host wants to be left alone.
        """
        line = self._lines.get(host)
        if line is None:
            line = self._lines[host] = _Line()
        if line.busy or line.resting or (line.waiting and not front):
            (line.waiting.appendleft if front else line.waiting.append)(held)
            return False
        if wait_s > 0:
            line.waiting.appendleft(held)
            self._rest(line, host, now + wait_s)
            return False
        if host in self._slow_hosts and self._most_slow:
            if self._slow >= self._most_slow:
                line.waiting.appendleft(held)
                line.resting = True
                self._stalled.append(host)
                return False
            self._slow += 1
            line.slow = True
        else:
            self._fast += 1
            line.slow = False
        line.busy = True
        return True

    def turned_slow(self, host: str) -> None:
        """Say that a host's fetch takes long: where there is room, it goes on beside the others."""
        line = self._lines.get(host)
        if line is not None and line.busy and not line.slow and self._slow < self._most_slow:
            self._fast -= 1
            self._slow += 1
            line.slow = True

    def done(self, host: str, now: float, took_s: float) -> None:
        """Say that a host's fetch is over, after so many real seconds."""
        line = self._lines[host]
        line.busy = False
        if line.slow:
            self._slow -= 1
        else:
            self._fast -= 1
        if took_s < SLOW_AFTER_S:
            self._slow_hosts.pop(host, None)
        else:
            self._slow_hosts[host] = None
            self._slow_hosts.move_to_end(host)
            if len(self._slow_hosts) > REMEMBERED:
                self._slow_hosts.popitem(last=False)
        self.settle(host, now)

    def next(self, now: float) -> tuple[str, Held] | None:
        """Return who stands first in a line that may move, with its host: it asks again, then `settle`."""
        while self._stalled and self._slow < self._most_slow:
            if found := self._first(self._stalled.popleft()):
                return found
        while self._times and self._times[0][0] <= now:
            if found := self._first(heapq.heappop(self._times)[1]):
                return found
        return None

    def settle(self, host: str, now: float) -> None:
        """See that a line in which nothing runs and somebody waits moves on."""
        line = self._lines.get(host)
        if line is None or line.busy or line.resting:
            return
        if line.waiting:
            self._rest(line, host, now)
        else:
            del self._lines[host]

    def next_at(self) -> float:
        """Return when a line may move, infinity where none will by itself."""
        return self._times[0][0] if self._times else float("inf")

    def _first(self, host: str) -> tuple[str, Held] | None:
        line = self._lines[host]
        line.resting = False
        if not line.waiting:
            del self._lines[host]
            return None
        return host, line.waiting.popleft()

    def _rest(self, line: _Line, host: str, until: float) -> None:
        line.resting = True
        heapq.heappush(self._times, (until, host))

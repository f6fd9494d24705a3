"""When a child that ended is started again, and when that is given up."""

from __future__ import annotations

from collections import deque
from typing import Final

import msgspec

__all__ = ["MENDABLE", "RestartPolicy", "Restarts"]

MENDABLE: Final = 2
"""The exit code of a command that has told in one line what its user can mend."""


class RestartPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """The wait before a start doubles with each end that lies within the window."""

    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    crashes: int = 5
    """So many ends within the window are a crash loop."""
    window_s: float = 120.0


class Restarts:
    """The recent ends of one child."""

    def __init__(self, policy: RestartPolicy) -> None:
        self._policy = policy
        self._ends: deque[float] = deque()

    def ended(self, now: float, code: int) -> float | None:
        """Note an end; return the seconds to wait before the next start, null for a crash loop.

        *now* is any clock that only grows.  What its user can mend (Kafka is away, a topic was deleted) is
        not held against a child: it is started again for as long as that takes.
        """
        policy = self._policy
        while self._ends and now - self._ends[0] > policy.window_s:
            self._ends.popleft()
        self._ends.append(now)
        if code != MENDABLE and len(self._ends) >= policy.crashes:
            return None
        return min(policy.longest_wait_s, policy.first_wait_s * 2.0 ** min(len(self._ends) - 1, 30))

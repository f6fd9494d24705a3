"""The lease: until when a worker may surely act as the owner of its sources.

A member's session at the group coordinator begins anew with each heartbeat that arrives there.  So from the
moment at which an answered heartbeat was *sent*, less a margin, it has surely not ended: a worker whose lease
has run out stops by itself before the coordinator gives its sources to another.  Time counts also while the
process is stopped (SIGSTOP) and while the machine sleeps; a worker that wakes has no lease until a heartbeat
that it sent after waking is answered.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import msgspec
from kafka.coordinator.heartbeat import Heartbeat

__all__ = ["Beat", "Instant", "Lease", "instant"]

MARGIN: Final = 0.2
"""Of the session; it covers the time between asking whether one still owns a source and acting on it."""
_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Instant(msgspec.Struct, frozen=True):
    """A moment on two clocks, in seconds: each may miss what the other one shows.

    ``steady`` counts the sleep of the machine but not the pause of a virtual one; ``wall`` shows that once it
    is set right, but may be set wrong.
    """

    steady: float
    wall: float


def instant() -> Instant:
    """Return the present moment."""
    return Instant(time.clock_gettime(_CLOCK), time.time())


class Lease:
    """Valid as long as both the last answered heartbeat and the last round of the worker's own thread are
    recent.

    The second, since a member that does not poll for ``max_poll_interval`` is given up, or gives itself up,
    however well its heartbeats are answered.
    """

    def __init__(
        self, session_s: float, max_poll_interval_s: float, now: Callable[[], Instant] = instant
    ) -> None:
        self.now = now
        self._beat_for_s = session_s * (1 - MARGIN)
        self._round_for_s = max(session_s, max_poll_interval_s - session_s)
        self._beat: Instant | None = None
        self._round: Instant | None = None

    def answered(self, sent: Instant) -> None:
        """Note that the coordinator knew us when it answered a heartbeat sent at that moment."""
        self._beat = sent

    def polled(self) -> None:
        """Note that the worker's thread goes its rounds."""
        self._round = self.now()

    @property
    def valid(self) -> bool:
        """Whether what is ours is surely still ours."""
        now = self.now()
        return _is_recent(self._beat, now, self._beat_for_s) and _is_recent(
            self._round, now, self._round_for_s
        )


def _is_recent(then: Instant | None, now: Instant, seconds: float) -> bool:
    return then is not None and now.steady - then.steady < seconds and now.wall - then.wall < seconds


class Beat(Heartbeat):  # type: ignore[misc]  # kafka-python has no types
    """kafka-python's bookkeeping of heartbeats, which tells a lease of each that was answered."""

    def __init__(self, lease: Lease, **configs: Any) -> None:
        super().__init__(**configs)
        self._lease = lease
        self._sent: Instant | None = None

    def sent_heartbeat(self) -> None:
        """Note the moment; the request leaves after it."""
        self._sent = self._lease.now()
        super().sent_heartbeat()

    def received_heartbeat(self) -> None:
        """Renew the lease from the moment of sending (one heartbeat is under way at a time)."""
        if self._sent is not None:
            self._lease.answered(self._sent)
        super().received_heartbeat()

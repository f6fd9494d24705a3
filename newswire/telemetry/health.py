"""What a process says of itself at /livez and /readyz, and why: `REASONS` is the closed list.

*Live* is a process whose loops turn; one that is not is to be killed and started again.  *Ready* is one that
does its work, or stands by for it: who rolls out a change waits for that, and a restart would mend nothing of
what is missing.  Both are asked for by the thread that serves metrics, so a loop that stands still cannot
keep them from being told.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

__all__ = ["HEALTH", "REASONS", "Check", "Condition", "Health"]

REASONS: Final = {
    "alive": "every loop of the process turns",
    "loop_stalled": "a loop has not turned for `health_stall_s` seconds; the detail names it",
    "failed": "the process has failed and is about to end by itself",
    "starting": "it connects, or loads its model",
    "joining": "it was never let into its consumer group since it started",
    "preparing": "its group shares partitions anew, or it reads what it needs to begin (dedupe: its sightings)",
    "assigned": "it has partitions and works on them",
    "standby": "it is in its group, and other members have all partitions",
    "assignment_lost": "its group has not known it for longer than a session: the broker is out of reach, or"
    " the group cannot agree; others may have its partitions",
    "model_missing": "its model is not where it was, so that the next child process could not start",
    "stopping": "it was asked to stop, and ends what is in flight",
    "ready": "it does what it was started for",
}
"""Every reason that is given, and what it means."""
BEAT_S: Final = 1.0


class Condition(msgspec.Struct, frozen=True):
    """One answer: whether all is well, why, and in words for people."""

    ok: bool
    reason: str
    detail: str = ""

    def __post_init__(self) -> None:
        assert self.reason in REASONS, self.reason


Check = Callable[[], Condition]
"""Asked from the thread that serves: it must not wait for anything."""


class Health:
    """The loops of a process, and what else must hold for it to be ready.  Any thread may call any method."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.stall_s = 60.0
        """Seconds after which a loop that has not turned counts as stalled."""
        self._now = now
        self._beats: dict[str, float] = {}
        self._checks: dict[str, Check] = {}
        self._failure: str | None = None

    def beat(self, loop: str) -> None:
        """Note that a loop turns; from its first beat on it must go on doing so."""
        self._beats[loop] = self._now()

    def rest(self, loop: str) -> None:
        """Note that a loop has come to its end."""
        self._beats.pop(loop, None)

    @contextmanager
    def beating(self, loop: str) -> Iterator[None]:
        """Let the running event loop beat as long as the block lasts."""
        self.beat(loop)
        task = asyncio.get_running_loop().create_task(self._keep_beating(loop), name=f"beat-{loop}")
        try:
            yield
        finally:
            task.cancel()
            self.rest(loop)

    async def _keep_beating(self, loop: str) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            self.beat(loop)

    def fail(self, detail: str) -> None:
        """Note that the process is about to end, and why."""
        self._failure = self._failure or detail

    def ready_when(self, name: str, check: Check) -> None:
        """Let the process be ready only when *check* says so; a second check of one name replaces the first."""
        self._checks[name] = check

    def live(self) -> Condition:
        """Return whether the process should be left running."""
        if self._failure is not None:
            return Condition(ok=False, reason="failed", detail=self._failure)
        now = self._now()
        stalled = [
            f"{loop} has not turned for {now - at:.0f} s"
            for loop, at in list(self._beats.items())
            if now - at > self.stall_s
        ]
        if stalled:
            return Condition(ok=False, reason="loop_stalled", detail="; ".join(stalled))
        return Condition(ok=True, reason="alive")

    def ready(self) -> Condition:
        """Return whether the process does its work; what is wrong is told in the order of the checks."""
        live = self.live()
        if not live.ok:
            return live
        said = [check() for check in list(self._checks.values())]
        for condition in said:
            if not condition.ok:
                return condition
        return said[-1] if said else Condition(ok=True, reason="ready")


HEALTH: Final = Health()
"""Of this process."""

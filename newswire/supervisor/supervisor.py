"""Keeps children running: starts them, starts again what ends, gives up on a crash loop, stops all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final

from newswire.supervisor.child import Child, ChildSpec, how_it_ended
from newswire.supervisor.errors import ChildFailed, Interrupted, NotReady
from newswire.supervisor.log_file import TOLD
from newswire.supervisor.restarts import MENDABLE, RestartPolicy, Restarts

__all__ = ["Supervisor"]

PAUSE_S: Final = 0.1
TAIL_LINES: Final = 12
KILL_WAIT_S: Final = 10.0


class Supervisor:
    """Watches children from the calling thread, the main one: nothing happens but in `check`.

    Args:
        specs: what to run, in the order in which it is stopped.
        say: told in a line whatever an operator should know.
        policy: of restarts.

    """

    def __init__(
        self,
        specs: Iterable[ChildSpec],
        *,
        say: Callable[[str], None],
        policy: RestartPolicy | None = None,
    ) -> None:
        policy = policy or RestartPolicy()
        self.children = [Child(spec) for spec in specs]
        self._restarts = {child.name: Restarts(policy) for child in self.children}
        self._due: dict[str, float] = {}
        self._was_ready: set[str] = set()
        self._say = say

    @property
    def ready(self) -> bool:
        """Whether all run and have their part of the work."""
        return all(child.ready for child in self.children)

    def start(self) -> None:
        """Start all.

        Raises:
            OSError: one cannot be started; what was started runs on until `stop`.
        """
        for child in self.children:
            child.start()

    def check(self) -> None:
        """Look at each child once: start again what has ended and is due, notice what is ready.

        Raises:
            ChildFailed: one cannot start at all, or ends again and again.
        """
        now = time.monotonic()
        for child in self.children:
            code = child.ended()
            if code is not None:
                self._ended(child, code, now)
            elif child.pid is None and now >= self._due[child.name]:
                child.start()
            elif child.look():
                self._became_ready(child)

    def wait_until_ready(self, timeout_s: float, stop: Callable[[], bool] = lambda: False) -> None:
        """Check until all are ready.

        Raises:
            ChildFailed: as `check`.
            NotReady: the time is over.
            Interrupted: *stop* said so.
        """
        deadline = time.monotonic() + timeout_s
        while not self.ready:
            if stop():
                raise Interrupted
            if time.monotonic() > deadline:
                late = next(child for child in self.children if not child.ready)
                raise NotReady(f"{late.name} is not ready after {timeout_s:.0f} s: see {late.spec.log}")
            self.check()
            time.sleep(PAUSE_S)

    def stop(self, timeout_s: float) -> None:
        """Ask all to stop, in order, and wait; what still runs after *timeout_s* is killed.

        A second Ctrl-C while it waits (any exception here) kills what is left at once.
        """
        try:
            for child in self.children:
                child.terminate()
            if not self._wait(timeout_s):
                for child in self._running():
                    self._say(f"{child.name} does not stop and is killed")
        finally:
            self.kill()

    def kill(self) -> None:
        """End all that runs at once."""
        for child in self.children:
            child.kill()
        self._wait(KILL_WAIT_S)

    def _wait(self, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        while self._running():
            if time.monotonic() > deadline:
                return False
            time.sleep(PAUSE_S / 4)
        return True

    def _running(self) -> list[Child]:
        for child in self.children:
            child.ended()
        return [child for child in self.children if child.pid is not None]

    def _ended(self, child: Child, code: int, now: float) -> None:
        lines = child.log.tail(TAIL_LINES)
        told = _told(lines) if code == MENDABLE else None
        if told is not None and child.name not in self._was_ready:
            raise ChildFailed(f"{child.name}: {told}", [])
        wait_s = self._restarts[child.name].ended(now, code)
        if wait_s is None:
            raise ChildFailed(
                f"{child.name} ends again and again (it {how_it_ended(code)}); all is in {child.spec.log}",
                lines,
            )
        self._due[child.name] = now + wait_s
        why = f": {told}" if told else f" {how_it_ended(code)}"
        self._say(f"{child.name}{why}; it starts again in {wait_s:g} s")

    def _became_ready(self, child: Child) -> None:
        if child.name in self._was_ready:
            self._say(f"{child.name} works again")
        self._was_ready.add(child.name)


def _told(lines: list[str]) -> str | None:
    """Return what a child told its user: the libraries below it may have had a word after that."""
    told = next((line for line in reversed(lines) if line.startswith(TOLD)), None)
    return told.removeprefix(TOLD) if told else lines[-1] if lines else None

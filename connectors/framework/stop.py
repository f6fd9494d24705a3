"""Asking a run to stop."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["Stop", "stop_on_signals"]


class Stop:
    """A flag that a signal handler may raise: unlike `threading.Event` it takes no lock, which the very
    thread that the handler interrupts could be holding.
    """

    def __init__(self) -> None:
        self._asked_at: float | None = None

    def ask(self) -> None:
        """Ask for a stop."""
        if self._asked_at is None:
            self._asked_at = time.monotonic()

    def asked(self) -> bool:
        """Whether somebody asked."""
        return self._asked_at is not None

    def left(self, seconds: float) -> float:
        """Return how much is left of so many seconds since somebody asked; all of it where nobody has."""
        if self._asked_at is None:
            return seconds
        return max(self._asked_at + seconds - time.monotonic(), 0.0)


@contextmanager
def stop_on_signals(*numbers: signal.Signals) -> Iterator[Stop]:
    """Turn the first SIGINT or SIGTERM into a request to stop; a second one acts as it did before.

    Only in the main thread.
    """
    stop = Stop()
    numbers = numbers or (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.ask()
        restore()

    for number in numbers:
        signal.signal(number, ask)
    try:
        yield stop
    finally:
        restore()

"""Wait until something holds, with a deadline and a message that tells what did not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic, sleep
from typing import TypeVar

T = TypeVar("T")
DEADLINE_S = 60.0


def eventually(look: Callable[[], T], what: str, timeout_s: float = DEADLINE_S, pause_s: float = 0.05) -> T:
    """Look until what is seen is true, and return it.

    Raises:
        AssertionError: the deadline passed.
    """
    deadline = monotonic() + timeout_s
    while True:
        seen = look()
        if seen:
            return seen
        if monotonic() >= deadline:
            raise AssertionError(f"after {timeout_s:g} s still not: {what} (last seen: {seen!r})")
        sleep(pause_s)


async def eventually_async(
    look: Callable[[], Awaitable[T]], what: str, timeout_s: float = DEADLINE_S, pause_s: float = 0.05
) -> T:
    """Look until what is seen is true, and return it.

    Raises:
        AssertionError: the deadline passed.
    """
    deadline = monotonic() + timeout_s
    while True:
        seen = await look()
        if seen:
            return seen
        if monotonic() >= deadline:
            raise AssertionError(f"after {timeout_s:g} s still not: {what} (last seen: {seen!r})")
        await asyncio.sleep(pause_s)

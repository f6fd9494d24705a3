"""Heavy work in killable child processes, with limits of time and memory.

A batch whose child dies, hangs or runs out of memory is tried again one input at a time; the input that
does it again is the culprit, and its result is a `Failed` with the cause.  Children are pebble's: it kills
a child at its task's deadline and replaces it.  A child gets plain values and gives plain values, ends
with its parent, and uses one BLAS thread.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as DeadlineError
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any, Final

from pebble import ProcessExpired, ProcessPool

from newswire.telemetry.metrics import CHILD_KILLS, CHILDREN
from newswire.tied import end_with_parent
from schemas.limits import MIB
from streams.engine.errors import Fatal
from streams.engine.records import Failed, Input, Result
from streams.engine.threads import ONE_THREAD

__all__ = ["Children", "Work"]

Work = Callable[[list[Input]], list[Result]]
"""A stage's function, importable by name: one result for each input, in order; never raises for an input."""
_unfit: str | None = None
"""Why this process, a child, could not warm up."""
_POOLS: Final = 2
"""How many may break under one call before its inputs are suspected."""


def _begin(parent: int, memory_bytes: int, warm_up: Callable[..., None] | None, args: Sequence[Any]) -> None:
    end_with_parent(parent)
    if warm_up is not None:
        try:
            warm_up(*args)
        except Exception as error:  # noqa: BLE001 - told by the first call, in one line; pebble prints a traceback
            global _unfit  # noqa: PLW0603 - of this process
            _unfit = str(error).partition("\n")[0] or type(error).__name__
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Children:
    """A pool of children that all run one function."""

    def __init__(
        self,
        stage: str,
        work: Work,
        *,
        count: int,
        timeout_s: float,
        memory_mib: int,
        max_tasks: int = 0,
        warm_up: Callable[..., None] | None = None,
        warm_up_args: Sequence[Any] = (),
    ) -> None:
        """*timeout_s* is for one input; *memory_mib* bounds a child's address space; *max_tasks* replaces
        a child after so many calls (0: never); *warm_up* is called once in each child.
        """
        self._stage = stage
        self._work = work
        self._timeout_s = timeout_s
        for name, value in ONE_THREAD.items():
            os.environ.setdefault(name, value)
        self._new_pool = partial(
            ProcessPool,
            max_workers=count,
            max_tasks=max_tasks,
            initializer=_begin,
            initargs=(os.getpid(), memory_mib * MIB, warm_up, tuple(warm_up_args)),
            context=multiprocessing.get_context("spawn"),
        )
        self._pool = self._new_pool()
        self._stopped = False
        self.count = count

    async def start(self) -> None:
        """Start a child and let it warm up.

        Raises:
            Fatal: it cannot (a model is missing, memory is short): the message says why.
        """
        try:
            await asyncio.wrap_future(self._pool.schedule(_ready))
        except (Fatal, ProcessExpired, RuntimeError, OSError) as error:
            raise Fatal(f"{self._stage}: no child process starts: {error}") from error
        CHILDREN.labels(self._stage).set(self.count)

    async def run(self, inputs: list[Input]) -> list[Result]:
        """Handle a batch, and each input by itself where the batch costs a child its life."""
        try:
            return await self._call(inputs)
        except _LostError as lost:
            if len(inputs) == 1:
                return [_culprit(lost)]
        return [await self._alone(one) for one in inputs]

    async def _alone(self, one: Input) -> Result:
        try:
            return (await self._call([one]))[0]
        except _LostError as lost:
            return _culprit(lost)

    async def _call(self, inputs: list[Input]) -> list[Result]:
        for _ in range(_POOLS):
            try:
                return await self._call_once(inputs)
            except _BrokenError as error:
                broken = error
                await self._replace(error.pool)
        CHILD_KILLS.labels(self._stage, "child_died").inc()
        raise _LostError("child_died", str(broken))

    async def _call_once(self, inputs: list[Input]) -> list[Result]:
        timeout_s = self._timeout_s * (1 + (len(inputs) - 1) / 4)
        pool = self._pool
        try:
            future = pool.schedule(_handle, args=[self._work, inputs], timeout=timeout_s)
        except RuntimeError as error:  # pebble's word for a pool that was given up
            raise _BrokenError(pool, str(error)) from error
        try:
            results: list[Result] = await asyncio.wrap_future(future)
        except BrokenProcessPool as error:
            raise _BrokenError(pool, str(error)) from error
        except Fatal as error:
            raise Fatal(f"{self._stage}: no child process starts any more: {error}") from error
        except DeadlineError:
            cause = _LostError("child_timeout", f"not done after {self._timeout_s} s")
        except MemoryError:
            cause = _LostError("child_memory", "out of its memory limit")
        except ProcessExpired as error:
            cause = _LostError("child_died", f"child ended with exit code {error.exitcode}")
        except Exception as error:
            # The child lives on.
            raise _LostError(
                "stage_error", repr(error), "".join(traceback.format_exception(error))
            ) from error
        else:
            return results
        CHILD_KILLS.labels(self._stage, cause.reason).inc()
        raise cause

    async def _replace(self, broken: ProcessPool) -> None:
        """Put a new pool in the place of one that pebble gave up; calls that failed with it come together.

        Raises:
            Fatal: no child starts any more.
        """
        if self._pool is broken and not self._stopped:
            self._pool = self._new_pool()
            await _end(broken)
            await self.start()

    async def stop(self) -> None:
        """End all children."""
        self._stopped = True
        await _end(self._pool)


async def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    await asyncio.to_thread(pool.join, 5)


class _BrokenError(Exception):
    """pebble gave a whole pool up: a child died between two tasks, or so early in one that nobody can tell
    which.  The next pool tells: an input that costs it, too, is to blame.
    """

    def __init__(self, pool: ProcessPool, message: str) -> None:
        super().__init__(message)
        self.pool = pool


class _LostError(Exception):
    def __init__(self, reason: str, message: str, trace: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.trace = trace


def _culprit(lost: _LostError) -> Failed:
    return Failed(reason=lost.reason, error="ChildLost", message=str(lost), trace=lost.trace)


def _ready() -> None:
    if _unfit is not None:
        raise Fatal(_unfit)


def _handle(work: Work, inputs: list[Input]) -> list[Result]:
    _ready()
    return work(inputs)

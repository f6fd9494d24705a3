"""Parsing in child processes that can be killed: 5 s and 512 MiB for what a stranger sends.

A child has loaded all that it will need before its limits are set: from then on it can open nothing, neither
a file nor a connection (``RLIMIT_NOFILE``), whatever a document asks of a parser, and looks for no module in the
file system.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import sys
from concurrent.futures import TimeoutError as DeadlineError
from concurrent.futures.process import BrokenProcessPool
from importlib.machinery import BuiltinImporter, FrozenImporter
from pathlib import Path
from typing import Final

import msgspec
from pebble import ProcessExpired, ProcessPool

from connectors.feeds.model import FeedError, FeedLink, ParsedFeed
from newswire.telemetry.metrics import CHILD_KILLS
from newswire.tied import end_with_parent
from schemas.limits import MIB

__all__ = ["MEMORY_MIB", "TIMEOUT_S", "FeedParser"]

TIMEOUT_S: Final = 5.0
MEMORY_MIB: Final = 512
_STAGE: Final = "feeds"
_MOST_POOLS: Final = 4


class _Answer(msgspec.Struct, array_like=True):
    """What a child sends back: a feed, or why there is none."""

    feed: ParsedFeed | None = None
    message: str = ""
    reason: str = ""
    feeds: list[FeedLink] = []


class FeedParser:
    """Parses in a few children, which are reused; any number of parses may wait."""

    def __init__(
        self, *, children: int = 1, timeout_s: float = TIMEOUT_S, memory_mib: int = MEMORY_MIB
    ) -> None:
        """Children are started with the first parse.  *timeout_s* counts from when a child begins."""
        self._children = children
        self._timeout_s = timeout_s
        self._memory_mib = memory_mib
        self._pool = self._new_pool()
        self._closed = False

    async def parse(
        self, data: bytes, *, url: str, content_type: str | None = None, charset: str | None = None
    ) -> ParsedFeed:
        """Read the body of a response from *url*; what HTTP declares of it is in the others.

        Raises:
            FeedError: it cannot be read; a child that it cost is replaced.
            RuntimeError: the parser is closed.
        """
        for _ in range(_MOST_POOLS):
            if self._closed:
                raise RuntimeError("the feed parser is closed")
            pool = self._pool
            try:
                future = pool.schedule(
                    _parse, args=(data, url, content_type, charset), timeout=self._timeout_s
                )
            except RuntimeError:  # pebble's word for a pool that was given up
                await self._replace(pool)
                continue
            try:
                encoded: bytes = await asyncio.wrap_future(future)
            except BrokenProcessPool:
                # pebble gives a whole pool up where a child dies before it took a task: nobody is to blame.
                await self._replace(pool)
                continue
            except DeadlineError as error:
                raise _lost("timeout", f"not parsed after {self._timeout_s:g} s") from error
            except MemoryError as error:
                raise _lost("memory", f"parsing it takes more than {self._memory_mib} MiB") from error
            except ProcessExpired as error:
                raise _lost("crashed", f"its parser ended with exit code {error.exitcode}") from error
            except Exception as error:
                # A parser's own error, raised in the child: pebble gives it on as it was.
                raise _lost("crashed", f"its parser failed: {error!r:.200}") from error
            answer = msgspec.msgpack.decode(encoded, type=_Answer)
            if answer.feed is None:
                raise FeedError(answer.message, reason=answer.reason, feeds=answer.feeds)
            return answer.feed
        raise _lost("crashed", f"its parser ended {_MOST_POOLS} times before it began")

    async def close(self) -> None:
        """End the children; what still waits is cancelled."""
        self._closed = True
        await asyncio.to_thread(_end, self._pool)

    async def _replace(self, broken: ProcessPool) -> None:
        if self._pool is broken and not self._closed:
            self._pool = self._new_pool()
            await asyncio.to_thread(_end, broken)

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._children,
            initializer=_begin,
            initargs=(os.getpid(), self._memory_mib * MIB),
            context=multiprocessing.get_context("spawn"),
        )


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join(5)


def _lost(reason: str, message: str) -> FeedError:
    CHILD_KILLS.labels(_STAGE, reason).inc()
    return FeedError(message, reason=reason)


def _begin(parent: int, memory_bytes: int) -> None:
    end_with_parent(parent)
    from connectors.feeds.parsing.warm_up import warm_up

    warm_up()
    _import_no_more()
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _open_no_more()


def _import_no_more() -> None:
    """Let what is not loaded be missing.

    Parsers ask now and then for a module that they can do without, or a codec that nobody has.  Python looks into
    each folder of its path that has changed since, which a process that can open nothing would fail in.
    """
    sys.meta_path[:] = [BuiltinImporter, FrozenImporter]


def _open_no_more() -> None:
    """Leave this process no number for another open file: those in use fill what the limit allows."""
    taken = [os.open(os.devnull, os.O_RDONLY)]
    highest = max(int(path.name) for path in Path("/proc/self/fd").iterdir())
    while taken[-1] <= highest:
        taken.append(os.dup(taken[0]))
    resource.setrlimit(resource.RLIMIT_NOFILE, (taken[-1] + 1, taken[-1] + 1))


def _parse(data: bytes, url: str, content_type: str | None, charset: str | None) -> bytes:
    from connectors.feeds.parsing.read import parse_bytes

    try:
        answer = _Answer(feed=parse_bytes(data, url=url, content_type=content_type, charset=charset))
    except FeedError as error:
        answer = _Answer(message=error.message, reason=error.reason, feeds=error.feeds)
    return msgspec.msgpack.encode(answer)

"""Read the sightings topic in a process of its own, ahead of the fold.

To read a sighting and to make out what it shows costs as much as to fold it, so that on two cores a long
rebuild takes little more than half the time.  The reader hands frames of sightings over through a pipe, in the
topic's order, and waits while that is full.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import multiprocessing
import os
from collections.abc import AsyncGenerator, Callable
from multiprocessing.connection import Connection
from typing import Final

import msgspec
from aiokafka.errors import KafkaError

from newswire.settings import Settings
from newswire.tied import end_with_parent
from schemas.limits import MIB
from streams.dedupe.reading import Span, records_of
from streams.dedupe.shown import SetAside, Shown, shown_of_all
from streams.engine.errors import Fatal

__all__ = ["read_ahead"]

FRAME: Final = 128
"""Sightings handed over at once: some 400 KiB."""
PIPE_BYTES: Final = MIB
"""As much as Linux gives every process: two frames wait there while a third is made."""


class _Frame(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What goes through the pipe."""

    sightings: list[Shown | SetAside]
    last: bool = False
    error: str | None = None
    """Why it is the last, where that is not the end of what was asked for."""


_decoder: Final = msgspec.msgpack.Decoder(_Frame)


async def read_ahead(settings: Settings, span: Span) -> AsyncGenerator[list[Shown | SetAside]]:
    """Give the sightings of a part of the topic, in its order, made out by another process.

    Raises:
        Fatal: the topic cannot be read to its end, or that process is killed.
    """
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(
        target=_run, args=(os.getpid(), there, settings, span), name="dedupe-read-ahead", daemon=True
    )
    # From this thread: the kernel takes the end of the thread that starts a child for that of its parent.
    process.start()
    there.close()
    try:
        while True:
            try:
                frame = _decoder.decode(await asyncio.to_thread(here.recv_bytes))
            except EOFError as error:
                raise Fatal(f"what reads {span.topic} ahead has ended before its end") from error
            if frame.error is not None:
                raise Fatal(f"{span.topic} cannot be read: {frame.error}")
            if frame.last:
                return
            yield frame.sightings
    finally:
        process.kill()
        await asyncio.to_thread(process.join)
        here.close()


def _run(parent: int, pipe: Connection, settings: Settings, span: Span) -> None:
    end_with_parent(parent)
    with contextlib.suppress(OSError):  # a smaller one does as well, but more slowly
        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    gc.freeze()
    gc.disable()  # nothing that is made for a record is in a cycle
    encode = msgspec.msgpack.Encoder().encode

    def send(frame: _Frame) -> None:
        pipe.send_bytes(encode(frame))

    with contextlib.suppress(BrokenPipeError):  # nobody wants more
        send(asyncio.run(_send_all(send, settings, span)))


async def _send_all(send: Callable[[_Frame], None], settings: Settings, span: Span) -> _Frame:
    """Send all frames but the last, and return that."""
    try:
        async with contextlib.aclosing(records_of(settings, span)) as batches:
            async for records in batches:
                for begin in range(0, len(records), FRAME):
                    send(_Frame(shown_of_all(records[begin : begin + FRAME])))
    except BrokenPipeError:
        raise
    except (KafkaError, OSError) as error:
        return _Frame([], last=True, error=repr(error))
    return _Frame([], last=True)

"""Work for children in which some inputs end or hang the child that handles them."""

from __future__ import annotations

import ctypes
import os
import time

from streams.engine.records import Done, Facts, Input, Result


def warm_up_fails() -> None:
    raise RuntimeError("the model is missing")


def handle(inputs: list[Input]) -> list[Result]:
    results: list[Result] = []
    for one in inputs:
        match one.value:
            case b"segfault":
                ctypes.string_at(0)
            case b"abort":
                os.abort()
            case b"memory":
                bytearray(1 << 40)
            case b"native memory":
                # As a C extension does that never asks: the kernel refuses, the child ends.
                libc = ctypes.CDLL(None)
                libc.malloc.restype = ctypes.c_void_p
                if libc.malloc(ctypes.c_size_t(1 << 40)) is None:
                    os.abort()
            case b"hang":
                time.sleep(3600)
            case b"raise":
                raise KeyError("a bug")
            case _:
                results.append(Done(facts=Facts(item_id=(one.value or b"").decode())))
    return results


def pids(inputs: list[Input]) -> list[Result]:
    return [Done(facts=Facts(item_id=str(os.getpid()))) for _ in inputs]

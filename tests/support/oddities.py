"""A process that does what its first argument says, for the test of how processes are started."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import sys
import threading
import time
from pathlib import Path

__all__: list[str] = []


def double(number: int) -> None:
    """Print twice the number."""
    print("a child says", 2 * number, flush=True)


def late() -> None:
    """Print, a moment later."""
    time.sleep(0.2)
    print("a thread is done")


def main(what: str) -> None:
    """Do it."""
    if what == "tell":
        tied = os.getsid(0) == os.getpid()
        print(what, os.environ["NEWSWIRE_ODD"], Path.cwd(), sys.stdin.read(), tied)
        return
    if what == "sleep":
        print("asleep", flush=True)
        time.sleep(600)
    if what == "child":
        child = multiprocessing.get_context("spawn").Process(target=double, args=(2,))
        child.start()
        child.join()
        return
    atexit.register(print, "at the end")
    threading.Thread(target=late).start()
    if what == "exit":
        sys.exit(7)
    if what == "word":
        sys.exit("a word")
    if what == "raise":
        raise ValueError("odd")
    raise KeyboardInterrupt


if __name__ == "__main__":
    main(sys.argv[1])

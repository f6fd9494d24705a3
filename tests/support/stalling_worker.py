"""The command ``newswire``, whose event loop stands still at SIGRTMIN for as long as a file exists.

Faust has uses of its own for SIGUSR1 and SIGUSR2.

python -m tests.support.stalling_worker FILE ARGUMENT…
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import Any

from connectors.feeds.poller import Poller
from newswire.cli import main

LOOPS: list[asyncio.AbstractEventLoop] = []
"""Those of connectors, which have a thread of their own; a stage's is the main thread's."""
FILE = Path(sys.argv[1])


def hold() -> None:
    while FILE.exists():
        time.sleep(0.1)


def stall(*_: object) -> None:
    for loop in LOOPS:
        loop.call_soon_threadsafe(hold)
    if not LOOPS:
        hold()


if __name__ == "__main__":
    run = Poller.run

    async def noted(poller: Any) -> None:
        LOOPS.append(asyncio.get_running_loop())
        await run(poller)

    Poller.run = noted  # type: ignore[method-assign]
    signal.signal(signal.SIGRTMIN, stall)
    sys.argv[1:] = sys.argv[2:]
    main()

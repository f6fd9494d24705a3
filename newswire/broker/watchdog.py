"""Kill a broker when the process that wanted it is gone.

A process of its own with a pipe as standard input, whose other end the parent holds: however the parent
ends, the pipe closes.  (Linux's death signal would fire when the
*thread* that started the broker ends.)
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import Final

import msgspec
import psutil

from newswire.broker.state import BrokerState, live_process

__all__ = ["main", "watch"]

PROGRAM: Final = "import sys; from newswire.broker.watchdog import main; main(sys.argv[1])"


def watch(state: BrokerState) -> subprocess.Popen[bytes]:
    """Start the watchdog; closing its standard input sets it off, ending it first calls it off."""
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", PROGRAM, msgspec.json.encode(state).decode()],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def main(argument: str) -> None:
    """Wait for the end of standard input, then kill the broker if it still runs."""
    state = msgspec.json.decode(argument, type=BrokerState)
    sys.stdin.buffer.read()
    process = live_process(state)
    if process is not None:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()

"""Commands that the kernel ends when the process that started them ends, however that ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

__all__ = ["tied"]

# It asks the kernel for the death signal and becomes the command, which keeps the request: so it needs no
# code between fork and exec, which a process with threads must not run.  Where the parent is gone already,
# the signal was missed.
PROGRAM: Final = (
    "import ctypes, os, signal, sys\n"
    "PR_SET_PDEATHSIG = 1\n"
    "ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)\n"
    "if os.getppid() != int(sys.argv[1]):\n"
    "    os._exit(1)\n"
    "os.execv(sys.argv[2], sys.argv[2:])\n"
)


def tied(command: Sequence[str]) -> list[str]:
    """Return *command*, whose program is given by its path, as one that is killed when its parent ends.

    The parent is the calling process.  Linux means the *thread* that starts the command by it, so start it
    in a thread that lasts as long as the process: the main one.
    """
    return [sys.executable, "-I", "-S", "-c", PROGRAM, str(os.getpid()), *command]

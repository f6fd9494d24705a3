"""A child process that ends with its parent."""

from __future__ import annotations

import ctypes
import os
import signal
from typing import Final

__all__ = ["be_killed_with_parent", "end_with_parent"]

_PR_SET_PDEATHSIG: Final = 1


def end_with_parent(parent: int) -> None:
    """Let the kernel end this process when its parent, process *parent*, dies, however it dies.

    SIGINT, which a terminal sends to both, is left to the parent; SIGTERM ends this process.
    """
    be_killed_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def be_killed_with_parent(parent: int) -> None:
    """Let the kernel kill this process when its parent, process *parent*, dies; other signals stay as they are."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it is gone already, and the signal was missed
        os._exit(1)

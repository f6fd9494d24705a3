"""How much memory a process has needed."""

from __future__ import annotations

from pathlib import Path

__all__ = ["peak_mib"]


def peak_mib() -> float:
    """Return the most that this process has had resident so far, in MiB, as Linux counts it."""
    # Not getrusage: its peak counts the process that this one was forked from.
    lines = Path("/proc/self/status").read_text().splitlines()
    (kib,) = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(kib) / 1024

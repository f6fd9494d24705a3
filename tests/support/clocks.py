"""Clocks of single processes that a test sets while they run, in `wrong_clock.c`, preloaded.

libfaketime does the same and more, and makes ``time.sleep`` of Python 3.11 fail.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.require import ROOT, require

__all__ = ["Clock"]

SOURCE = ROOT / "tests" / "support" / "wrong_clock.c"


class Clock:
    """The time of day of the processes that are started with its `environ`, children included."""

    def __init__(self, directory: Path, name: str) -> None:
        """Keep its files in the directory; skips the test without a C compiler."""
        library = directory / "wrong_clock.so"
        if not library.exists():
            command = [require("cc"), "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE), "-ldl"]
            subprocess.run(command, check=True)
        self._file = directory / f"{name}.clock"
        self._file.write_bytes(bytes(8))
        self.environ = {"LD_PRELOAD": str(library), "WRONG_CLOCK": str(self._file)}

    def set(self, days: float) -> None:
        """Let the clock jump to so many days from the real one: at once, and for all."""
        with self._file.open("r+b") as file:
            file.write(round(days * 86_400e9).to_bytes(8, "little", signed=True))

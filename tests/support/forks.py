"""Processes of ours that are forked from one that has loaded the libraries: see `tests.support.zygote`."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import RLock
from time import monotonic
from typing import Any, Final

from tests.support.require import ROOT

__all__ = ["NEWSWIRE", "Forked", "can_fork", "fork"]

NEWSWIRE: Final = [sys.executable, "-c", "from newswire.cli import main; main()"]
"""The command ``newswire`` in an interpreter of its own."""
UNBUFFERED: Final = "PYTHONUNBUFFERED"
INTERPRETERS: Final = ("PYTHON", "LD_", "MALLOC_", "TZ", "SSL_CERT_", "LC_", "LANG")
"""How names of variables begin that are heeded when an interpreter starts, or one of the libraries is loaded."""
QUANTUM_S: Final = 0.1
"""How long one may listen while others want to."""


def can_fork(command: list[str], environ: Mapping[str, str]) -> bool:
    """Tell whether a process like this can be forked: it is ``newswire`` or a module of tests, and its interpreter
    is to be as this one.
    """
    ours = command[:3] == NEWSWIRE or (
        command[:2] == [sys.executable, "-m"] and command[2].startswith("tests.")
    )
    return ours and sys.platform == "linux" and _of_interpreter(environ) == _ours()


def _of_interpreter(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value for name, value in environ.items() if name.startswith(INTERPRETERS) and name != UNBUFFERED
    }


@cache
def _ours() -> dict[str, str]:
    """Return those that processes are forked with, from the first on."""
    return _of_interpreter(os.environ)


class Forked:
    """What tests use of `subprocess.Popen`, for a forked process."""

    def __init__(self, zygote: _Zygote, pid: int) -> None:
        self._zygote = zygote
        self.pid = pid
        self.returncode: int | None = None
        """Its exit code, negative for a signal; null where it was not seen to have ended yet."""

    def poll(self) -> int | None:
        """Look whether it has ended."""
        self._zygote.listen(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired: it has not ended in so many seconds.
        """
        deadline = None if timeout is None else monotonic() + timeout
        while (code := self.returncode) is None:
            left = None if deadline is None else deadline - monotonic()
            if left is not None and left < 0:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            self._zygote.listen(QUANTUM_S if left is None else min(left, QUANTUM_S))
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it has ended, and is about to be told of
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


class _Zygote:
    """The process that forks, from this one's side.  It ends with this one, and all that it forked with it."""

    def __init__(self) -> None:
        self._mine, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.zygote", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._lock = RLock()
        self._rest = b""
        self._forked: Forked | None = None
        self._running: dict[int, Forked] = {}

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def fork(self, request: dict[str, Any]) -> Forked:
        """Ask for a process."""
        with self._lock:
            self._forked = None
            self._mine.sendall(json.dumps(request).encode() + b"\n")
            while self._forked is None:
                self.listen(None)
            return self._forked

    def listen(self, timeout_s: float | None) -> None:
        """Take in what it tells within this time, or wait for it to tell something."""
        with self._lock:
            if not select.select([self._mine], [], [], timeout_s)[0]:
                return
            said = self._mine.recv(1 << 16)
            if not said:
                raise RuntimeError(f"the process that forks has ended: {self._process.wait()}")
            *lines, self._rest = (self._rest + said).split(b"\n")
            for line in lines:
                self._take(json.loads(line))

    def _take(self, told: dict[str, int]) -> None:
        if "pid" in told:
            self._forked = self._running[told["pid"]] = Forked(self, told["pid"])
        else:
            self._running.pop(told["ended"]).returncode = told["code"]


_zygote: _Zygote | None = None


def fork(
    command: list[str], environ: Mapping[str, str], files: tuple[Path, Path, Path], cwd: Path = ROOT
) -> Forked:
    """Start a process that `can_fork`; *files* are its standard input, output and error, which it appends to."""
    global _zygote  # noqa: PLW0603 - one for each process of tests, from when one is wanted
    if _zygote is None or not _zygote.alive:
        _zygote = _Zygote()
    for output in files[1:]:
        output.touch()  # whoever asks may look before it has begun
    module = None if command[:3] == NEWSWIRE else command[2]
    request = {
        "module": module,
        "arguments": command[3:],
        "environment": dict(environ),
        "files": [str(path) for path in files],
        "cwd": str(cwd),
    }
    return _zygote.fork(request)

"""One supervised process: its start, its readiness, its end."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from newswire.supervisor.log_file import LogFile
from newswire.supervisor.tied import tied

__all__ = ["Child", "ChildSpec", "how_it_ended"]

METRICS_TIMEOUT_S: Final = 2.0


class ChildSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What to start.  It logs JSON lines to standard error, and says there ``worker_starts`` with its
    ``metrics_port`` and, each time it may begin its work, ``assigned``.
    """

    name: str
    command: tuple[str, ...]
    """Program, by its path, and arguments."""
    environ: Mapping[str, str]
    log: Path


class Child:
    """One process after another of one spec."""

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        self.log = LogFile(spec.log)
        self.ready = False
        """Whether this process has its part of the work."""
        self.metrics_port: int | None = None
        self.starts = 0
        self._assigned = False
        """Whether this process said that it has its part of the work."""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        """Name of its spec."""
        return self.spec.name

    @property
    def pid(self) -> int | None:
        """Of the running process; null when none runs."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start it, in the main thread (see `tied`), in a session of its own, so that it hears no Ctrl-C.

        Raises:
            OSError: the log cannot be written, or the system starts no process.
        """
        assert self._process is None
        self.ready, self.metrics_port, self.starts = False, None, self.starts + 1
        self._assigned = False
        with self.log.open() as log:
            self._process = subprocess.Popen(  # noqa: S603
                tied(self.spec.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.spec.environ),
                start_new_session=True,
            )

    def ended(self) -> int | None:
        """Return the exit code, negative for a signal, once, when it has ended since the last call."""
        if self._process is None or (code := self._process.poll()) is None:
            return None
        self._process, self.ready = None, False
        return code

    def look(self) -> bool:
        """Read what it logged, and return whether it has become ready by that."""
        if self._process is None:
            return False
        for event in self.log.new_events():
            if event.get("event") == "worker_starts":
                self.metrics_port = event.get("metrics_port")
            self._assigned = self._assigned or event.get("event") == "assigned"
        # It says so once, and may be too busy at that moment to serve its metrics.
        if self.ready or not self._assigned or self.metrics() is None:
            return False
        self.ready = True
        return True

    def metrics(self) -> str | None:
        """Return what it serves under ``/metrics``; null when it does not answer."""
        if self._process is None or self.metrics_port is None:
            return None
        url = f"http://{self._host()}:{self.metrics_port}/metrics"
        try:
            with urllib.request.urlopen(url, timeout=METRICS_TIMEOUT_S) as answer:
                return bytes(answer.read()).decode()
        except (urllib.error.URLError, OSError, ValueError):
            return None

    def _host(self) -> str:
        host = self.spec.environ.get("NEWSWIRE_METRICS_HOST", "127.0.0.1")
        return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - asked, not bound

    def terminate(self) -> None:
        """Ask it to stop (SIGTERM)."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once (SIGKILL).  Its own children notice."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)


def how_it_ended(code: int) -> str:
    """Say what an exit code means."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"

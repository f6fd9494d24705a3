"""Processes of ours, started, watched, signalled and killed by tests."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.support.require import ROOT
from tests.support.waiting import eventually

NEWSWIRE = [sys.executable, "-c", "from newswire.cli import main; main()"]


class Worker:
    """A process whose output goes to a file, and that is killed, with its children, at the end.

    Should the test run itself be killed, the process is, too (where ``setpriv`` exists: on Linux).  The
    system ties it to the *thread* that started it, so start workers in the test's own thread.
    """

    def __init__(self, command: list[str], output: Path, environment: Mapping[str, str]) -> None:
        setpriv = shutil.which("setpriv")
        tie = [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
        self.output = output
        with output.open("ab") as file:
            self.child = subprocess.Popen(
                [*tie, *command],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=ROOT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.child.pid

    @property
    def running(self) -> bool:
        return self.child.poll() is None

    def said(self) -> str:
        """Return all it printed so far."""
        return self.output.read_text("utf-8", "replace")

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return what it logged under this name, in order, without a line that is not whole yet."""
        lines = [line for line in self.said().splitlines() if f'"event": "{name}"' in line]
        return [json.loads(line) for line in lines if line.endswith("}")]

    def wait_for(self, text: str, timeout_s: float = 60) -> None:
        """Wait until it has printed the text; fail at once when it ends before."""

        def seen() -> bool:
            ended = not self.running
            found = text in self.said()
            assert found or not ended, (
                f"it ended with {self.child.returncode} before {text!r}:\n{self.tail()}"
            )
            return found

        eventually(seen, f"{text!r} in {self.output}", timeout_s)

    def wait(self, timeout_s: float = 60) -> int:
        """Wait for its end and return its exit code, negative for a signal."""
        return self.child.wait(timeout_s)

    def terminate(self, timeout_s: float = 60) -> int:
        """Ask it to stop (SIGTERM) and return its exit code."""
        self.child.terminate()
        return self.wait(timeout_s)

    def kill(self) -> None:
        """Kill it alone (SIGKILL), as a crash would; its children are left to notice."""
        self.child.kill()
        self.child.wait()

    def pause(self) -> None:
        """Freeze it (SIGSTOP)."""
        self.child.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        self.child.send_signal(signal.SIGCONT)

    def children(self) -> list[psutil.Process]:
        """Return the processes that it has started."""
        found: list[psutil.Process] = psutil.Process(self.pid).children(recursive=True)
        return found

    def tail(self, lines: int = 40) -> str:
        """Return the end of what it printed."""
        return "\n".join(self.said().splitlines()[-lines:])

    def end(self) -> None:
        """Kill it and every process that it has started."""
        try:
            family = self.children()
        except psutil.NoSuchProcess:
            family = []
        if self.running:
            self.child.kill()
        self.child.wait()
        for each in family:
            try:
                each.kill()
            except psutil.NoSuchProcess:
                continue


def environment(**values: str) -> dict[str, str]:
    """Return this process's environment without its newswire settings, and with *values*."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWIRE_")}
    return kept | {"PYTHONUNBUFFERED": "1"} | values


class Workers:
    """All workers of one test; `start` adds one, and the end of the block kills what is left."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.all: list[Worker] = []

    def start(self, command: list[str], environ: Mapping[str, str], name: str | None = None) -> Worker:
        """Start a process with exactly this environment; its output file is named after *name*."""
        output = self.directory / f"{name or 'worker'}-{len(self.all)}.log"
        worker = Worker(command, output, environ)
        self.all.append(worker)
        return worker

    def newswire(self, *arguments: str, environ: Mapping[str, str], name: str | None = None) -> Worker:
        """Start the command ``newswire`` with these arguments."""
        return self.start([*NEWSWIRE, *arguments], environ, name or arguments[0])

    def end(self) -> None:
        """Kill all."""
        for worker in self.all:
            worker.end()


@contextmanager
def workers_in(directory: Path) -> Iterator[Workers]:
    """Give the test workers, and kill them at the end of the block."""
    workers = Workers(directory)
    try:
        yield workers
    finally:
        workers.end()

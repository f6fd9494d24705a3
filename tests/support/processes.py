"""Processes of ours, started, watched, signalled and killed by tests."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from tests.support.forks import NEWSWIRE, Forked, can_fork, fork
from tests.support.require import ROOT
from tests.support.waiting import eventually


class Worker:
    """A process whose output goes to a file, and that is killed, with its children, at the end.

    Where it can be, it is forked from a process that has loaded the libraries, unless it is to be started *anew*, in
    an interpreter of its own.

    Should the test run itself be killed, the process is, too (where ``setpriv`` exists: on Linux).  The system ties
    one that is started anew to the *thread* that started it, so start workers in the test's own thread.
    """

    def __init__(
        self, command: list[str], output: Path, environment: Mapping[str, str], *, anew: bool = False
    ) -> None:
        self.output = output
        self.child: subprocess.Popen[bytes] | Forked
        if not anew and can_fork(command, environment):
            self.child = fork(command, environment, (Path(os.devnull), output, output))
            return
        setpriv = shutil.which("setpriv")
        tie = [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
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


def run_newswire(
    *arguments: object,
    environ: Mapping[str, str],
    stdin: str = "",
    timeout_s: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run the command ``newswire`` to its end; see `run_newswire_bytes`."""
    done = run_newswire_bytes(*arguments, environ=environ, stdin=stdin.encode(), timeout_s=timeout_s)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def run_newswire_bytes(
    *arguments: object,
    environ: Mapping[str, str],
    stdin: bytes = b"",
    timeout_s: float = 120,
) -> subprocess.CompletedProcess[bytes]:
    """Run the command ``newswire`` to its end, killed where that does not come in time.

    Raises:
        subprocess.TimeoutExpired: it was killed.
    """
    command = [*NEWSWIRE, *map(str, arguments)]
    if stdin or not can_fork(command, environ):  # a fork would read a file, and not a pipe
        return subprocess.run(
            command, cwd=ROOT, env=environ, input=stdin, capture_output=True, timeout=timeout_s, check=False
        )
    with TemporaryDirectory() as folder:
        files = Path(folder, "stdin"), Path(folder, "stdout"), Path(folder, "stderr")
        files[0].touch()
        child = fork(command, environ, files)
        try:
            code = child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            said = files[1].read_bytes(), files[2].read_bytes()
            raise subprocess.TimeoutExpired(command, timeout_s, *said) from None
        finally:
            child.kill()
            child.wait()
        return subprocess.CompletedProcess(command, code, files[1].read_bytes(), files[2].read_bytes())


def environment(**values: str) -> dict[str, str]:
    """Return this process's environment without its newswire settings, and with *values*."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWIRE_")}
    return kept | {"PYTHONUNBUFFERED": "1"} | values


class Workers:
    """All workers of one test; `start` adds one, and the end of the block kills what is left."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.all: list[Worker] = []

    def start(
        self, command: list[str], environ: Mapping[str, str], name: str | None = None, *, anew: bool = False
    ) -> Worker:
        """Start a process with exactly this environment; its output file is named after *name*."""
        output = self.directory / f"{name or 'worker'}-{len(self.all)}.log"
        worker = Worker(command, output, environ, anew=anew)
        self.all.append(worker)
        return worker

    def newswire(
        self, *arguments: str, environ: Mapping[str, str], name: str | None = None, anew: bool = False
    ) -> Worker:
        """Start the command ``newswire`` with these arguments."""
        return self.start([*NEWSWIRE, *arguments], environ, name or arguments[0], anew=anew)

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

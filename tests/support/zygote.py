"""A process that has loaded the libraries once, and forks a process of ours whenever one is asked for.

An interpreter of its own for every worker that tests start takes up to two seconds of a processor, nearly all of it
to load libraries, and a run of all tests starts hundreds.  A fork is ready in a tenth of that, and a process like any
other from then on: it has its own process id, session, environment, output and end.  Modules of ours that hold
something from when they are loaded are loaded after the fork.  The seed of hashes alone is the same in all forks, so
what must not depend on it (dedupe, which judges in its own process) is started anew.

Run as ``python -m tests.support.zygote FD``: requests come over the socket FD and answers go there, JSON lines.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import types
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final, Literal, TextIO

from newswire.tied import be_killed_with_parent

__all__ = ["LIBRARIES"]

LIBRARIES: Final = (
    "aiohttp",
    "aiokafka",
    "croniter",
    "faust.app.base",
    "faust.transport.drivers.aiokafka",
    "faust.web.drivers.aiohttp",
    "kafka.admin",
    "lz4.frame",
    "pebble",
    "prometheus_client",
    "psutil",
    "pydantic_settings",
    "rich.console",
    "stamina",
    "structlog",
    "typer",
    "yaml",
    "schemas.wire",
)
"""None starts a thread, and none looks at the environment for anything of ours."""


def serve(connection: socket.socket) -> dict[str, Any] | None:
    """Fork for each request, and tell of each end, until nobody asks any more; return the request in each fork."""
    for name in LIBRARIES:
        importlib.import_module(name)
    gc.freeze()
    assert len(list(Path("/proc/self/task").iterdir())) == 1, "a fork would lack the other threads"
    woken, wake = socket.socketpair()
    woken.setblocking(False)
    wake.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno())
    requests = connection.makefile("rb")
    forked_by = os.getpid()
    while True:
        ready, _, _ = select.select([connection, woken], [], [])
        if woken in ready:
            with contextlib.suppress(BlockingIOError):
                woken.recv(4096)
            _tell_of_ends(connection)
        if connection in ready:
            line = requests.readline()
            if not line:
                return None
            pid = os.fork()
            if not pid:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for each in (requests, connection, woken, wake):
                    each.close()
                wanted: dict[str, Any] = json.loads(line)
                return wanted | {"parent": forked_by}
            connection.sendall(json.dumps({"pid": pid}).encode() + b"\n")


def _tell_of_ends(connection: socket.socket) -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            ended = {"ended": pid, "code": os.waitstatus_to_exitcode(status)}
            connection.sendall(json.dumps(ended).encode() + b"\n")


def become(request: dict[str, Any]) -> None:
    """Become what is asked for: a module, or without one the command ``newswire``.  The interpreter does the rest, as
    it would for one of its own.
    """
    os.setsid()
    be_killed_with_parent(request["parent"])
    for fd, path in enumerate(request["files"]):
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, fd)
        os.close(opened)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.stdin, sys.stdout, sys.stderr = _stream(0, "r"), _stream(1, "w"), _stream(2, "w")
    module = request["module"]
    sys.argv = [module or "-c", *request["arguments"]]
    sys.modules["__main__"] = types.ModuleType("__main__")
    if module is None:
        from newswire.cli import main

        main()
    else:
        runpy.run_module(module, run_name="__main__", alter_sys=True)


def _stream(fd: int, mode: Literal["r", "w"]) -> TextIO:
    """Open a standard stream that, like those under PYTHONUNBUFFERED, holds nothing back."""
    raw = open(fd, f"{mode}b", buffering=-1 if mode == "r" else 0, closefd=False)  # noqa: SIM115 - to the end
    errors = "backslashreplace" if fd == 2 else "strict"
    return TextIOWrapper(raw, encoding="utf-8", errors=errors, newline="\n", write_through=True)


if __name__ == "__main__":
    request = serve(socket.socket(fileno=int(sys.argv[1])))
    if request is not None:
        become(request)

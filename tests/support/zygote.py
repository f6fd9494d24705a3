"""A process that has loaded the libraries once, and forks a process of ours whenever one is asked for.

An interpreter of its own for every worker that tests start takes up to two seconds of a processor, nearly all of it
to load libraries, and a run of all tests starts hundreds.  A fork is ready in a tenth of that, and a process like any
other from then on: it has its own process id, session, environment, output and end.  Modules of ours that hold
something from when they are loaded are loaded after the fork.

Run as ``python -m tests.support.zygote FD``: requests come over the socket FD and answers go there, JSON lines.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading
import traceback
import types
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final, Literal, TextIO

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
_PR_SET_PDEATHSIG: Final = 1


def serve(connection: socket.socket) -> None:
    """Fork for each request, and tell of each end, until nobody asks any more."""
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
    while True:
        ready, _, _ = select.select([connection, woken], [], [])
        if woken in ready:
            with contextlib.suppress(BlockingIOError):
                woken.recv(4096)
            _tell_of_ends(connection)
        if connection in ready:
            line = requests.readline()
            if not line:
                return
            pid = os.fork()
            if not pid:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for each in (requests, connection, woken, wake):
                    each.close()
                _become(json.loads(line))
            connection.sendall(json.dumps({"pid": pid}).encode() + b"\n")


def _tell_of_ends(connection: socket.socket) -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            ended = {"ended": pid, "code": os.waitstatus_to_exitcode(status)}
            connection.sendall(json.dumps(ended).encode() + b"\n")


def _become(request: dict[str, Any]) -> None:
    """Run what is asked for as an interpreter of its own would, and end."""
    code = 1
    try:
        os.setsid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        for fd, path in enumerate(request["files"]):
            opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(opened, fd)
            os.close(opened)
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.stdin, sys.stdout, sys.stderr = _stream(0, "r"), _stream(1, "w"), _stream(2, "w")
        sys.modules["__main__"] = types.ModuleType("__main__")
        code = _run(request["module"], request["arguments"])
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _stream(fd: int, mode: Literal["r", "w"]) -> TextIO:
    """Open a standard stream that, like those under PYTHONUNBUFFERED, holds nothing back."""
    raw = open(fd, f"{mode}b", buffering=-1 if mode == "r" else 0, closefd=False)  # noqa: SIM115 - to the process's end
    errors = "backslashreplace" if fd == 2 else "strict"
    return TextIOWrapper(raw, encoding="utf-8", errors=errors, write_through=True)


def _run(module: str | None, arguments: list[str]) -> int:
    """Run a module, or without one the command ``newswire``; return the exit code, unless a signal ends it."""
    interrupted = False
    code: object = None
    try:
        if module is None:
            sys.argv = ["-c", *arguments]
            from newswire.cli import main

            main()
        else:
            sys.argv = [module, *arguments]
            runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    except KeyboardInterrupt:
        traceback.print_exc()
        interrupted = True
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads, as the interpreter does at its end
    atexit._run_exitfuncs()
    if interrupted:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)
    return 1


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))

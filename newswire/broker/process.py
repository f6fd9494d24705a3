"""The development broker's life: start, stop, kill, pause, wipe."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psutil
from filelock import FileLock, Timeout

from newswire.broker.config import Layout, log4j_properties, server_properties
from newswire.broker.errors import BrokerError
from newswire.broker.jars import fetch_jars
from newswire.broker.java import find_java
from newswire.broker.launch import PORT_TAKEN, cluster_id_of, format_data, new_cluster_id, run_kafka, why_not
from newswire.broker.ports import HOST, free_port, is_free
from newswire.broker.state import BrokerState, BrokerStatus, live_process, read_state, write_state
from newswire.broker.watchdog import watch

__all__ = ["DevBroker"]

READY_TIMEOUT_S: Final = 90.0
STOP_TIMEOUT_S: Final = 20.0
LOCK_TIMEOUT_S: Final = 120.0
PAUSE_POLL_S: Final = 0.001
PORT_TRIES: Final = 3
"""A port chosen as free can be taken by another before Kafka binds it."""


class DevBroker:
    """One Kafka node of one directory.

    It goes on running when its parent ends, unless it is *ephemeral*.  Any number of `DevBroker` objects,
    in any process, may speak of the same directory: what runs there stands in its state file.  As a
    context manager it starts on entry and stops on exit.

    Args:
        directory: its data, logs and state; made where it does not exist, kept between starts.
        port: where clients connect on loopback.  Null takes the port of the last start if that is free,
            else a free one.
        ephemeral: it is killed when this process ends, however that ends.
        quick: starts a third faster and runs slower, for tests.
        properties: more of Kafka's own configuration, such as listeners beside the plain one.
        java_options: more options for Java.

    """

    def __init__(
        self,
        directory: Path,
        port: int | None = None,
        *,
        ephemeral: bool = False,
        quick: bool = False,
        properties: Mapping[str, object] | None = None,
        java_options: Sequence[str] = (),
    ) -> None:
        self.layout = Layout(directory.expanduser().absolute())
        self.port = port
        self._ephemeral = ephemeral
        self._quick = quick
        self._properties = dict(properties or {})
        self._java_options = tuple(java_options)
        self._child: subprocess.Popen[bytes] | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def bootstrap(self) -> str:
        """``host:port`` for clients, also while the broker is down between two starts.

        Raises:
            BrokerError: it was never started.
        """
        state = self._state
        if state is None:
            raise BrokerError(f"no broker was started in {self.layout.root}")
        return f"{HOST}:{state.port}"

    @property
    def running(self) -> bool:
        """Whether its process runs, paused or not."""
        return self._process() is not None

    def status(self) -> BrokerStatus:
        """Tell what is known of it without asking it."""
        state, process = self._state, self._process()
        data = _bytes_in(self.layout.data)
        if state is None or process is None:
            return BrokerStatus(running=False, directory=str(self.layout.root), data_bytes=data)
        return BrokerStatus(
            running=True,
            directory=str(self.layout.root),
            bootstrap=f"{HOST}:{state.port}",
            pid=state.pid,
            uptime_s=max(0.0, time.time() - state.started_at),
            cluster_id=state.cluster_id,
            data_bytes=data,
        )

    def start(self) -> None:
        """Start it and wait until it serves; nothing happens when it runs already.

        Raises:
            BrokerError: Java, Maven or the jars are missing, the port is taken, another Kafka holds the
                directory, or it does not serve in time.
        """
        with self._locked():
            state = self._state
            if state is not None and self._process() is not None:
                if self.port not in {None, state.port}:
                    raise BrokerError(f"it runs already, on port {state.port}: stop it to change the port")
                return
            self._refuse_what_another_holds()
            if self.port is not None and not is_free(self.port):
                raise BrokerError(f"port {self.port} is taken: choose another, or 0 for a free one")
            java, jars = find_java(), fetch_jars()
            for left in reversed(range(PORT_TRIES)):
                reason = self._try_to_start(java, jars, state)
                if reason is None:
                    return
                if reason != PORT_TAKEN or not left:
                    raise BrokerError(f"Kafka did not start: {reason}")
                state = None  # its remembered ports are not to be had

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> bool:
        """End it in order, by force when *timeout_s* is over, and return whether it ran."""
        with self._locked():
            process = self._process()
            if process is not None:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.resume()
                    process.terminate()
            return self._end(process, timeout_s)

    def kill(self) -> bool:
        """End it as a crash would (SIGKILL), and return whether it ran.  The data stays."""
        with self._locked():
            return self._end(self._process(), 0)

    def pause(self) -> None:
        """Freeze it (SIGSTOP): connections stay open, nothing answers.

        Raises:
            BrokerError: it does not run.
        """
        process = self._running_process()
        process.suspend()
        # One of its threads stops the others, and they answer until that one has its turn.
        while self.running and process.status() != psutil.STATUS_STOPPED:
            time.sleep(PAUSE_POLL_S)

    def resume(self) -> None:
        """Let it go on after `pause`.

        Raises:
            BrokerError: it does not run.
        """
        self._running_process().resume()

    def wipe(self) -> None:
        """Delete its data, logs and state.

        Raises:
            BrokerError: it runs, or the files cannot be deleted.
        """
        with self._locked():
            if self.running:
                raise BrokerError(f"a broker runs in {self.layout.root}: stop it before wiping")
            self._refuse_what_another_holds()
            try:
                self.layout.wipe()
            except OSError as error:
                raise BrokerError(f"cannot wipe {self.layout.root}: {error}") from error

    def _refuse_what_another_holds(self) -> None:
        if self.layout.held:
            raise BrokerError(
                f"another Kafka, not started from here, holds {self.layout.data}: stop that first"
            )

    def _try_to_start(self, java: Path, jars: Path, last: BrokerState | None) -> str | None:
        """Start it once; return null when it serves, else the reason why it does not."""
        layout = self.layout
        port = self.port or _again(last.port if last else None)
        controller_port = _again(last.controller_port if last else None, other_than=port)
        layout.server.write_text(server_properties(layout, port, controller_port, self._properties), "ascii")
        layout.log4j.write_text(log4j_properties(layout), "ascii")
        if layout.formatted:
            cluster_id = cluster_id_of(layout)
        else:
            cluster_id = new_cluster_id()
            format_data(java, jars, layout, cluster_id)
        log_offset = layout.log.stat().st_size if layout.log.exists() else 0
        child, state = run_kafka(
            java,
            jars,
            layout,
            ports=(port, controller_port),
            cluster_id=cluster_id,
            quick=self._quick,
            more=self._java_options,
        )
        self._child = child
        try:
            write_state(layout.state, state)
            if self._ephemeral:
                self._watchdog = watch(state)
            reason = self._wait_until_it_serves(child, state, log_offset)
        except BaseException:
            self._end(live_process(state), 0)
            raise
        if reason is not None:
            self._end(live_process(state), 0)
        return reason

    def _wait_until_it_serves(
        self, child: subprocess.Popen[bytes], state: BrokerState, log_offset: int
    ) -> str | None:
        from newswire.broker.ready import serves, wait_until

        ended = False

        def ended_or_serves() -> bool:
            nonlocal ended
            ended = child.poll() is not None
            return ended or serves(state.port, state.cluster_id)

        if not wait_until(ended_or_serves, READY_TIMEOUT_S):
            return f"it does not serve after {READY_TIMEOUT_S:.0f} s (see {self.layout.log})"
        return why_not(self.layout, log_offset) if ended else None

    def _end(self, process: psutil.Process | None, timeout_s: float) -> bool:
        """Wait for the process to end, kill it when the time is over, and call the watchdog off."""
        if process is not None:
            try:
                if timeout_s:
                    process.wait(timeout_s)
                else:
                    process.kill()
                    process.wait()
            except psutil.TimeoutExpired:
                process.kill()
                process.wait()
            except psutil.NoSuchProcess:
                pass  # it ended between the look and the signal
        if self._child is not None:
            self._child.wait()
            self._child = None
        if self._watchdog is not None:
            self._watchdog.send_signal(signal.SIGKILL)
            self._watchdog.communicate()
            self._watchdog = None
        return process is not None

    @property
    def _state(self) -> BrokerState | None:
        return read_state(self.layout.state)

    def _process(self) -> psutil.Process | None:
        state = self._state
        if state is None or state.configuration != str(self.layout.server):
            return None  # none, or a copy of another directory's
        return live_process(state)

    def _running_process(self) -> psutil.Process:
        process = self._process()
        if process is None:
            raise BrokerError(f"no broker runs in {self.layout.root}")
        return process

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the directory, so that two commands never start or stop its broker at once."""
        try:
            self.layout.root.mkdir(parents=True, exist_ok=True)
            with FileLock(self.layout.lock, timeout=LOCK_TIMEOUT_S):
                yield
        except Timeout as error:
            raise BrokerError(
                f"{self.layout.root} is locked: another command starts or stops its broker"
            ) from error
        except PermissionError as error:
            raise BrokerError(f"{self.layout.root} cannot be written: {error.strerror}") from error


def _again(last: int | None, *, other_than: int = 0) -> int:
    """Return the port of the last start if it is free, else a free one."""
    if last is not None and last != other_than and is_free(last):
        return last
    return free_port(other_than=other_than)


def _bytes_in(directory: Path) -> int:
    """Return what the files below take on the disk, in bytes; a running broker deletes some meanwhile."""
    size = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                size += (Path(folder) / name).stat().st_blocks * 512
    return size

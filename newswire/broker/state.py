"""Which process is the broker: kept in a file, and believed only when pid and start time both fit."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec
import psutil

from newswire.broker.errors import BrokerError

__all__ = ["BrokerState", "BrokerStatus", "live_process", "read_state", "write_state"]

CLOCK_DRIFT_S: Final = 2.0
"""The start time is counted from the boot time, which moves a little when the clock is adjusted."""


class BrokerState(msgspec.Struct, kw_only=True, frozen=True):
    """The broker that was started last in a directory.  It stays when it stops: ports are used again."""

    pid: int
    started_at: float
    """When the process began, in seconds since 1970 as the system gives it: a pid alone is used again."""
    configuration: str
    """Path of the configuration that the process was given, its last argument."""
    port: int
    controller_port: int
    cluster_id: str


class BrokerStatus(msgspec.Struct, kw_only=True, frozen=True):
    """What is known of a broker without asking it."""

    running: bool
    directory: str
    bootstrap: str | None = None
    """``host:port`` while it runs."""
    pid: int | None = None
    uptime_s: float | None = None
    cluster_id: str | None = None
    data_bytes: int = 0
    """Size of its data on disk."""


def read_state(path: Path) -> BrokerState | None:
    """Read the state, or return null when no broker was started here.

    Raises:
        BrokerError: the file is broken.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=BrokerState)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise BrokerError(
            f"{path} cannot be read ({error}): stop its Kafka by hand, then delete it"
        ) from error


def write_state(path: Path, state: BrokerState) -> None:
    """Write the state so that a reader sees all of it or what was there before."""
    scratch = path.with_suffix(".new")
    scratch.write_bytes(msgspec.json.format(msgspec.json.encode(state), indent=1) + b"\n")
    os.replace(scratch, path)  # noqa: PTH105


def live_process(state: BrokerState) -> psutil.Process | None:
    """Return the broker's process if it runs.

    The pid lives, began at the recorded time, was given the recorded configuration, and is no zombie.
    """
    try:
        process = psutil.Process(state.pid)
        ours = (
            abs(process.create_time() - state.started_at) <= CLOCK_DRIFT_S
            and state.configuration in process.cmdline()
            and process.status() != psutil.STATUS_ZOMBIE
        )
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return process if ours else None

"""The processes that a command has started, to see that none outlives it."""

from __future__ import annotations

import psutil

from tests.support.processes import Worker
from tests.support.waiting import eventually

__all__ = ["command_of", "family", "no_one_is_left", "worker_pid"]


def command_of(process: psutil.Process) -> list[str]:
    """Return the command of a process with its arguments, none where it has ended since it was listed."""
    try:
        command: list[str] = process.cmdline()
    except psutil.NoSuchProcess:
        return []
    return command


def family(worker: Worker) -> list[psutil.Process]:
    """Return all that a running command has started, and what that has started."""
    return psutil.Process(worker.pid).children(recursive=True)


def no_one_is_left(members: list[psutil.Process]) -> None:
    """Wait until all are gone."""
    eventually(lambda: not _alive(members), f"none of {len(members)} processes is left")


def worker_pid(worker: Worker, stage: str) -> int:
    """Return the process of a stage's worker under a running ``newswire up``."""
    found = [each.pid for each in family(worker) if f"worker {stage}" in " ".join(command_of(each))]
    assert len(found) == 1, found
    return found[0]


def _alive(members: list[psutil.Process]) -> list[psutil.Process]:
    return [each for each in members if _is_alive(each)]


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:  # it ended between the two looks
        return False

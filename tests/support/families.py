"""The processes that a command has started, to see that none outlives it."""

from __future__ import annotations

import psutil

from tests.support.processes import Worker
from tests.support.waiting import eventually

__all__ = ["family", "no_one_is_left", "worker_pid"]


def family(worker: Worker) -> list[psutil.Process]:
    """Return all that a running command has started, and what that has started."""
    return psutil.Process(worker.pid).children(recursive=True)


def no_one_is_left(members: list[psutil.Process]) -> None:
    """Wait until all are gone."""
    eventually(lambda: not _alive(members), f"none of {len(members)} processes is left", 30)


def worker_pid(worker: Worker, stage: str) -> int:
    """Return the process of a stage's worker under a running ``newswire up``."""
    found = [each.pid for each in family(worker) if f"worker {stage}" in " ".join(each.cmdline())]
    assert len(found) == 1, found
    return found[0]


def _alive(members: list[psutil.Process]) -> list[psutil.Process]:
    return [each for each in members if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]

"""That a pipeline is in order: nobody fell and the ledger has no gap."""

from __future__ import annotations

import subprocess

import psutil

from tests.support.pipeline import Pipeline
from tests.support.processes import Worker, run_newswire_bytes

__all__ = ["assert_in_order", "newswire", "resident_mib"]


def newswire(
    pipeline: Pipeline, *arguments: object, stdin: bytes | None = None, timeout_s: float = 300
) -> subprocess.CompletedProcess[bytes]:
    """Run the command ``newswire`` with the pipeline's settings, to its end."""
    return run_newswire_bytes(*arguments, environ=pipeline.environ, stdin=stdin or b"", timeout_s=timeout_s)


def assert_in_order(pipeline: Pipeline) -> None:
    """Every worker still runs as it was started, and the audit finds nothing."""
    for stage, running in pipeline.running.items():
        for worker in running:
            assert worker.running, f"{stage}:\n{worker.tail()}"
            assert worker.said().count('"assigned"') == 1, f"{stage}:\n{worker.tail()}"
    done = newswire(pipeline, "audit", "--wait", 200)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()


def resident_mib(worker: Worker) -> dict[str, int]:
    """Return the resident memory of a worker and of its largest child, MiB."""
    children = [_resident(child) for child in worker.children()]
    return {"worker": _resident(psutil.Process(worker.pid)), "child": max(children, default=0)}


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss) >> 20
    except psutil.NoSuchProcess:
        return 0

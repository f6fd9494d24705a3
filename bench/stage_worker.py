"""Workers of stages as an operator runs them: ``newswire worker``, each a process of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NoReturn

import psutil
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from newswire.settings import Settings
from newswire.supervisor.child import Child, how_it_ended
from newswire.supervisor.pipeline import stage_specs

__all__ = ["StageWorker", "running"]

PAUSE_S: Final = 0.05
STARTS_IN_S: Final = 60.0
METRICS_TRIES: Final = 10
"""A worker whose machine is busy may miss the time that is waited for its metrics."""
STOP_TIMEOUT_S: Final = 60.0


class StageWorker:
    """One process of one stage, and the events it has logged."""

    def __init__(self, settings: Settings, stage: str) -> None:
        self._child = Child(next(spec for spec in stage_specs(settings) if spec.name == stage))
        self._events: list[dict[str, Any]] = []

    def start(self) -> None:
        """Start it; what an earlier process has logged counts no more."""
        self._events.clear()
        self._child.start()

    def event(self, name: str, timeout_s: float) -> dict[str, Any]:
        """Wait until it has logged an event, and return that.

        Raises:
            SystemExit: it ended before, or the time is over.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            code = self._child.ended()
            self._events += self._child.log.new_events()
            found = next((event for event in self._events if event.get("event") == name), None)
            if found is not None:
                return found
            if code is not None:
                self._give_up(how_it_ended(code))
            if time.monotonic() > deadline:
                self._give_up(f"did not say {name} in {timeout_s:.0f} s")
            time.sleep(PAUSE_S)

    def check(self) -> None:
        """Look whether it still runs.

        Raises:
            SystemExit: it does not.
        """
        code = self._child.ended()
        if code is not None:
            self._give_up(how_it_ended(code))

    def _give_up(self, why: str) -> NoReturn:
        tail = "\n".join(self._child.log.tail(20))
        raise SystemExit(f"the worker of {self._child.name} {why}:\n{tail}")

    @property
    def pid(self) -> int:
        """Of the process, which runs."""
        assert self._child.pid is not None
        return self._child.pid

    def metrics(self) -> list[Metric]:
        """Return the metrics that it serves.

        Raises:
            SystemExit: it serves none.
        """
        self._child.metrics_port = self.event("worker_starts", STARTS_IN_S)["metrics_port"]
        tries = METRICS_TRIES
        while (text := self._child.metrics()) is None:
            self.check()
            tries -= 1
            if not tries:
                self._give_up("does not serve its metrics")
        return list(text_string_to_metric_families(text))

    def rss_mib(self) -> float:
        """Resident memory of the process, in MiB, without its children."""
        return float(psutil.Process(self.pid).memory_info().rss) / 2**20

    def cpu_s(self) -> float:
        """CPU seconds of the process and of its children so far, also of those that have ended."""
        process = psutil.Process(self.pid)
        times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
        return float(
            sum(each.user + each.system + each.children_user + each.children_system for each in times)
        )

    def stop(self) -> None:
        """Ask it to stop and wait for its end; after a minute it is killed."""
        if self._child.pid is None:
            return
        self._child.terminate()
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while self._child.ended() is None and self._child.pid is not None:
            if time.monotonic() > deadline:
                self._child.kill()
            time.sleep(PAUSE_S)


@contextmanager
def running(settings: Settings, *stages: str) -> Iterator[dict[str, StageWorker]]:
    """Give workers of stages, not started yet, and stop at the end of the block those that run."""
    workers = {stage: StageWorker(settings, stage) for stage in stages}
    try:
        yield workers
    finally:
        for worker in workers.values():
            worker.stop()

"""What a soak looks at, again and again: memory, open files, threads and lag of each process, and what has ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import psutil
from prometheus_client import Metric

from bench.stage_worker import StageWorker
from schemas.limits import MIB

__all__ = ["Look", "Looks", "ended_of", "look_at", "values_of"]


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One process and its children at one time."""

    rss: float
    """MiB of the process alone."""
    children_rss: float
    """MiB of its children together."""
    files: float
    """Open file descriptors of the process, without those of dedupe's local files, and of its children."""
    threads: float
    """Of the process and of its children."""
    lag: float = 0.0
    """Records of its topic that its group has not committed."""
    owners: float = 0.0
    """Contents in dedupe's near index."""
    state_mib: float = 0.0
    """Memory that dedupe's state has in use by its own account: near index, write buffer, cache, filters."""
    state_files: float = 0.0
    """Open files that are dedupe's local ones."""


class Looks:
    """What was seen of each process, and when, in seconds since the begin."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.by_process: dict[str, list[Look]] = {}

    def add(self, seconds: float, looks: Mapping[str, Look]) -> None:
        """Add one look at every process."""
        self.seconds.append(seconds)
        for name, look in looks.items():
            self.by_process.setdefault(name, []).append(look)

    def since(self, seconds: float) -> Looks:
        """Return those from a time on."""
        begin = next((i for i, at in enumerate(self.seconds) if at >= seconds), len(self.seconds))
        later = Looks()
        later.seconds = self.seconds[begin:]
        later.by_process = {name: looks[begin:] for name, looks in self.by_process.items()}
        return later


def look_at(pid: int, metrics: Sequence[Metric] = (), state: Path | None = None) -> Look:
    """Look at a process now; *state* is the folder of its local files, if it has such."""
    process = psutil.Process(pid)
    rss = files = threads = 0.0
    for child in process.children(recursive=True):
        try:
            with child.oneshot():
                rss += child.memory_info().rss / MIB
                files += child.num_fds()
                threads += child.num_threads()
        except psutil.NoSuchProcess:
            continue  # replaced just now
    own = 0
    if state is not None:
        own = sum(Path(each.path).is_relative_to(state) for each in process.open_files())
    parts = values_of(metrics, "newswire_dedupe_state_bytes")
    entries = values_of(metrics, "newswire_dedupe_state_entries")
    with process.oneshot():
        return Look(
            rss=process.memory_info().rss / MIB,
            children_rss=rss,
            files=process.num_fds() - own + files,
            threads=process.num_threads() + threads,
            lag=sum(value for _, value in values_of(metrics, "kafka_consumergroup_lag")),
            owners=sum(value for labels, value in entries if labels["kind"] == "owners"),
            state_mib=sum(value for _, value in parts) / MIB,
            state_files=own,
        )


def values_of(metrics: Sequence[Metric], name: str) -> list[tuple[dict[str, str], float]]:
    """Return labels and value of each sample of a metric."""
    return [(each.labels, each.value) for family in metrics for each in family.samples if each.name == name]


def ended_of(workers: Mapping[str, StageWorker]) -> dict[str, int]:
    """Return how many items have ended, by outcome."""
    ended: dict[str, int] = {}
    for worker in workers.values():
        for labels, value in values_of(worker.metrics(), "newswire_outcomes_total"):
            ended[labels["outcome"]] = ended.get(labels["outcome"], 0) + int(value)
    return ended

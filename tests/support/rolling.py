"""Processes replaced one after the other while the pipeline works, and what that cost."""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from newswire.broker import DevBroker
from tests.support.brokers import consume
from tests.support.chaos import OUTPUT
from tests.support.processes import Worker

PATIENCE_S = 180.0
"""For a worker to be given its part, or to stop, on a machine with much else to do."""


def has_its_part(worker: Worker) -> Worker:
    """Wait until a worker may begin its work; a standby's part is none."""
    worker.wait_for('"event": "assigned"', PATIENCE_S)
    return worker


class Rolling:
    """Replaces workers; *running* holds those of each kind, *start* starts one more of a kind."""

    def __init__(self, running: dict[str, list[Worker]], start: Callable[[str], Worker]) -> None:
        self.running, self._start = running, start
        self.exits: dict[str, list[float]] = {}
        """Seconds from SIGTERM to the end, by kind."""
        self.rolls: Counter[str] = Counter()

    def roll(self, kind: str, *, ahead: bool) -> None:
        """Replace every worker of a kind, one after the other: each new one starts *ahead* of the old one's
        end, or after it.
        """
        self.rolls[kind] += 1
        for old in list(self.running[kind]):
            new = has_its_part(self._start(kind)) if ahead else None
            self.stop(kind, old)
            if new is None:
                new = has_its_part(self._start(kind))
            self.running[kind].append(new)

    def stop(self, kind: str, worker: Worker) -> None:
        """Stop one in order."""
        self.running[kind].remove(worker)
        begun = time.monotonic()
        code = worker.terminate(PATIENCE_S)
        self.exits.setdefault(kind, []).append(time.monotonic() - begun)
        assert code == 0, worker.tail()

    def report(self, title: str, note: str) -> None:
        """Print how often each kind was replaced, and how long its workers took to end."""
        table = Table(title=title, title_justify="left")
        for column in ("workers of", "rolling restarts", "ends", "median s", "longest s"):
            table.add_column(column, justify="left" if column == "workers of" else "right")
        for kind, times in sorted(self.exits.items()):
            table.add_row(
                kind,
                str(self.rolls[kind]),
                str(len(times)),
                f"{statistics.median(times):.1f}",
                f"{max(times):.1f}",
            )
        console = Console(width=100)
        console.print(table)
        console.print(note)


def redelivered(kafka: DevBroker) -> dict[str, int]:
    """Return by stage how many of its outputs repeat an item."""
    found = {}
    for stage, topic in OUTPUT.items():
        ids = [json.loads(record.value or b"{}")["item_id"] for record in consume(kafka, topic)]
        found[stage] = len(ids) - len(set(ids))
    return found

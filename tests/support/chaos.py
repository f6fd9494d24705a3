"""A pipeline under load while its parts are killed, and what that cost.

Items are fed at a steady rate for as long as a plan of faults is carried out, one after the other; the end is
reached when every item has its outcome, and the ledger is audited by id.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from rich.console import Console
from rich.table import Table

from schemas import topics
from schemas.raw_item import RawItem
from tests.support.brokers import consume
from tests.support.feeder import Feeder
from tests.support.pipeline import STAGES, Pipeline, items
from tests.support.processes import Worker, run_newswire_bytes
from tests.support.waiting import eventually

OUTPUT = {"normalize": topics.ARTICLE.name, "dedupe": topics.SIGHTINGS.name, "enrich": topics.ENRICHED.name}
PATIENCE_S = 180.0
"""For a worker to boot, to stop or to be given its partitions, on a machine with much else to do."""
RECOVERY_S = 60.0
"""A stage's first output after a fault is waited for so long before the next fault."""
SYLLABLES = ["ba", "co", "di", "fu", "ge", "ha", "ki", "lo", "mu", "ne", "po", "ra", "si", "tu", "ve", "wo"]


def numbered(count: int, seed: int, *, repeated: float = 0.3) -> list[RawItem]:
    """Make short items, each with a number; a share of them repeats an earlier one's text elsewhere."""
    rng = random.Random(seed)
    lines: list[dict[str, Any]] = []
    for number in range(count):
        if lines and rng.random() < repeated:
            lines.append(rng.choice(lines) | {"id": f"copy {number}", "url": f"https://b.example/{number}"})
            continue
        words = ["".join(rng.choices(SYLLABLES, k=3)) for _ in range(36)]
        text = f"Report {number} said: “{' '.join(words[:18])}.” Then {' '.join(words[18:])}."
        lines.append(
            {"id": str(number), "url": f"https://a.example/{number}", "text": text, "language": "en"}
        )
    return items(lines)


class Chaos:
    """Carries out faults on a pipeline that is fed; the figures are in `report`."""

    def __init__(self, pipeline: Pipeline, feeder: Feeder, *, seed: int) -> None:
        self.pipeline, self.feeder = pipeline, feeder
        self.rng = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.waits: dict[str, list[float]] = {}
        self._ends: KafkaConsumer | None = None
        self._sizes: Counter[str] = Counter()

    def start(self) -> None:
        self.began = time.monotonic()
        self.feeder.start()

    # -- faults ---------------------------------------------------------------------------------------

    def kill(self, stage: str | None = None) -> None:
        """kill -9 a worker of a stage and start another in its place."""
        stage = stage or self.rng.choice(STAGES)
        worker = self._pick(stage)

        def act() -> None:
            worker.kill()
            self._replace(stage, worker)

        self._timed(f"kill -9 {stage}", stage, act)

    def terminate(self, stage: str | None = None) -> None:
        """Stop a worker in order, under load."""
        stage = stage or self.rng.choice(STAGES)
        # One that still boots has no handler for the signal yet and may end by it, as any program.
        worker = self._pick(stage, ready=True)

        def act() -> None:
            # It may have failed just before, as one that lost its broker does.
            code = worker.terminate(PATIENCE_S)
            assert code == 0 or worker.events("stage_failed"), worker.tail()
            self._replace(stage, worker)

        self._timed(f"SIGTERM {stage}", stage, act)

    def kill_broker(self) -> None:
        """kill -9 the broker and start it again."""

        def act() -> None:
            self.pipeline.kafka.kill()
            self.pipeline.kafka.start()

        self._timed("kill -9 broker", "dedupe", act)

    def freeze_dedupe(self, seconds: float) -> None:
        """SIGSTOP the active dedupe worker past its session, let the standby take over, wake it."""
        worker = self._owner()
        self._timed("SIGSTOP dedupe past its session", "dedupe", worker.pause)
        time.sleep(seconds)
        worker.resume()

    def take_over(self) -> None:
        """kill -9 the active dedupe worker, with a standby there, and see how long that takes."""
        worker = self._owner()

        def act() -> None:
            worker.kill()
            self._replace("dedupe", worker)

        self._timed("takeover by the standby", "dedupe", act)

    def _owner(self) -> Worker:
        def owners() -> list[Worker]:
            self._supervise()
            return self.pipeline.owners("dedupe")

        return eventually(owners, "a dedupe worker has the partition", PATIENCE_S)[-1]

    def _pick(self, stage: str, *, ready: bool = False) -> Worker:
        def running() -> list[Worker]:
            self._supervise()
            some = [worker for worker in self.pipeline.running[stage] if worker.running]
            return [worker for worker in some if not ready or '"assigned"' in worker.said()]

        return self.rng.choice(eventually(running, f"a {stage} worker runs", PATIENCE_S))

    def _supervise(self) -> None:
        """Start again what has ended by itself: a worker that finds no broker at its start does."""
        for stage in STAGES:
            for worker in [w for w in self.pipeline.running[stage] if not w.running]:
                self.done[f"{stage} ended by itself, exit code {worker.child.returncode}"] += 1
                self._replace(stage, worker)

    def _replace(self, stage: str, worker: Worker) -> None:
        self.pipeline.running[stage].remove(worker)
        self.pipeline.add(stage)

    def _timed(self, what: str, stage: str, act: Callable[[], object]) -> None:
        """Do it, and measure the seconds until its stage puts out something again."""
        act()
        since = time.monotonic()
        before = self._size(stage)
        self.done[what] += 1
        while self.feeder.feeding and time.monotonic() - since < RECOVERY_S:
            if self._size(stage) != before:
                self.waits.setdefault(what, []).append(time.monotonic() - since)
                return
            self._supervise()
            time.sleep(0.1)

    def _size(self, stage: str) -> int:
        topic = OUTPUT[stage]
        try:
            if self._ends is None:
                self._ends = KafkaConsumer(bootstrap_servers=self.pipeline.kafka.bootstrap, group_id=None)
            numbers = self._ends.partitions_for_topic(topic) or ()
            ends = self._ends.end_offsets([TopicPartition(topic, n) for n in numbers])
            self._sizes[stage] = max(self._sizes[stage], sum(ends.values()))
        except KafkaError:
            # The broker is down at the moment: nothing comes out.
            self._close_ends()
        return self._sizes[stage]

    def _close_ends(self) -> None:
        if self._ends is not None:
            self._ends.close()
            self._ends = None

    # -- the end --------------------------------------------------------------------------------------

    def finish(self, timeout_s: float = 600) -> None:
        """Wait until all is fed, then until it has its outcome; a worker that is gone is started again."""
        self._close_ends()
        self.feeder.finish()

        def all_ended() -> bool:
            self._supervise()
            try:
                return not self.missing()
            except KafkaError:
                # Of a broker that was killed last, it may take a while until all partitions answer.
                return False

        try:
            eventually(all_ended, "every item has an outcome", timeout_s, 2)
        except AssertionError as error:
            error.add_note(f"{len(self.missing())} of {self.feeder.fed} items have none")
            for stage in STAGES:
                for worker in self.pipeline.running[stage]:
                    error.add_note(f"{stage}, process {worker.pid}, says:\n{worker.tail(15)}")
            raise

    def missing(self) -> set[str]:
        return {item.item_id for item in self.feeder.sent} - set(self.pipeline.outcomes())

    def report(self, title: str) -> dict[str, int]:
        """Print what was done and what it cost; return the counts."""
        doubled = {}
        for stage, topic in OUTPUT.items():
            ids = [json.loads(r.value or b"{}")["item_id"] for r in consume(self.pipeline.kafka, topic)]
            doubled[stage] = len(ids) - len(set(ids))
        counts = {"items": self.feeder.fed, "lost": len(self.missing()), **doubled}
        table = Table(title=title, title_justify="left")
        for column in ("fault", "times", "first output after it: median s", "longest s"):
            table.add_column(column, justify="left" if column == "fault" else "right")
        for what, times in sorted(self.done.items()):
            waits = self.waits.get(what, [])
            table.add_row(
                what,
                str(times),
                f"{statistics.median(waits):.1f}" if waits else "",
                f"{max(waits):.1f}" if waits else "",
            )
        console = Console(width=100)
        console.print(table)
        console.print(
            f"{counts['items']:,} items in {time.monotonic() - self.began:.0f} s: {counts['lost']} lost; redelivered: "
            + ", ".join(f"{doubled[stage]} by {stage}" for stage in STAGES)
        )
        return counts


def audit(pipeline: Pipeline) -> dict[str, Any]:
    """Run ``newswire audit --json`` and return its report; fails when it finds anything wrong."""
    done = run_newswire_bytes("audit", "--json", environ=pipeline.environ, timeout_s=900)
    report: dict[str, Any] = msgspec.json.decode(done.stdout) if done.stdout.startswith(b"{") else {}
    assert done.returncode == 0, (done.stdout[-3000:], done.stderr[-2000:])
    return report

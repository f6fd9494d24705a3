"""Hours under load, in short: do memory, open files, threads or lag grow?

    make soak                                  # 30 minutes
    make soak SOAK_MINUTES=3                   # whether it runs
    python -m bench.soak --minutes 30 --share 0.8

A worker of each stage with the real model over a Kafka of its own, and ``newswire ingest``, which reads news
without end (`bench.endless_news`).  For a minute a backlog shows the pipeline's top rate; then items come at
80 % of that, and every five seconds each process is looked at.  The first sixth of the time warms up caches
and is not judged.

Growth is the median slope of all pairs of looks.  Dedupe knows more the longer it runs, by design and within
its bounds.  So it is given bounds here that are reached before it begins, by sightings that lie in its topic; its files' write
buffer and cache are small enough to be full by then.  What its state has in use by its own account is told beside its
memory and not taken off: what a write buffer gives back stays with the process, and the cache grows into it.  Children
are not replaced after ``child_max_tasks`` batches here, which would hide what they leak.

The table is Markdown, for ``docs/benchmarks.md``.  The exit code is 1 when a figure misses its limit, 130 on
Ctrl-C; either way all that was started is stopped.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NoReturn

from bench.dedupe_kafka import owners
from bench.drift import slope
from bench.kafka import append, read_new, running_broker
from bench.scoring.markdown import table
from bench.soak_ingest import Ingest, ingesting
from bench.soak_looks import Look, Looks, ended_of, look_at
from bench.soak_verdict import Row, rows_of, sum_rows
from bench.stage_worker import StageWorker, running
from newswire.settings import Settings
from schemas import Outcome, topics
from schemas.wire import decode

STAGES: Final = ("normalize", "dedupe", "enrich")
COLUMNS: Final = ("figure", "at the begin", "at the end", "most", "growth", "limit", "")
BACKLOG: Final = 300
"""Items under way while the top rate is measured: many batches of the slowest stage, so that it never waits."""
BOUND: Final = 20_000
"""Articles and contents that dedupe knows at most."""
FILES_MIB: Final = 16
"""Memory for its local files: what is not written out yet comes and goes several times in ten minutes, and not once
in half an hour.
"""
FILLED: Final = 60_000
"""Sightings in its topic before the begin: some 200 MB of local files."""
LOOK_S: Final = 5.0
WARM_UP: Final = 1 / 6
TURN_S: Final = 0.05
STARTS_IN_S: Final = 300.0
ENDS_IN_S: Final = 300.0
INTERRUPTED: Final = 130


class Soak:
    """A running pipeline that is fed and looked at."""

    def __init__(self, workers: Mapping[str, StageWorker], ingest: Ingest, data_dir: Path) -> None:
        self._workers = workers
        self._ingest = ingest
        self._data_dir = data_dir

    def look(self) -> dict[str, Look]:
        """Look at every process now.

        Raises:
            SystemExit: one has ended.
        """
        self._ingest.check()
        looks = {"ingest": look_at(self._ingest.pid)}
        for stage, worker in self._workers.items():
            state = self._data_dir / "dedupe" if stage == "dedupe" else None
            looks[stage] = look_at(worker.pid, worker.metrics(), state)
        return looks

    def ended(self) -> int:
        """Return how many items have ended."""
        return sum(ended_of(self._workers).values())

    def top_rate(self, seconds: float) -> float:
        """Return how many items a second end while some always wait; the first third of the time fills the
        pipeline.  Where looking takes long it goes on until there are two looks.
        """
        begun = time.monotonic()
        times: list[float] = []
        ended: list[float] = []
        while (now := time.monotonic() - begun) < seconds or len(times) < 2:
            count = self.ended()
            if now >= seconds / 3:
                times.append(now)
                ended.append(count)
            self._ingest.send(max(0, count + BACKLOG - self._ingest.sent))
            time.sleep(1.0)
        return slope(times, ended)

    def drain(self) -> None:
        """Wait until all that was sent has ended.

        Raises:
            SystemExit: nothing more ends, and some have not.
        """
        ended, moved = -1, time.monotonic()
        while (count := self.ended()) < self._ingest.sent:
            if count != ended:
                ended, moved = count, time.monotonic()
            if time.monotonic() > moved + ENDS_IN_S:
                raise SystemExit(
                    f"{count:,} of {self._ingest.sent:,} items ended, then none in {ENDS_IN_S:.0f} s"
                )
            time.sleep(1.0)

    def feed(self, rate: float, seconds: float) -> tuple[Looks, float]:
        """Feed at a rate and look again and again; return what was seen, and the rate that was reached."""
        looks = Looks()
        before, begun, next_look = self._ingest.sent, time.monotonic(), 0.0
        while (now := time.monotonic() - begun) < seconds:
            self._ingest.send(int(now * rate) - (self._ingest.sent - before))
            if now >= next_look:
                looks.add(now, self.look())
                next_look = now + LOOK_S
            time.sleep(TURN_S)
        return looks, (self._ingest.sent - before) / (time.monotonic() - begun)


def tell_dead_letters(settings: Settings) -> None:
    """Say what became a dead letter, and why: `bench.endless_news` makes the same item again."""
    for record in read_new(settings, topics.OUTCOMES, dict.fromkeys(range(settings.partitions), 0)):
        outcome = decode(record.value, Outcome)
        if outcome.outcome == "dead_letter":
            print(f"dead letter of {outcome.stage}, {outcome.reason}: {outcome.native_id}", flush=True)


def run(directory: Path, *, minutes: float, share: float, saturate_s: float) -> list[Row]:
    """Run it; return the rows of the table."""
    with (
        running_broker(directory) as settings,
        running(settings, *STAGES) as workers,
        ingesting(settings) as ingest,
    ):
        append(settings, topics.SIGHTINGS.name, owners(FILLED, int(time.time() * 1000)))
        for worker in workers.values():
            worker.start()
        for worker in workers.values():
            worker.event("assigned", STARTS_IN_S)
        soak = Soak(workers, ingest, settings.data_dir.absolute())
        top = soak.top_rate(saturate_s)
        rate = top * share
        print(f"The top rate is {top:.1f} items/s: {rate:.1f}/s for {minutes:g} minutes.", flush=True)
        soak.drain()
        looks, fed = soak.feed(rate, minutes * 60)
        soak.drain()
        ended = ended_of(workers)
        ingest.finish()
        if ended.get("dead_letter"):
            tell_dead_letters(settings)
    judged = looks.since(minutes * 60 * WARM_UP)
    outcomes = ", ".join(f"{name} {count:,}" for name, count in sorted(ended.items()))
    print(f"{ingest.sent:,} items ended: {outcomes}. {len(judged.seconds)} looks after the warm-up.\n")
    return rows_of(judged, rate) + sum_rows(ingest.sent, ended, fed, rate)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30.0, help="under load, the warm-up included")
    parser.add_argument("--share", type=float, default=0.8, help="of the top rate")
    parser.add_argument(
        "--saturate", type=float, default=60.0, help="seconds for which the top rate is measured"
    )
    options = parser.parse_args(arguments)
    if options.minutes < 1:
        parser.error("--minutes: a slope of less than a minute says nothing")
    signal.signal(signal.SIGTERM, _interrupt)
    # Workers take what they are told from the environment.
    told = {
        "ENRICH_MODEL": "english",
        "CHILD_MAX_TASKS": 0,
        "DEDUPE_MAX_NEAR": BOUND,
        "DEDUPE_MAX_IDENTITIES": BOUND,
        "DEDUPE_FILES_MIB": FILES_MIB,
    }
    os.environ |= {f"NEWSWIRE_{name}": str(value) for name, value in told.items()}
    try:
        with tempfile.TemporaryDirectory(prefix="soak-") as directory:
            rows = run(
                Path(directory),
                minutes=options.minutes,
                share=options.share,
                saturate_s=options.saturate,
            )
    except KeyboardInterrupt:
        print("stopped before the end", file=sys.stderr)
        return INTERRUPTED
    print(table(COLUMNS, [row.cells() for row in rows]))
    return 1 if any(row.kept is False for row in rows) else 0


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

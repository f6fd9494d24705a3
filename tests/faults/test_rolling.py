"""Rolling change under load: every worker is replaced in turn, and nothing is lost nor emitted twice.

``make faults`` runs it with FAULT_ROLLS=50.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from newswire.broker import DevBroker
from tests.support.brokers import settings_for
from tests.support.chaos import audit
from tests.support.pipeline import STAGES, Pipeline
from tests.support.processes import Worker, Workers
from tests.support.rolling import PATIENCE_S, Rolling, has_its_part, redelivered
from tests.support.sharing import Sharing

ROLLS = int(os.environ.get("FAULT_ROLLS", "10"))
KINDS = ("connect", "enrich", "dedupe", "normalize")
FEEDS = 30
EXIT_S = 20.0
"""Within 15 s a worker has ended after SIGTERM, and the rest is this machine's; whether one had to be cut off, it says."""

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600 + 180 * ROLLS)]


def test_rolling_restarts_lose_nothing_and_emit_nothing_twice(
    fresh_kafka: DevBroker, workers: Workers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    # Nobody is killed here: a session far above what a busy machine keeps a worker from running.
    settings = settings_for(
        fresh_kafka, data_dir=tmp_path / "run", enrich_model="fake", kafka_session_timeout_s=30
    )
    pipeline = Pipeline(fresh_kafka, workers, settings)
    sharing = Sharing(fresh_kafka, settings, workers, tmp_path, count=FEEDS, period_s=2.0)

    def start(kind: str) -> Worker:
        return sharing.start() if kind == "connect" else pipeline.add(kind)

    rolling = Rolling({kind: [start(kind), start(kind)] for kind in KINDS}, start)
    for kind in KINDS:
        for worker in rolling.running[kind]:
            has_its_part(worker)
    sharing.await_shares(*rolling.running["connect"], timeout_s=PATIENCE_S)
    for number in range(ROLLS):
        kind = KINDS[number % len(KINDS)]
        # A connector that has just joined has no share yet: the old one is told to stop while it is made.
        rolling.roll(kind, ahead=number // len(KINDS) % 2 == 0)
        if kind == "connect":
            sharing.await_requests(timeout_s=PATIENCE_S)
    sharing.end_publishing()
    # What the feeds show from now on is all they ever will.
    sharing.await_requests(timeout_s=PATIENCE_S)
    figures = sharing.await_complete(PATIENCE_S)
    for worker in list(rolling.running["connect"]):
        rolling.stop("connect", worker)
    items = sharing.items()
    pipeline.finish(items, PATIENCE_S)
    doubled = redelivered(fresh_kafka)
    with capsys.disabled():
        print()
        rolling.report(
            "Rolling restarts under load",
            f"{figures['entries']:,} entries of feeds, {len(items):,} items; redelivered: "
            + ", ".join(f"{doubled[stage]} by {stage}" for stage in STAGES),
        )
    assert sum(rolling.rolls.values()) == ROLLS
    times = Counter((item.source_id, item.native_id) for item in items)
    assert {entry: count for entry, count in times.items() if count > 1} == {}, "an entry is an item twice"
    # What is in a worker's hands when its partition goes to another may be handed out again, once for each change.
    assert max(doubled.values()) <= ROLLS, "a stage was handed items again and again"
    assert all('"how": "unclean"' not in worker.said() for worker in workers.all), "a source was not let go"
    longest = max(seconds for exits in rolling.exits.values() for seconds in exits)
    assert longest < EXIT_S
    assert [worker.tail() for worker in workers.all if worker.events("stop_timed_out")] == []
    audit(pipeline)

"""Three workers share 200 feeds while they are killed, frozen, cut off from their group, stopped and replaced, and
every entry that was served ends in the ledger.

``FAULT_KILLS`` says how many faults there are (12 unless told).
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from newswire.broker import DevBroker
from tests.support.brokers import broker_in, settings_for
from tests.support.chaos import PATIENCE_S, audit
from tests.support.loopback_feeds import overlaps
from tests.support.pipeline import STAGES, Pipeline
from tests.support.processes import Worker, Workers
from tests.support.require import require_kafka
from tests.support.sharing import FETCH_DEADLINE_S, Sharing

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1200)]

FEEDS = 200
SESSION_S = 3
PARTITIONS = 12
FAULTS = int(os.environ.get("FAULT_KILLS", "12"))
KINDS = ("kill", "freeze", "cut", "stop", "cut", "freeze", "kill", "join", "cut")


@pytest.fixture
def kafka(tmp_path: Path):
    require_kafka()
    with broker_in(tmp_path / "kafka", partitions=PARTITIONS) as broker:
        yield broker


class Faults:
    def __init__(self, sharing: Sharing, seed: int) -> None:
        self.sharing = sharing
        self.rng = random.Random(seed)
        self.running: list[Worker] = []
        self.frozen: list[Worker] = []
        self.cut_off: list[Worker] = []
        self.done: Counter[str] = Counter()

    def start(self) -> None:
        self.running.append(self.sharing.start())

    def strike(self, kind: str) -> None:
        self.done[kind] += 1
        if kind == "join":
            self.start()
            return
        victim = self.running.pop(self.rng.randrange(len(self.running)))
        if kind == "kill":
            victim.kill()
        elif kind == "stop":
            assert victim.terminate() == 0, victim.tail()
        elif kind == "cut":
            victim.child.send_signal(signal.SIGUSR2)
            self.cut_off.append(victim)
        else:
            victim.pause()
            self.frozen.append(victim)
        while len(self.running) < 3:
            self.start()

    def thaw(self) -> None:
        """Let frozen workers wake and bring back those that were cut off: others have their sources by now."""
        for worker in self.frozen:
            worker.resume()
        for worker in self.cut_off:
            worker.child.send_signal(signal.SIGUSR2)
        self.running += self.frozen + self.cut_off
        self.frozen, self.cut_off = [], []


def test_every_entry_ends_in_the_ledger_and_no_feed_is_fetched_by_two_at_once(
    kafka: DevBroker, workers: Workers, tmp_path: Path, capsys
):
    settings = settings_for(
        kafka,
        data_dir=tmp_path / "run",
        enrich_model="fake",
        kafka_session_timeout_s=SESSION_S,
        partitions=PARTITIONS,
    )
    sharing = Sharing(kafka, settings, workers, tmp_path, count=FEEDS, period_s=2.0)
    faults = Faults(sharing, seed=20261124)
    for _ in range(3):
        faults.start()
    sharing.await_shares(*faults.running)
    sharing.await_requests()
    for number in range(FAULTS):
        kind = KINDS[number % len(KINDS)]
        faults.strike(kind)
        # Long enough for a takeover after a death, or short, so that faults meet each other.
        time.sleep(SESSION_S + FETCH_DEADLINE_S + 1 if number % 3 else 2.0)
        if number % 3 == 2:
            faults.thaw()
        while len(faults.running) > 4:
            faults.strike("stop")
    faults.thaw()
    time.sleep(SESSION_S)
    sharing.await_shares(*faults.running, timeout_s=120)
    sharing.await_requests(timeout_s=120)
    # The stages come when the faults are over, and catch up while the feeds are read to their end: they must not
    # take from the connectors the time in which these have to show themselves alive.
    pipeline = Pipeline(kafka, workers, settings.model_copy(update={"kafka_session_timeout_s": 30}))
    for stage in STAGES:
        pipeline.add(stage)
    sharing.end_publishing()
    figures = sharing.await_complete(timeout_s=240)
    for worker in faults.running:
        assert worker.terminate() == 0, worker.tail()
    items = sharing.items()
    pipeline.finish(items, PATIENCE_S)
    audited = audit(pipeline)
    assert audited["counts"]["items"] == len({item.item_id for item in items})
    assert audited["counts"]["under_way"] == 0

    # Of every source, the state that counts is the last one, and generations never went back.
    assert not sharing.fold().overtaken()
    states = sharing.states()
    assert len(states) == FEEDS
    said = "\n".join(worker.said() for worker in workers.all)
    takeovers = Counter({how: said.count(f'"how": "{how}"') for how in ("first", "clean", "unclean")})
    assert takeovers["clean"]
    assert takeovers["unclean"]
    requests = sharing.requests()
    assert overlaps(requests) == []
    with capsys.disabled():
        print(
            f"\n{dict(faults.done)}: {figures['requests']:,} requests, {figures['entries']:,} entries, "
            f"{figures['items']:,} items ({figures['items'] - figures['entries']:,} shown twice), all in the ledger, "
            f"takeovers {dict(takeovers)}, {sum(map(len, states.values())):,} states, 0 overlaps, 0 missing"
        )

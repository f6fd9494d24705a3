"""The broker is killed under workers that share feeds: they stop reading in time, and go on where they were."""

from __future__ import annotations

import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from kafka import TopicPartition

from connectors.sharing.definitions import define, definition_record
from connectors.sharing.lease import MARGIN
from connectors.sharing.membership import GroupOptions
from connectors.sharing.tail import Tail
from newswire.broker import DevBroker
from schemas.partitions import partition_of
from schemas.raw_item import RawItem
from tests.support.brokers import broker_in, produce, settings_for
from tests.support.processes import Workers
from tests.support.require import require_kafka
from tests.support.sharing import Sharing
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1200)]

FEEDS = 60
PARTITIONS = 12
SESSION_S = 4
AWAY_S = 15.0
"""Clients ask for the new leaders several times in this."""
ANSWER_S = 8.0
"""A fetch that was let begin is with the server at once; the rest is this machine's."""
_TAKEN = re.compile(r'"partition": (\d+), "epoch": (\d+)[^\n]*"event": "partition_taken"')


@pytest.fixture
def kafka(tmp_path: Path):
    require_kafka()
    with broker_in(tmp_path / "kafka", partitions=PARTITIONS) as broker:
        yield broker


def outage(kafka: DevBroker, seconds: float) -> tuple[float, float]:
    """Kill the broker and start it again on its port and data; return from when to when it was away."""
    bootstrap = kafka.bootstrap
    kafka.kill()
    begin = time.time()
    time.sleep(seconds)
    end = time.time()
    kafka.start()
    assert kafka.bootstrap == bootstrap
    return begin, end


def owners(workers: Workers, sharing: Sharing) -> dict[str, set[int]]:
    """Return under which epochs each source was read, by its id."""
    epochs: dict[int, set[int]] = {number: set() for number in range(PARTITIONS)}
    for worker in workers.all:
        for number, epoch in _TAKEN.findall(worker.said()):
            assert int(epoch) not in epochs[int(number)], "two owners have one epoch"
            epochs[int(number)].add(int(epoch))
    found = {}
    for source in sharing.sources:
        route = definition_record(source).route_by
        assert route is not None
        found[source.source_id] = epochs[partition_of(route, PARTITIONS)]
    return found


def test_a_broker_that_dies_costs_nothing_and_is_not_missed_by_the_feeds(
    kafka: DevBroker, workers: Workers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    settings = settings_for(
        kafka, data_dir=tmp_path / "run", kafka_session_timeout_s=SESSION_S, partitions=PARTITIONS
    )
    sharing = Sharing(kafka, settings, workers, tmp_path, count=FEEDS, period_s=2.0)
    running = [sharing.start() for _ in range(3)]
    sharing.await_shares(*running)
    sharing.await_requests()
    # Away for less than a lease, then for longer than a session.
    away = []
    for seconds in (0.0, SESSION_S + ANSWER_S + 2.0):
        away.append(outage(kafka, seconds))
        sharing.await_requests()
    sharing.await_shares(*running)
    sharing.end_publishing()
    # It fails where an entry that was served is no item, or one feed was fetched by two at once.
    figures = sharing.await_complete()
    for worker in running:
        assert worker.terminate() == 0, worker.tail()

    requests, (begin, end) = sharing.requests(), away[-1]
    lease_ended = begin + SESSION_S * (1 - MARGIN) + ANSWER_S
    late = [one for one in requests if lease_ended < one.begin < end]
    assert late == [], "nobody reads a feed whose owner is not sure to be that"
    assert [one for one in requests if begin < one.begin < lease_ended], (
        "and until then the broker is not missed"
    )

    # The same record may come twice (its reader knows it by its id), and another owner may show again what
    # the last one's state did not have yet; one owner shows nothing twice.
    items = sharing.items()
    distinct = {item.item_id: item for item in items}
    again = repeated(list(distinct.values()))
    epochs = owners(workers, sharing)
    for (source_id, native_id), times in again.items():
        assert times <= len(epochs[source_id]), f"{native_id} was shown {times} times by {epochs[source_id]}"
    assert not sharing.fold().overtaken()
    with capsys.disabled():
        print(
            f"\n2 kills of the broker: {figures['requests']:,} requests, {figures['entries']:,} entries, "
            f"{len(distinct):,} items ({sum(again.values()) - len(again)} shown again by another owner), "
            f"{len(items) - len(distinct)} records redelivered, 0 overlaps, 0 missing"
        )


def repeated(items: list[RawItem]) -> dict[tuple[str, str], int]:
    """Return how often each entry became an item, of those that did more than once."""
    times = Counter((item.source_id, item.native_id or "") for item in items)
    return {entry: count for entry, count in times.items() if count > 1}


def test_a_broker_that_is_stopped_leaves_known_what_was_read(kafka: DevBroker):
    """One that stops in order gives its partitions' leadership up first: clients then want to check each of
    their offsets with a new leader, and there is none.
    """
    produce(kafka, [definition_record(define(f"http://127.0.0.1/{number}")) for number in range(20)])
    tail = Tail(GroupOptions.of(settings_for(kafka, partitions=PARTITIONS)))

    def read(ends: dict[TopicPartition, int]) -> bool:
        tail.poll(0.1)
        return tail.reached(ends)

    try:
        for number in range(PARTITIONS):
            ends = tail.begin(number)
            assert ends is not None
            eventually(partial(read, ends), f"partition {number} is read")
        known = [tail.position(number) for number in range(PARTITIONS)]
        assert sum(known) == 20
        until = time.monotonic() + AWAY_S
        with ThreadPoolExecutor(1) as pool:
            stopped = pool.submit(kafka.stop)
            while time.monotonic() < until or not stopped.done():
                tail.poll(0.1)
                assert [tail.position(number) for number in range(PARTITIONS)] == known
            assert stopped.result(), "it ran"
        kafka.start()
        produce(kafka, [definition_record(define("http://127.0.0.1/new"))])

        def all_read() -> bool:
            tail.poll(0.1)
            return sum(map(tail.position, range(PARTITIONS))) == 21

        eventually(all_read, "reading goes on where it was")
    finally:
        tail.close()

"""The audit that goes on: how far back it looks, and what it serves of a cluster that it cannot read."""

from __future__ import annotations

import gc
import logging
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer
from kafka.errors import KafkaError

from newswire.ledger.audit import narrowed
from newswire.ledger.connected import connected
from newswire.ledger.watch import Watch
from newswire.settings import Settings, load_settings
from newswire.settings.clients import kafka_python_options
from newswire.telemetry.metrics import REGISTRY
from tests.support.waiting import eventually

NOW = 1_000_000_000


def count_of(times: list[int]):
    """Return how many of the times are not before a time."""
    return lambda at: len(times) - bisect_left(times, at)


def test_a_window_with_few_records_stays_as_it_is():
    assert narrowed(NOW - 80_000, NOW, 3, count_of([NOW - 70_000, NOW - 60_000, NOW - 1])) == NOW - 80_000


def test_a_window_is_halved_until_it_has_few_enough():
    times = [NOW - 70_000, NOW - 60_000, NOW - 50_000, NOW - 15_000, NOW - 1]
    assert narrowed(NOW - 80_000, NOW, 2, count_of(times)) == NOW - 40_000
    assert narrowed(NOW - 80_000, NOW, 1, count_of(times)) == NOW - 10_000


def test_a_window_never_becomes_nothing():
    since = narrowed(NOW - 80_000, NOW, 1, count_of([NOW - 1] * 9))
    assert 0 < NOW - since <= 1000


def nowhere(**more: object) -> Settings:
    return load_settings(
        {"kafka_bootstrap": "127.0.0.1:1", "kafka_request_timeout_s": 0.5} | more, environ={}
    )


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_cluster_that_cannot_be_read_is_counted_and_changes_nothing_else():
    before = {
        name: value(name)
        for name in ("newswire_audit_window_seconds", "newswire_broker_answered_timestamp_seconds")
    }
    failed = value("newswire_audits_total", result="failed")
    begun = time.time()
    watch = Watch(nowhere(), lambda: False)
    assert watch.audit() is None
    assert not watch.ask()
    assert value("newswire_audits_total", result="failed") == failed + 1
    assert value("newswire_audit_ended_timestamp_seconds", result="failed") >= begun
    assert {name: value(name) for name in before} == before


@pytest.fixture
def unlogged() -> Iterator[None]:
    """Log nothing: pytest keeps what is logged, that holds on to errors, and these to their frames and sockets."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("client", [KafkaConsumer, KafkaAdminClient])
def test_who_cannot_connect_leaves_no_thread_and_no_socket(client: type, unlogged: None):
    options = kafka_python_options(nowhere()) | {"bootstrap_timeout_ms": 100, "client_id": "left-behind"}
    opened = open_files()
    for _ in range(3):
        with pytest.raises(KafkaError):
            connected(client, **options)
    assert not [each.name for each in threading.enumerate() if "left-behind" in each.name]

    def closed() -> bool:
        gc.collect()
        return open_files() <= opened

    eventually(closed, "no socket is left", pause_s=0.2)


@pytest.mark.parametrize("asked", [0, 3])
def test_it_stops_when_it_is_asked_to(asked: int):
    left = iter([False] * asked)
    begun = time.monotonic()
    Watch(nowhere(audit_interval_s=3600), lambda: next(left, True)).run()
    assert time.monotonic() - begun < 100

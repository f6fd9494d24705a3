"""Disasters of a machine, as `docs/disasters.md` tells them: clocks that jump, and a broker's full disk."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaError

from connectors.framework.producer import close
from newswire.broker import DevBroker
from newswire.ledger.audit import audit
from newswire.topics import ensure_topics
from schemas import topics
from schemas.raw_item import RawItem
from tests.support.brokers import broker_in, consume, environment_for, settings_for
from tests.support.chaos import numbered
from tests.support.clocks import Clock
from tests.support.disasters import finish_restarting, metric
from tests.support.pipeline import STAGES, Pipeline, raw_record
from tests.support.processes import Workers, environment
from tests.support.require import require_kafka
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]

DAY_S = 86400
DISK_MIB = 48
SPARE = 64 * 1024
"""Bytes that are left on a disk that is about to be full."""


def again(some: list[RawItem], hour: int) -> list[RawItem]:
    """Return the same articles as a connector would fetch them later."""
    at = f"2026-11-25T{hour:02}:00:00.000000Z"
    return [
        msgspec.structs.replace(each, item_id=str(uuid.uuid5(uuid.UUID(each.item_id), at)), fetched_at=at)
        for each in some
    ]


def outcomes(pipeline: Pipeline, some: list[RawItem]) -> list[str]:
    return [each.outcome for each in pipeline.finish(pipeline.send(some))]


def in_order(pipeline: Pipeline) -> None:
    report = audit(pipeline.settings, wait_s=120)
    assert (report.violations, report.complete) == ([], True)


# -- clocks ----------------------------------------------------------------------------------------------------


def test_workers_whose_clocks_jump_lose_nothing(
    clean_kafka: DevBroker, workers: Workers, tmp_path: Path
) -> None:
    """Records keep the broker's time, so that none is refused as of the future or deleted as old."""
    # Nobody is killed here: a session far above what a busy machine keeps a worker from running.
    settings = settings_for(
        clean_kafka, data_dir=tmp_path / "run", enrich_model="fake", kafka_session_timeout_s=30
    )
    pipeline = Pipeline(clean_kafka, workers, settings)
    clocks = {stage: Clock(tmp_path, stage) for stage in STAGES}
    environ = environment(**environment_for(settings))
    started = {
        stage: workers.newswire("worker", stage, environ=environ | clocks[stage].environ, name=stage)
        for stage in STAGES
    }
    for worker in started.values():
        worker.wait_for('"assigned"', 120)
    articles = numbered(60, 20, repeated=0)
    assert outcomes(pipeline, articles[:20]) == ["enriched"] * 20
    begun_ms = time.time() * 1000
    jumps = [{"normalize": 0.125, "dedupe": -40.0, "enrich": 90.0}]
    jumps += [{"normalize": -40.0, "dedupe": 90.0, "enrich": -0.125}, dict.fromkeys(STAGES, 0.0)]
    for number, jump in enumerate(jumps):
        for stage, days in jump.items():
            clocks[stage].set(days)
        new = articles[20 + 10 * number : 30 + 10 * number]
        seen = again(articles[:20], 9 + number)
        assert outcomes(pipeline, [*new, *seen]) == ["enriched"] * 10 + ["unchanged"] * 20
        if jump["dedupe"] == -40.0:
            ahead = metric(started["dedupe"], "newswire_clock_ahead_seconds", stage="dedupe") or 0
            assert 39 * DAY_S < ahead < 41 * DAY_S
    for worker in started.values():
        assert worker.running, worker.tail()
        assert len(worker.events("assigned")) == 1
    for topic in (topics.UNIQUE.name, topics.ENRICHED.name, topics.OUTCOMES.name):
        times = [record.timestamp_ms for record in consume(clean_kafka, topic)]
        assert begun_ms - 3_600_000 < min(times) <= max(times) < begun_ms + 3_600_000
    in_order(pipeline)


@pytest.fixture
def wrong_broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[DevBroker, Clock]]:
    """A broker whose clock the test sets."""
    require_kafka()
    clock = Clock(tmp_path, "broker")
    with monkeypatch.context() as patched:
        for name, value in clock.environ.items():
            patched.setenv(name, value)
        broker = DevBroker(tmp_path / "kafka", ephemeral=True, quick=True)
        broker.start()
    try:
        ensure_topics(settings_for(broker))
        yield broker, clock
    finally:
        broker.stop()


def test_a_broker_whose_clock_jumps_ages_nothing(
    wrong_broker: tuple[DevBroker, Clock], workers: Workers, tmp_path: Path
) -> None:
    """Ahead by more than the identity window, back to before it, and right again: what was seen is known."""
    kafka, clock = wrong_broker
    settings = settings_for(kafka, data_dir=tmp_path / "run", enrich_model="fake")
    pipeline = Pipeline(kafka, workers, settings)
    _normalize, dedupe, _enrich = pipeline.start()
    articles = numbered(50, 21, repeated=0)
    assert outcomes(pipeline, articles[:20]) == ["enriched"] * 20
    known = articles[:20]
    for number, days in enumerate([40.0, -40.0, 0.0]):
        clock.set(days)
        new = articles[20 + 10 * number : 30 + 10 * number]
        seen = again(known, 9 + number)
        assert outcomes(pipeline, [*new, *seen]) == ["enriched"] * 10 + ["unchanged"] * len(known)
        known = [*known, *new]
        if days > 0:
            assert (metric(dedupe, "newswire_clock_ahead_seconds", stage="dedupe") or 0) > 39 * DAY_S
    # The state is what it was when it is made from nothing.
    dedupe.kill()
    shutil.rmtree(settings.data_dir / "dedupe")
    (dedupe,) = pipeline.start("dedupe")
    assert outcomes(pipeline, again(known, 15)) == ["unchanged"] * 50
    assert dedupe.events("sighting_set_aside") == []
    assert metric(dedupe, "newswire_dedupe_records_set_aside_total") == 0
    in_order(pipeline)


# -- a full disk -----------------------------------------------------------------------------------------------


class Disk:
    """What the broker writes to, and something else that takes all that is left of it.

    A file system of its own where this process may mount one; elsewhere the broker may not make any file
    longer, which fails its writes as well, though with another error.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "newswire-test", str(folder)], check=False
        )
        self.mounted = done.returncode == 0

    def fill(self, broker: DevBroker) -> None:
        if not self.mounted:
            pid = broker.status().pid
            assert pid is not None
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, 1))
            return
        with (self._folder / "other").open("wb") as file:
            left = shutil.disk_usage(self._folder).free - SPARE
            os.posix_fallocate(file.fileno(), 0, left)

    def free(self) -> None:
        (self._folder / "other").unlink(missing_ok=True)

    def close(self) -> None:
        if self.mounted:
            subprocess.run(["umount", str(self._folder)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[DevBroker, Disk]]:
    require_kafka()
    disk = Disk(tmp_path / "kafka" / "data")
    try:
        with broker_in(tmp_path / "kafka") as broker:
            yield broker, disk
    finally:
        disk.close()


def test_a_broker_whose_disk_is_full_costs_nothing_but_time(
    small_disk: tuple[DevBroker, Disk], workers: Workers, tmp_path: Path
) -> None:
    kafka, disk = small_disk
    settings = settings_for(kafka, data_dir=tmp_path / "run", enrich_model="fake", kafka_session_timeout_s=6)
    pipeline = Pipeline(kafka, workers, settings)
    pipeline.start()
    articles = numbered(400, 22, repeated=0)
    assert outcomes(pipeline, articles[:20]) == ["enriched"] * 20
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap)
    producer.partitions_for(topics.RAW.name)  # which a broker that has ended tells nobody
    disk.fill(kafka)
    confirmed = feed(producer, articles[20:])
    assert confirmed < len(articles) - 20
    eventually(lambda: not kafka.running, "the broker has ended", 180)
    disk.free()
    kafka.start()
    pipeline.send(articles[20 + confirmed :])
    # They wait for the broker.  One that gives up, at whatever moment, is started again by who watches it.
    finish_restarting(pipeline, articles, *STAGES)
    in_order(pipeline)


def feed(producer: KafkaProducer, some: list[RawItem]) -> int:
    """Send items as a connector does, which holds what is not confirmed; return how many of the first are."""
    records = [raw_record(item) for item in some]
    sent = [producer.send(each.topic, each.value, each.key, list(each.headers), 0) for each in records]
    confirmed = 0
    for each in sent:
        try:
            each.get(20)
        except KafkaError:
            break
        confirmed += 1
    close(producer, 1.0)
    return confirmed

"""How far this machine's clock is from the broker's.

Windows of dedupe count in the broker's time and items carry that of connectors, so they must agree to some
seconds.  Kafka tells its time only as the append time of a record: one is written to a topic of its own,
which is deleted at once.
"""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from kafka import KafkaAdminClient, KafkaProducer
from kafka.errors import KafkaError

from newswire.access.rights import CLOCK_PREFIX
from newswire.doctor.check import Check, good, unknown, wrong
from newswire.ledger.reader import ANSWER_S
from newswire.settings import Settings
from newswire.settings.clients import kafka_python_options

__all__ = ["Skew", "check_clock", "measure"]

MOST_SKEW_S: Final = 5.0
SAMPLES: Final = 5


class Skew(msgspec.Struct, frozen=True):
    """The broker's clock less ours, in seconds, and how far that may be off."""

    seconds: float
    within: float


def check_clock(settings: Settings) -> Check:
    """Check that the clocks agree to five seconds."""
    try:
        skew = measure(settings)
    except KafkaError as error:
        return unknown("clock", f"not measured, since no topic can be made for it: {type(error).__name__}")
    found = f"the broker's is {abs(skew.seconds):.3f} s {'ahead' if skew.seconds >= 0 else 'behind'}"
    found += f", to within {skew.within:.3f} s"
    if abs(skew.seconds) - skew.within > MOST_SKEW_S:
        return wrong("clock", found, "set both machines' clocks by NTP (chrony, systemd-timesyncd)")
    return good("clock", found)


def measure(settings: Settings) -> Skew:
    """Measure the skew: of some samples the one that took the shortest time.

    Raises:
        KafkaError: the topic cannot be made or written.
    """
    samples = []
    with _topic(settings) as topic, _producer(settings) as producer:
        for _ in range(SAMPLES):
            before = time.time()
            appended = producer.send(topic, b"?").get(settings.kafka_request_timeout_s)
            after = time.time()
            middle, half = (before + after) / 2, (after - before) / 2
            samples.append(Skew(appended.timestamp / 1000 - middle, half + 0.001))
    return min(samples, key=lambda skew: skew.within)


@contextlib.contextmanager
def _topic(settings: Settings) -> Iterator[str]:
    timeout_ms = int(settings.kafka_request_timeout_s * 1000)
    admin: Any = KafkaAdminClient(
        **kafka_python_options(settings),
        request_timeout_ms=timeout_ms,
        bootstrap_timeout_ms=min(timeout_ms, int(ANSWER_S * 1000)),
    )
    name = f"{CLOCK_PREFIX}{uuid.uuid4()}"
    config = {"message.timestamp.type": "LogAppendTime", "retention.ms": "60000"}
    try:
        admin.create_topics({name: {"num_partitions": 1, "replication_factor": 1, "configs": config}})
        try:
            admin.wait_for_topics([name], timeout_ms=timeout_ms)
            yield name
        finally:
            admin.delete_topics([name])
    finally:
        admin.close()


@contextlib.contextmanager
def _producer(settings: Settings) -> Iterator[Any]:
    producer: Any = KafkaProducer(
        **kafka_python_options(settings),
        acks=1,
        enable_idempotence=False,
        linger_ms=0,
        allow_auto_create_topics=False,
        metrics_enabled=False,
    )
    try:
        yield producer
    finally:
        producer.close()

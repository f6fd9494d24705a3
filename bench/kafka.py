"""A broker of its own for a benchmark, and quick ways to fill its topics and to read them again."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from newswire.broker import DevBroker
from newswire.settings import Settings, load_settings
from newswire.settings.clients import aiokafka_options, compression
from newswire.topics import ensure_topics
from schemas.limits import MIB
from schemas.topics import Topic
from streams.engine.quick_lz4 import use_quick_lz4

__all__ = ["Appended", "append", "end_of", "read_new", "running_broker"]

BATCH_BYTES: Final = MIB
"""Of one batch that is made by hand: topics take records of 8 MiB, so a batch of this size is well within."""
IN_FLIGHT: Final = 32


class Appended(msgspec.Struct, frozen=True, gc=False):
    """A record as a topic holds it."""

    offset: int
    timestamp_ms: int
    value: bytes


@contextlib.contextmanager
def running_broker(directory: Path, **overrides: Any) -> Iterator[Settings]:
    """Run an ephemeral broker with all topics in *directory*, and return the settings that speak to it."""
    with DevBroker(directory / "kafka", ephemeral=True) as broker:
        settings = load_settings(
            {"kafka_bootstrap": broker.bootstrap, "data_dir": directory / "run", **overrides}
        )
        ensure_topics(settings)
        yield settings


def append(settings: Settings, topic: str, values: Iterable[bytes], partition: int = 0) -> int:
    """Append values to a partition, without keys, in batches that are filled here; return how many.

    Some ten times as fast as sending record by record.
    """
    use_quick_lz4()
    return asyncio.run(_append(settings, topic, values, partition))


async def _append(settings: Settings, topic: str, values: Iterable[bytes], partition: int) -> int:
    producer = AIOKafkaProducer(
        acks="all",
        enable_idempotence=True,
        compression_type=compression(settings),
        max_batch_size=BATCH_BYTES,
        max_request_size=8 * BATCH_BYTES,
        **aiokafka_options(settings),
    )
    await producer.start()
    sent = 0
    try:
        pending: deque[Any] = deque()
        batch = producer.create_batch()
        for value in values:
            if batch.append(key=None, value=value, timestamp=None) is None:
                pending.append(await producer.send_batch(batch, topic, partition=partition))
                batch = producer.create_batch()
                batch.append(key=None, value=value, timestamp=None)
            sent += 1
            if len(pending) >= IN_FLIGHT:
                await pending.popleft()
        if batch.record_count():
            pending.append(await producer.send_batch(batch, topic, partition=partition))
        for each in pending:
            await each
    finally:
        await producer.stop()
    return sent


@contextlib.asynccontextmanager
async def _reading(
    settings: Settings, topic: Topic
) -> AsyncIterator[tuple[AIOKafkaConsumer, dict[TopicPartition, int]]]:
    consumer = AIOKafkaConsumer(
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=32 * MIB,
        fetch_max_bytes=64 * MIB,
        **aiokafka_options(settings),
    )
    await consumer.start()
    try:
        name = topic.of(settings.lane)
        partitions = [TopicPartition(name, n) for n in range(topic.partitions or settings.partitions)]
        consumer.assign(partitions)
        yield consumer, await consumer.end_offsets(partitions)
    finally:
        await consumer.stop()


def end_of(settings: Settings, topic: Topic) -> dict[int, int]:
    """Return the offset that follows the last record of each partition of a topic."""

    async def ask() -> dict[int, int]:
        async with _reading(settings, topic) as (_, ends):
            return {each.partition: end for each, end in ends.items()}

    return asyncio.run(ask())


def read_new(settings: Settings, topic: Topic, begin: dict[int, int]) -> list[Appended]:
    """Read what a topic's partitions hold from the offsets *begin* on, in the order of their timestamps."""

    async def read() -> list[Appended]:
        async with _reading(settings, topic) as (consumer, ends):
            for each in ends:
                consumer.seek(each, begin[each.partition])
            found: list[Appended] = []
            while any([await consumer.position(each) < end for each, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found += [Appended(r.offset, r.timestamp, r.value or b"") for r in records]
            return found

    return sorted(asyncio.run(read()), key=lambda each: each.timestamp_ms)

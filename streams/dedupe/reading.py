"""Read a part of the sightings topic."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from newswire.settings import Settings
from newswire.settings.clients import aiokafka_options
from schemas.limits import MIB
from streams.dedupe.shown import Appended

__all__ = ["Bounds", "Span", "bounds_of", "records_of", "span_from"]

AT_ONCE: Final = 2048
"""Records given at most at a time."""


class Span(msgspec.Struct, frozen=True):
    """The records of a partition from *begin* on and before *end*."""

    topic: str
    partition: int
    begin: int
    end: int

    def __len__(self) -> int:
        return self.end - self.begin


@contextlib.asynccontextmanager
async def _consumer(settings: Settings, source: TopicPartition) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=16 * MIB,
        fetch_max_bytes=16 * MIB,
        **aiokafka_options(settings),
    )
    try:
        await consumer.start()
        consumer.assign([source])
        yield consumer
    finally:
        await consumer.stop()


class Bounds(msgspec.Struct, frozen=True):
    """What a partition holds now: the records from *first* on and before *end*."""

    first: int
    end: int


async def bounds_of(settings: Settings, topic: str, partition: int) -> Bounds:
    """Return what the partition holds now.

    Raises:
        KafkaError: it cannot be asked.
    """
    source = TopicPartition(topic, partition)
    async with _consumer(settings, source) as consumer:
        first = (await consumer.beginning_offsets([source]))[source]
        return Bounds(first, (await consumer.end_offsets([source]))[source])


async def span_from(settings: Settings, topic: str, partition: int, position: int) -> Span:
    """Return what the partition holds now from *position* on, or all of it where that is not within it.

    Raises:
        KafkaError: it cannot be asked.
    """
    held = await bounds_of(settings, topic, partition)
    # Where retention has passed the local files' end, or the topic is younger than they are, what it holds
    # now is all there is to know, and folding a record again changes nothing.
    begin = position if held.first <= position <= held.end else held.first
    return Span(topic, partition, begin, held.end)


async def records_of(settings: Settings, span: Span) -> AsyncGenerator[list[Appended]]:
    """Give the records of a part of a topic, in its order, many at a time.

    Raises:
        KafkaError: it cannot be read to its end.
    """
    if not len(span):
        return
    source = TopicPartition(span.topic, span.partition)
    async with _consumer(settings, source) as consumer:
        at = span.begin
        consumer.seek(source, at)
        while at < span.end:
            batches = await consumer.getmany(timeout_ms=1000, max_records=AT_ONCE)
            records = batches.get(source, ())
            if records:
                yield [Appended(r.value or b"", r.offset, r.timestamp) for r in records]
            # The position, not the last record: markers of transactions and compacted records have offsets.
            at = await consumer.position(source)

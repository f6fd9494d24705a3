"""Rebuild dedupe's state: fold the sightings topic from where the local files end to the topic's end."""

from __future__ import annotations

from typing import Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from newswire.settings import Settings
from newswire.settings.clients import aiokafka_options
from schemas.limits import MIB
from streams.engine.errors import Fatal

__all__ = ["Foldable", "fold_topic"]


class Foldable(Protocol):
    """What can be rebuilt from a topic."""

    @property
    def position(self) -> int:
        """Offset of the next record to fold."""
        ...

    def fold(self, value: bytes, offset: int, record_at_ms: int) -> None:
        """Take one record in."""


async def fold_topic(state: Foldable, settings: Settings, topic: str, partition: int) -> int:
    """Fold all that the partition holds from ``state.position`` on; return how many records that were.

    Raises:
        Fatal: the topic cannot be read to its end.
    """
    consumer = AIOKafkaConsumer(
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=32 * MIB,
        fetch_max_bytes=64 * MIB,
        **aiokafka_options(settings),
    )
    try:
        await consumer.start()
    except (KafkaError, OSError) as error:
        raise Fatal(f"{topic} cannot be read: {error!r}") from error
    try:
        return await _fold(consumer, state, TopicPartition(topic, partition))
    except KafkaError as error:
        raise Fatal(f"{topic} cannot be read: {error!r}") from error
    finally:
        await consumer.stop()


async def _fold(consumer: AIOKafkaConsumer, state: Foldable, source: TopicPartition) -> int:
    consumer.assign([source])
    first = (await consumer.beginning_offsets([source]))[source]
    end = (await consumer.end_offsets([source]))[source]
    at = state.position
    if at < first or at > end:
        # Retention has passed the local files' end, or the topic is younger than they are: in both cases
        # what it holds now is all there is to know, and folding a record again changes nothing.
        at = first
    consumer.seek(source, at)
    folded = 0
    while at < end:
        batches = await consumer.getmany(timeout_ms=1000, max_records=5000)
        for record in batches.get(source, ()):
            state.fold(record.value or b"", record.offset, record.timestamp)
            folded += 1
        # The position, not the last record: markers of transactions and compacted records have offsets.
        at = await consumer.position(source)
    return folded

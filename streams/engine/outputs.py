"""Outputs: one idempotent producer, sends in the order given, every delivery awaited.

Faust's own producer gives up flushing after 0.1 s without progress and lets the commit go ahead; this one
is awaited for every record before its input may be committed.  Dead letters go by `streams.engine.letters`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from newswire.settings import Settings
from newswire.settings.clients import aiokafka_options, compression
from newswire.telemetry.metrics import OUTPUT_BYTES, OUTPUTS
from schemas.limits import DEAD_LETTER_RECORD_BYTES
from schemas.partitions import partition_of
from schemas.topics import DEAD_LETTER, RECORD_OVERHEAD
from schemas.wire import WireRecord
from streams.engine.errors import DeliveryFailed
from streams.engine.letters import Letters
from streams.engine.quick_lz4 import use_quick_lz4

__all__ = ["KafkaOutputs", "Outputs", "Pending"]

Pending = asyncio.Future[Any]
"""Done with the record's metadata when the broker has it, on all in-sync replicas."""


class Outputs(Protocol):
    """Where results go."""

    async def start(self) -> None:
        """Connect."""

    async def send(self, record: WireRecord) -> Pending:
        """Hand a record over; sends of one caller keep their order."""
        ...

    async def delivered(self, sent: Sequence[tuple[WireRecord, Pending]]) -> tuple[int, ...]:
        """Wait until the broker has them; return their offsets."""
        ...

    async def stop(self) -> None:
        """Flush and close."""


class KafkaOutputs:
    """An ``AIOKafkaProducer`` of our own in the same loop."""

    def __init__(self, settings: Settings, stage: str) -> None:
        use_quick_lz4()
        self._stage = stage
        self._options: dict[str, Any] = aiokafka_options(settings) | {
            "acks": "all",
            "enable_idempotence": True,
            "compression_type": compression(settings),
            "linger_ms": 5,
            "max_batch_size": 256 * 1024,
            "max_request_size": DEAD_LETTER_RECORD_BYTES + RECORD_OVERHEAD,
            # aiokafka gives up on a batch after the request timeout: for a producer that is the time
            # within which a broker that was killed must be back.
            "request_timeout_ms": int(settings.kafka_delivery_timeout_s * 1000),
        }
        self._producer: AIOKafkaProducer | None = None
        self._letters = Letters(self._options, stage)
        self._counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])

    async def start(self) -> None:
        """Connect.

        Raises:
            DeliveryFailed: no broker answers.
        """
        producer = AIOKafkaProducer(**self._options)
        try:
            await producer.start()
        except (KafkaError, OSError) as error:
            await producer.stop()
            raise DeliveryFailed(f"no producer: {error}") from error
        self._producer = producer

    async def send(self, record: WireRecord) -> Pending:
        """Hand a record to the producer; one that is a dead letter is sent until it is taken.

        Raises:
            DeliveryFailed: the producer does not take it.
        """
        if record.topic == DEAD_LETTER.name:
            return self._letters.send(record)
        producer = self._producer
        assert producer is not None
        partition = record.partition
        try:
            route = record.key if record.route_by is None else record.route_by
            if partition is None and route is not None:
                partitions = await producer.partitions_for(record.topic)
                partition = partition_of(route, len(partitions))
            pending: Pending = await producer.send(
                record.topic,
                value=record.value,
                key=record.key,
                partition=partition,
                headers=record.headers,
            )
        except (KafkaError, OSError) as error:
            raise DeliveryFailed(f"{record.topic} takes no records: {error!r}") from error
        return pending

    async def delivered(self, sent: Sequence[tuple[WireRecord, Pending]]) -> tuple[int, ...]:
        """Wait for the broker's acknowledgements.

        A record that the broker finds too large fails with all of its batch, so the record is sent once
        more on its own before that is believed.

        Raises:
            DeliveryFailed: one was not delivered in time or never will be.
        """
        offsets = []
        for record, pending in sent:
            try:
                metadata = await pending
            except MessageSizeTooLargeError:
                metadata = await self._once_more(record)
            except (KafkaError, OSError) as error:
                raise DeliveryFailed(f"not delivered to {record.topic}: {error!r}") from error
            offsets.append(metadata.offset)
            if record.counted:
                counts = self._counts[record.topic]
                counts[0] += 1
                counts[1] += record.size
        self._publish_counts()
        return tuple(offsets)

    def _publish_counts(self) -> None:
        for topic, counts in self._counts.items():
            if counts[0]:
                OUTPUTS.labels(self._stage, topic).inc(counts[0])
                OUTPUT_BYTES.labels(self._stage, topic).inc(counts[1])
                counts[:] = (0, 0)

    async def _once_more(self, record: WireRecord) -> Any:
        try:
            return await (await self.send(record))
        except (KafkaError, OSError) as error:
            raise DeliveryFailed(f"not delivered to {record.topic}: {error!r}") from error

    async def stop(self) -> None:
        """Flush and close."""
        await self._letters.stop()
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None

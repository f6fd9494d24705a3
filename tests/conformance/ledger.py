"""What lies in the topics that connectors write, from a moment on."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from newswire.broker import DevBroker
from schemas.limits import DEAD_LETTER_RECORD_BYTES
from schemas.outcome import Outcome
from schemas.raw_item import RawItem
from schemas.topics import DEAD_LETTER, OUTCOMES, RAW, RECORD_OVERHEAD
from schemas.wire import decode

TOPICS = (RAW.of("live"), RAW.of("backfill"), DEAD_LETTER.name, OUTCOMES.name)


class Ledger:
    """Reads what was written since it was made; topics are shared with other tests."""

    def __init__(self, broker: DevBroker) -> None:
        self._broker = broker
        consumer = self._consumer()
        self._next = consumer.end_offsets(self._partitions(consumer))
        consumer.close()
        self.items: dict[str, list[RawItem]] = defaultdict(list)
        """Items by topic."""
        self.outcomes: list[Outcome] = []
        self.letters: dict[tuple[int, int], bytes] = {}
        """Dead letters by partition and offset."""

    def _consumer(self) -> Any:
        size = DEAD_LETTER_RECORD_BYTES + RECORD_OVERHEAD
        return KafkaConsumer(
            bootstrap_servers=self._broker.bootstrap,
            group_id=None,
            fetch_max_bytes=4 * size,
            max_partition_fetch_bytes=size,
        )

    @staticmethod
    def _partitions(consumer: Any) -> list[TopicPartition]:
        return [
            TopicPartition(topic, number)
            for topic in TOPICS
            for number in consumer.partitions_for_topic(topic)
        ]

    def read(self) -> Ledger:
        """Read on to where the topics end now."""
        consumer = self._consumer()
        try:
            partitions = self._partitions(consumer)
            consumer.assign(partitions)
            for partition in partitions:
                consumer.seek(partition, self._next[partition])
            ends = consumer.end_offsets(partitions)
            while any(consumer.position(one) < ends[one] for one in partitions):
                for batch in consumer.poll(timeout_ms=100).values():
                    for record in batch:
                        self._take(record)
            self._next = {one: consumer.position(one) for one in partitions}
        finally:
            consumer.close()
        return self

    def _take(self, record: Any) -> None:
        if record.topic == DEAD_LETTER.name:
            self.letters[record.partition, record.offset] = record.value
        elif record.topic == OUTCOMES.name:
            self.outcomes.append(decode(record.value, Outcome))
        else:
            self.items[record.topic].append(decode(record.value, RawItem))

    def raw(self, source: str, topic: str = RAW.name) -> list[RawItem]:
        """Return a source's items, in the order of each partition."""
        return [item for item in self.items[topic] if item.source_id == source]

    def count(self, source: str) -> Counter[str]:
        """Count how often each item of a source lies in the raw topic."""
        return Counter(item.native_id for item in self.raw(source))

    def outcomes_of(self, source: str) -> list[Outcome]:
        """Return a source's outcomes."""
        return [outcome for outcome in self.outcomes if outcome.source_id == source]

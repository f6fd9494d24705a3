"""Reading both topics of some partitions: from the beginning when they are taken over, and on as they grow."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec
from kafka import KafkaConsumer, TopicPartition
from kafka import errors as kafka_errors

from connectors.framework.errors import ConfigError, Fatal
from connectors.sharing.membership import FATAL, GroupOptions
from newswire.telemetry.logs import log
from schemas.limits import MIB, RECORD_BYTES
from schemas.topics import RECORD_OVERHEAD, SOURCE_STATE, SOURCES

__all__ = ["Seen", "Tail", "check_partitions"]

TOPICS: Final = (SOURCES.name, SOURCE_STATE.name)
POLL_RECORDS: Final = 500
FETCH_WAIT_MS: Final = 200
ANSWER_MS: Final = 5_000


class Seen(msgspec.Struct, frozen=True, gc=False):
    """One record of either topic."""

    partition: int
    is_state: bool
    source_id: str
    offset: int
    value: bytes | None


class Tail:
    """A consumer without a group.  All methods are called from one thread."""

    def __init__(self, options: GroupOptions, consumer: Callable[..., Any] = KafkaConsumer) -> None:
        """Connect.

        Raises:
            ConfigError: a topic is missing, or the two are not partitioned alike.
            Fatal: no broker answers.
        """
        self._make: Callable[[], Any] = lambda: consumer(
            **options.client,
            client_id="newswire-share-tail",
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            fetch_max_bytes=8 * MIB,
            max_partition_fetch_bytes=max(MIB, RECORD_BYTES + RECORD_OVERHEAD),
            max_poll_records=POLL_RECORDS,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            request_timeout_ms=int(max(1.0, options.request_timeout_s) * 1000),
            bootstrap_timeout_ms=int(options.connect_timeout_s * 1000),
            reconnect_backoff_max_ms=1_000,
            metrics_enabled=False,
        )
        try:
            self._consumer = self._make()
        except kafka_errors.KafkaError as error:
            raise Fatal("no Kafka broker answers", reason="no_broker", detail=repr(error)) from error
        try:
            check_partitions({topic: self._consumer.partitions_for_topic(topic) or () for topic in TOPICS})
        except BaseException:
            self.close()
            raise
        self._read: set[int] = set()

    def begin(self, partition: int) -> dict[TopicPartition, int] | None:
        """Read a partition from its beginning; return where it ends now, null where the broker does not say.

        Raises:
            Fatal: it may not be read.
        """
        both = _both(partition)
        try:
            begins = self._consumer.beginning_offsets(both, timeout_ms=ANSWER_MS)
            ends: dict[TopicPartition, int] = self._consumer.end_offsets(both, timeout_ms=ANSWER_MS)
        except FATAL as error:
            raise _refused(error) from error
        except (kafka_errors.KafkaError, KeyError) as error:
            # kafka-python 3.0 leaves out a partition whose leader it has not heard of yet.
            log.debug("sources_not_read", partition=partition, error=repr(error))
            return None
        self._assign(self._read | {partition})
        for each in both:
            self._consumer.seek(each, begins[each])
        return ends

    def reached(self, ends: dict[TopicPartition, int]) -> bool:
        """Whether reading has come to these offsets.

        Raises:
            Fatal: the topics may not be read any more.
        """
        return all(self._known(each) >= end for each, end in ends.items())

    def position(self, partition: int) -> int:
        """Return the offset up to which a partition's definitions are read.

        Raises:
            Fatal: the topics may not be read any more.
        """
        return self._known(_both(partition)[0])

    def _known(self, place: TopicPartition) -> int:
        """Return an offset without asking the broker; 0 where reading is to begin anew.

        With any time to wait, kafka-python 3.0 first checks the offset with a partition's new leader, and
        raises where none can be found: while the only broker is stopped, say.
        """
        try:
            return int(self._consumer.position(place, timeout_ms=0) or 0)
        except FATAL as error:
            raise _refused(error) from error
        except kafka_errors.KafkaError as error:
            log.debug("sources_not_read", partition=place.partition, error=repr(error))
            return 0

    def end(self, partitions: Iterable[int]) -> None:
        """Stop reading partitions."""
        self._assign(self._read - set(partitions))

    def _assign(self, partitions: set[int]) -> None:
        if partitions != self._read:
            self._read = partitions
            self._consumer.assign([both for each in sorted(partitions) for both in _both(each)])

    def poll(self, wait_s: float) -> list[Seen]:
        """Return records that came, in order within each topic's partition, waiting for the first ones.

        Raises:
            Fatal: the topics may not be read any more.
        """
        if not self._read:
            return []
        try:
            batches = self._consumer.poll(timeout_ms=int(wait_s * 1000))
        except FATAL as error:
            raise _refused(error) from error
        except kafka_errors.KafkaError as error:
            log.debug("sources_not_read", error=repr(error))
            return []
        return [
            Seen(
                place.partition,
                place.topic == SOURCE_STATE.name,
                (record.key or b"").decode("utf-8", "replace"),
                record.offset,
                record.value,
            )
            for place, records in batches.items()
            for record in records
        ]

    def state_at(self, partition: int, offset: int) -> bytes | None:
        """Read one state once more; null where it is not kept any more or the broker does not answer.

        It is seldom needed, and has a consumer of its own, since seeking back would repeat what follows.
        """
        place = TopicPartition(SOURCE_STATE.name, partition)
        try:
            with contextlib.closing(self._make()) as consumer:
                consumer.assign([place])
                consumer.seek(place, offset)
                for records in consumer.poll(timeout_ms=ANSWER_MS, max_records=1).values():
                    if records and records[0].offset == offset:
                        value: bytes | None = records[0].value
                        return value
        except kafka_errors.KafkaError as error:
            log.debug("sources_not_read", error=repr(error))
        return None

    def close(self) -> None:
        """Close the connections."""
        self._consumer.close(autocommit=False)


def check_partitions(partitions: dict[str, Iterable[int]]) -> int:
    """Check that both topics are there and have as many partitions; return how many.

    Raises:
        ConfigError: one is missing, or they differ, so that definitions and states would not meet.
    """
    counts = {topic: len(set(found)) for topic, found in partitions.items()}
    for topic, count in counts.items():
        if not count:
            raise ConfigError(f"the topic {topic} is missing: newswire topics create")
    if len(set(counts.values())) > 1:
        found = ", ".join(f"{topic} has {count}" for topic, count in counts.items())
        raise ConfigError(
            f"sources and their states must have the same number of partitions, and {found}: "
            "delete the wrong one, then newswire topics create"
        )
    return next(iter(counts.values()))


def _refused(error: Exception) -> Fatal:
    return Fatal(f"the sources cannot be read: {error}", detail=repr(error))


def _both(partition: int) -> list[TopicPartition]:
    return [TopicPartition(topic, partition) for topic in TOPICS]

"""Read topics from one offset to another, in bounded memory, outside of any consumer group."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import monotonic, sleep
from types import TracebackType
from typing import Any, Final, Self

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError

from newswire.ledger.connected import connected
from newswire.ledger.places import Place
from newswire.settings import Settings
from newswire.settings.clients import kafka_python_options
from schemas.limits import MIB
from schemas.partitions import partition_of
from streams.engine.records import Partition, Record

__all__ = ["MissingTopic", "Offsets", "TopicReader"]

Offsets = dict[Partition, int]
"""An offset for each partition."""
ANSWER_S: Final = 10.0
"""How long the first answer of a broker is waited for."""
POLL_MS: Final = 500
PAUSE_S: Final = 0.1
PATIENCE: Final = 1 / 3
"""Share of the request timeout after which a consumer that gets nothing is given up for another."""
_log: Final = logging.getLogger(__name__)
"""As kafka-python's own, for what commands print is theirs to say."""


class MissingTopic(Exception):
    """A topic that is to be read does not exist.  The message is one line that says what to do."""


class TopicReader:
    """A consumer without a group: it leaves no trace on the cluster.

    At most some 64 MiB of fetched records are held, or one record of each partition where that is more.
    """

    def __init__(self, settings: Settings) -> None:
        """Connect.

        Raises:
            KafkaError: no broker answers, or it does not let us in.
        """
        self._settings = settings
        self._stalled_s = settings.kafka_request_timeout_s
        self._consumer = self._connect()

    def _connect(self) -> Any:
        settings = self._settings
        wait_s = min(ANSWER_S, settings.kafka_request_timeout_s)
        consumer: Any = connected(
            KafkaConsumer,
            **kafka_python_options(settings),
            client_id="newswire-reader",
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            isolation_level="read_committed",
            fetch_max_bytes=32 * MIB,
            max_partition_fetch_bytes=4 * MIB,
            max_poll_records=2000,
            fetch_max_wait_ms=POLL_MS,
            request_timeout_ms=max(2 * POLL_MS, int(settings.kafka_request_timeout_s * 1000)),
            bootstrap_timeout_ms=int(wait_s * 1000),
            reconnect_backoff_max_ms=2000,
            metrics_enabled=False,
        )
        try:
            consumer.bootstrap(timeout_ms=int(wait_s * 1000))
        except BaseException:
            consumer.close(autocommit=False)
            raise
        return consumer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._consumer.close(autocommit=False)

    # -- what there is ---------------------------------------------------------------------------------

    def partitions(self, topic: str) -> list[Partition]:
        """Return a topic's partitions.

        Raises:
            MissingTopic: there is no such topic.
        """
        numbers = self._consumer.partitions_for_topic(topic)
        if not numbers:
            raise MissingTopic(f"the topic {topic} is missing: newswire topics create")
        return [(topic, number) for number in sorted(numbers)]

    def of_key(self, topic: str, key: str | bytes) -> Partition:
        """Return the partition where the default partitioner puts a key."""
        written = key.encode("utf-8", "replace") if isinstance(key, str) else key
        return topic, partition_of(written, len(self.partitions(topic)))

    def begins(self, partitions: Iterable[Partition]) -> Offsets:
        """Return the first offset that is kept of each partition."""
        return self._offsets(self._consumer.beginning_offsets, partitions)

    def ends(self, partitions: Iterable[Partition]) -> Offsets:
        """Return the offset after the last record of each partition."""
        return self._offsets(self._consumer.end_offsets, partitions)

    def _offsets(
        self, ask: Callable[[list[TopicPartition]], Any], partitions: Iterable[Partition]
    ) -> Offsets:
        wanted = _typed(partitions)
        deadline = monotonic() + self._stalled_s
        while True:
            try:
                return _plain(ask(wanted))
            except KeyError as error:
                # kafka-python 3.0 leaves out a partition whose leader it has not heard of yet.
                if monotonic() > deadline:
                    raise KafkaTimeoutError(f"no leader of {error} in {self._stalled_s:g} s") from error
                sleep(PAUSE_S)

    def at(self, partitions: Iterable[Partition], timestamp_ms: int) -> Offsets:
        """Return the first offset of each partition whose record is not older than the time."""
        wanted = _typed(partitions)
        ends = self.ends(partitions)
        found = self._consumer.offsets_for_times(dict.fromkeys(wanted, max(0, timestamp_ms)))
        return {
            (each.topic, each.partition): (
                ends[each.topic, each.partition] if found.get(each) is None else found[each].offset
            )
            for each in wanted
        }

    # -- records -----------------------------------------------------------------------------------------

    def read(self, starts: Mapping[Partition, int], ends: Mapping[Partition, int]) -> Iterator[Record]:
        """Yield what the partitions of *starts* hold from there to their *ends*, each in offset order.

        One reading at a time: a second one takes the consumer away from the first.

        A consumer of kafka-python 3 may stop fetching a partition for no reason that can be seen: where nothing
        comes for long, another one reads on.

        Raises:
            KafkaTimeoutError: nothing came for the request timeout.
        """
        left = {TopicPartition(*each): ends[each] for each, start in starts.items() if start < ends[each]}
        if not left:
            return
        self._assign({each: starts[each.topic, each.partition] for each in left})
        moved = connected_at = monotonic()
        while left:
            batches = self._consumer.poll(timeout_ms=POLL_MS)
            for each, records in batches.items():
                yield from (_record(record) for record in records if record.offset < left[each])
            # The position, not the last record: compaction and transactions leave gaps.
            done = [each for each, end in left.items() if self._consumer.position(each) >= end]
            for each in done:
                del left[each]
            if done and left:
                self._consumer.pause(*done)
            now = monotonic()
            if batches or done:
                moved = now
            elif now - moved > self._stalled_s:
                raise KafkaTimeoutError(f"nothing more of {sorted(left)} in {self._stalled_s:g} s")
            elif now - max(moved, connected_at) > PATIENCE * self._stalled_s:
                self._read_on({each: self._consumer.position(each) for each in left})
                connected_at = monotonic()

    def _read_on(self, starts: Mapping[TopicPartition, int]) -> None:
        """Read on with a new consumer, or with the same where no broker answers."""
        _log.info("nothing comes of %s: another consumer is asked", starts)
        try:
            other = self._connect()
        except KafkaError as error:
            _log.info("no other consumer: %r", error)
            return
        stalled, self._consumer = self._consumer, other
        stalled.close(autocommit=False, timeout_ms=POLL_MS)
        self._assign(starts)

    def follow(self, starts: Mapping[Partition, int]) -> Iterator[Record | None]:
        """Yield records from *starts* on without end, and null whenever there is nothing new for a while."""
        self._assign({TopicPartition(*each): start for each, start in starts.items()})
        while True:
            batches = self._consumer.poll(timeout_ms=POLL_MS)
            if not batches:
                yield None
            for records in batches.values():
                yield from map(_record, records)

    def one(self, place: Place) -> Record | None:
        """Return one record, or null where it is not kept any more, or not there yet.

        Raises:
            MissingTopic: there is no such topic or partition.
        """
        partition = place.topic, place.partition
        if partition not in self.partitions(place.topic):
            raise MissingTopic(f"{place.topic} has no partition {place.partition}")
        begin, end = self.begins([partition])[partition], self.ends([partition])[partition]
        if not begin <= place.offset < end:
            return None
        return next(self.read({partition: place.offset}, {partition: place.offset + 1}), None)

    def _assign(self, starts: Mapping[TopicPartition, int]) -> None:
        self._consumer.assign(list(starts))
        for each, offset in starts.items():
            self._consumer.seek(each, offset)


def _typed(partitions: Iterable[Partition]) -> list[TopicPartition]:
    return [TopicPartition(*each) for each in partitions]


def _plain(offsets: Mapping[TopicPartition, int]) -> Offsets:
    return {(each.topic, each.partition): offset for each, offset in offsets.items()}


def _record(record: Any) -> Record:
    return Record(
        record.topic,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.value,
        tuple(record.headers or ()),
    )

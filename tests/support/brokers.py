"""Brokers, topics and records for tests against real Kafka."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import MemberToRemove
from kafka.errors import NoError, RetriableError, UnknownTopicOrPartitionError, for_code

from newswire.broker import DevBroker
from newswire.broker.config import BATCH_BYTES
from newswire.settings import Settings, load_settings
from newswire.topics import ensure_topics
from schemas.topics import all_names
from schemas.wire import WireRecord
from streams.engine.records import Record
from tests.support.waiting import eventually

PARTITIONS = 3
ANSWER_S = 30.0
T = TypeVar("T")


def settings_for(broker: DevBroker, **overrides: Any) -> Settings:
    """Return settings that speak to the broker."""
    return load_settings(
        {"kafka_bootstrap": broker.bootstrap, "partitions": PARTITIONS, **overrides}, environ={}
    )


def environment_for(settings: Settings) -> dict[str, str]:
    """Return the environment that gives a child process these settings, where they aren't the defaults."""
    values = settings.model_dump(mode="json", exclude_defaults=True)
    return {
        f"NEWSWIRE_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
    }


@contextmanager
def broker_in(directory: Path, **settings: Any) -> Iterator[DevBroker]:
    """Run an ephemeral broker in the directory, with all topics, until the end of the block."""
    with DevBroker(directory, ephemeral=True, quick=True) as broker:
        ensure_topics(settings_for(broker, **settings))
        yield broker


@contextmanager
def admin_of(broker: DevBroker) -> Iterator[KafkaAdminClient]:
    """Open an admin client."""
    client = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    try:
        yield client
    finally:
        client.close()


def empty(broker: DevBroker, **settings: Any) -> None:
    """Delete every topic of ours and every group, and create the topics anew."""
    with admin_of(broker) as admin:
        there = set(admin.list_topics())
        ours = [name for name in all_names() if name in there]
        if ours:
            for answer in admin.delete_topics(ours, raise_errors=False)["topics"]:
                # The list may still show a topic that the test itself has just deleted.
                assert for_code(answer["error_code"]) in {NoError, UnknownTopicOrPartitionError}, answer
            eventually(lambda: not set(ours) & set(admin.list_topics()), "topics are deleted")
        eventually(lambda: _has_no_groups(admin), "no group is left")
        # One that was paused is fenced for a moment, and a topic that is created then has nowhere to be.
        eventually(lambda: _takes_part(admin), "the broker takes part in its cluster")
    ensure_topics(settings_for(broker, **settings))


def _has_no_groups(admin: KafkaAdminClient) -> bool:
    """Look whether there are groups, and delete them, their members first.

    The broker counts those that an earlier test has killed until their session is over: another test would be told
    of workers that it has not.
    """
    try:
        names = [group["group_id"] for group in admin.list_groups()]
        if not names:
            return True
        for name, group in admin.describe_groups(names).items():
            admin.remove_group_members(name, [MemberToRemove(each["member_id"]) for each in group["members"]])
        admin.delete_groups(names)
    except RetriableError:
        pass  # its coordinator is just starting
    return False


def has_members(broker: DevBroker) -> bool:
    """Look whether any group has members."""
    with admin_of(broker) as admin:
        names = [group["group_id"] for group in answered(admin.list_groups)]
        groups = answered(lambda: admin.describe_groups(names)) if names else {}
    return any(group["members"] for group in groups.values())


def _takes_part(admin: KafkaAdminClient) -> bool:
    return any(not each.get("is_fenced") for each in admin.describe_cluster()["brokers"])


def produce(
    broker: DevBroker,
    records: Iterable[WireRecord],
    *,
    compression: str | None = "lz4",
    largest: int = BATCH_BYTES,
) -> list[tuple[str, int, int]]:
    """Send records in order, and return topic, partition and offset of each once all are written.

    *largest* is what the producer itself takes, bytes before compression.
    """
    producer = KafkaProducer(
        bootstrap_servers=broker.bootstrap,
        max_request_size=largest,
        linger_ms=5,
        compression_type=compression,
    )
    try:
        futures = [
            producer.send(each.topic, each.value, each.key, list(each.headers), each.partition)
            for each in records
        ]
        done = [future.get(60) for future in futures]
    finally:
        producer.close(timeout=60)
    return [(each.topic, each.partition, each.offset) for each in done]


def consume(
    broker: DevBroker,
    *topics: str,
    until: Callable[[list[Record]], bool] | None = None,
    timeout_s: float = 60.0,
) -> list[Record]:
    """Read topics from their beginning, in the order of arrival.

    Without *until* it reads to the ends as they were at the call; with it, until it holds of what was
    read.

    Raises:
        AssertionError: *timeout_s* is over and *until* does not hold.
    """
    consumer = KafkaConsumer(
        bootstrap_servers=broker.bootstrap,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_bytes=4 * BATCH_BYTES,
        max_partition_fetch_bytes=BATCH_BYTES,
    )
    try:
        partitions = [each for topic in topics for each in _partitions(consumer, topic)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = answered(lambda: consumer.end_offsets(partitions))
        records: list[Record] = []
        deadline = monotonic() + timeout_s
        while not (
            until(records) if until else all(consumer.position(each) >= end for each, end in ends.items())
        ):
            if monotonic() >= deadline:
                raise AssertionError(f"after {timeout_s:g} s only {len(records)} records in {topics}")
            for batch in consumer.poll(timeout_ms=200).values():
                records += [_record(each) for each in batch]
        return records
    finally:
        consumer.close()


def consume_committed(broker: DevBroker, topic: str, quiet_s: float = 2.0) -> list[bytes | None]:
    """Read the values of a topic that no open or aborted transaction holds back, until nothing more comes.

    Where a transaction is open, a reader of what is committed has no end to read to.
    """
    consumer = KafkaConsumer(
        bootstrap_servers=broker.bootstrap,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    try:
        partitions = _partitions(consumer, topic)
        consumer.assign(partitions)
        for each in partitions:
            consumer.position(each)  # before that nothing could be heard
        values: list[bytes | None] = []
        heard = monotonic()
        while consumer.assignment() and monotonic() - heard < quiet_s:
            for batch in consumer.poll(timeout_ms=200).values():
                heard = monotonic()
                values += [each.value for each in batch]
        return values
    finally:
        consumer.close()


def committed(broker: DevBroker, group: str) -> dict[tuple[str, int], int]:
    """Return a group's committed offsets by topic and partition."""
    with admin_of(broker) as admin:
        offsets = answered(lambda: admin.list_group_offsets([group])[group])
    return {(each.topic, each.partition): found.offset for each, found in offsets.items()}


def members(broker: DevBroker, group: str) -> list[str]:
    """Return the ids of a group's members, sorted, once its coordinator tells of any."""
    with admin_of(broker) as admin:

        def described() -> dict[str, Any] | None:
            found: dict[str, Any] = answered(lambda: admin.describe_groups([group])[group])
            return found if found["members"] and not found["error"] else None

        found = eventually(described, f"members of {group} are told", ANSWER_S)
    assert found is not None
    return sorted(each["member_id"] for each in found["members"])


def sizes(broker: DevBroker, *topics: str) -> dict[str, int]:
    """Return how many offsets each topic has given out that are still kept."""
    consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap, group_id=None)
    try:
        found = {}
        for topic in topics:
            partitions = _partitions(consumer, topic)
            first = answered(lambda partitions=partitions: consumer.beginning_offsets(partitions))
            last = answered(lambda partitions=partitions: consumer.end_offsets(partitions))
            found[topic] = sum(last[each] - first[each] for each in partitions)
        return found
    finally:
        consumer.close()


def answered(ask: Callable[[], T], timeout_s: float = ANSWER_S) -> T:
    """Ask a broker, and again where it cannot say: one that has just woken or started tells of no broker at all for
    a moment, and kafka-python does not wait for that wherever it asks; of a partition without a leader it has no end
    (KeyError).

    Raises:
        kafka.errors.RetriableError, KeyError: the time is over.
    """
    deadline = monotonic() + timeout_s
    while True:
        try:
            return ask()
        except (RetriableError, KeyError):
            if monotonic() >= deadline:
                raise
        sleep(0.1)


def _partitions(consumer: KafkaConsumer, topic: str) -> list[TopicPartition]:
    numbers = answered(lambda: consumer.partitions_for_topic(topic))
    return [TopicPartition(topic, number) for number in sorted(numbers or ())]


def _record(each: Any) -> Record:
    return Record(
        topic=each.topic,
        partition=each.partition,
        offset=each.offset,
        timestamp_ms=each.timestamp,
        key=each.key,
        value=each.value,
        headers=tuple(each.headers),
    )

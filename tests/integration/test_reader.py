"""Reading topics from offset to offset on a real broker, when the client stops fetching."""

from __future__ import annotations

from typing import Any

import pytest
from kafka.errors import KafkaConnectionError, KafkaTimeoutError

from newswire.broker import DevBroker
from newswire.ledger.reader import TopicReader
from schemas.wire import WireRecord
from tests.support.brokers import admin_of, produce, settings_for

pytestmark = pytest.mark.kafka

TOPIC = "reader-stalls"
COUNT = 6


@pytest.fixture
def reader(kafka: DevBroker) -> TopicReader:
    with admin_of(kafka) as admin:
        if TOPIC not in admin.list_topics():
            admin.create_topics({TOPIC: {"num_partitions": 2, "replication_factor": 1}})
    values = [
        WireRecord(topic=TOPIC, key=b"k", value=b"%d" % n, headers=[], partition=n % 2) for n in range(COUNT)
    ]
    produce(kafka, values)
    return TopicReader(settings_for(kafka, kafka_request_timeout_s=3))


def stop_fetching(consumer: Any) -> None:
    consumer.poll = lambda **_: {}


def read(reader: TopicReader) -> list[bytes | None]:
    partitions = reader.partitions(TOPIC)
    ends = reader.ends(partitions)
    starts = {each: end - COUNT // 2 for each, end in ends.items()}
    return [record.value for record in reader.read(starts, ends)]


def test_another_consumer_reads_on_where_one_gets_nothing(reader: TopicReader) -> None:
    with reader:
        stalled = reader._consumer
        stop_fetching(stalled)
        assert sorted(read(reader)) == [b"%d" % n for n in range(COUNT)]  # type: ignore[type-var]
        assert reader._consumer is not stalled
        assert stalled._closed


def test_the_same_consumer_reads_on_where_no_other_connects(
    reader: TopicReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reader:
        stop_fetching(reader._consumer)

        def refused() -> Any:
            del reader._consumer.poll  # it fetches again
            raise KafkaConnectionError("no broker")

        monkeypatch.setattr(reader, "_connect", refused)
        assert sorted(read(reader)) == [b"%d" % n for n in range(COUNT)]  # type: ignore[type-var]


def test_a_reading_ends_where_no_consumer_gets_anything(
    reader: TopicReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = reader._connect

    def stalling() -> Any:
        consumer = connect()
        stop_fetching(consumer)
        return consumer

    monkeypatch.setattr(reader, "_connect", stalling)
    with reader:
        stop_fetching(reader._consumer)
        with pytest.raises(KafkaTimeoutError, match=r"nothing more of .* in 3 s"):
            read(reader)

"""Topics on real Kafka: created once, compared in everything that is declared."""

from __future__ import annotations

from typing import Any

import pytest
from kafka import KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import MessageSizeTooLargeError

from newswire.broker import DevBroker
from newswire.broker.config import BATCH_BYTES
from newswire.topics import Difference, compare_topics, ensure_topics
from schemas.limits import DEAD_LETTER_RECORD_BYTES, RAW_RECORD_BYTES, RECORD_BYTES
from schemas.topics import RECORD_OVERHEAD, all_names
from schemas.wire import WireRecord
from tests.support.brokers import admin_of, consume, empty, produce, settings_for
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka


def test_what_was_created_does_not_differ_from_what_is_declared(clean_kafka: DevBroker):
    settings = settings_for(clean_kafka)
    assert compare_topics(settings) == []
    again = ensure_topics(settings)
    assert (again.created, again.altered, again.differences) == ([], [], [])
    with admin_of(clean_kafka) as admin:
        assert set(all_names()) <= set(admin.list_topics())


def test_a_missing_topic_is_reported_and_created(clean_kafka: DevBroker):
    settings = settings_for(clean_kafka)
    with admin_of(clean_kafka) as admin:
        admin.delete_topics(["news.claims.v1"])
    missing = Difference("news.claims.v1", "topic", "news.claims.v1", None)
    eventually(lambda: compare_topics(settings) == [missing], "it is reported missing")
    done = ensure_topics(settings)
    assert done.created == ["news.claims.v1"]
    assert done.differences == []


def test_every_difference_is_reported_and_none_accepted(clean_kafka: DevBroker):
    other = settings_for(clean_kafka, partitions=4, replication_factor=3, retention_days={"news.raw.v1": 2.5})
    found = {(each.topic, each.what): (each.wanted, each.found) for each in compare_topics(other)}
    assert found["news.raw.v1", "partitions"] == ("4", "3")
    assert found["news.raw.v1", "replication_factor"] == ("3", "1")
    assert found["news.raw.v1", "min.insync.replicas"] == ("2", "1")
    assert found["news.raw.v1", "retention.ms"] == ("216000000", "2592000000")
    assert found["news.raw.backfill.v1", "retention.ms"] == ("216000000", "2592000000")
    assert ("news.article.v1", "partitions") not in found, "its one partition is no setting"
    assert ensure_topics(other).differences == compare_topics(other)


def test_configuration_is_altered_only_when_asked_and_partitions_never(clean_kafka: DevBroker):
    with admin_of(clean_kafka) as admin:
        _configure(admin, "news.enriched.v1", {"segment.ms": "3600000", "cleanup.policy": "delete"})
    settings = settings_for(clean_kafka)
    differences = [
        Difference("news.enriched.v1", "cleanup.policy", "compact,delete", "delete"),
        Difference("news.enriched.v1", "segment.ms", None, "3600000"),
    ]
    eventually(lambda: compare_topics(settings) == differences, "both are reported")
    assert ensure_topics(settings).differences == differences
    other = settings_for(clean_kafka, partitions=5)
    done = ensure_topics(other, alter=True)
    assert done.altered == ["news.enriched.v1"]
    assert {each.what for each in done.differences} == {"partitions"}
    assert compare_topics(settings) == []


@pytest.mark.parametrize(
    ("topic", "limit"),
    [
        ("news.raw.v1", RAW_RECORD_BYTES),
        ("news.dead-letter.v1", DEAD_LETTER_RECORD_BYTES),
        ("news.enriched.v1", RECORD_BYTES),
    ],
)
def test_a_topic_takes_its_largest_record_and_no_larger_one(clean_kafka: DevBroker, topic: str, limit: int):
    key = b"k" * 100
    produce(
        clean_kafka, [WireRecord(topic=topic, key=key, value=b"x" * (limit - len(key)))], compression=None
    )
    (back,) = consume(clean_kafka, topic)
    assert back.size == limit
    producer = KafkaProducer(bootstrap_servers=clean_kafka.bootstrap, max_request_size=2 * BATCH_BYTES)
    try:
        with pytest.raises(MessageSizeTooLargeError):
            producer.send(topic, b"x" * (limit + RECORD_OVERHEAD), key).get(60)
    finally:
        producer.close()


def test_emptied_topics_are_empty(clean_kafka: DevBroker):
    produce(clean_kafka, [WireRecord(topic="news.raw.v1", key=b"a", value=b"1")])
    assert len(consume(clean_kafka, "news.raw.v1")) == 1
    empty(clean_kafka)
    assert consume(clean_kafka, "news.raw.v1") == []


def _configure(admin: Any, topic: str, values: dict[str, str]) -> None:
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, values)])

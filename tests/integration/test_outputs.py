"""The engine's producer against a real broker."""

from __future__ import annotations

import os

import pytest
from kafka.admin import NewTopic

from newswire.broker import DevBroker
from schemas.partitions import partition_of
from schemas.wire import WireRecord
from streams.engine.outputs import KafkaOutputs
from tests.support.brokers import admin_of, consume, settings_for

pytestmark = pytest.mark.kafka

TOPIC = "outputs-test"


async def test_records_whose_batch_is_too_large_are_sent_alone_to_the_same_partition(kafka: DevBroker):
    with admin_of(kafka) as admin:
        admin.create_topics([NewTopic(TOPIC, 8, 1, topic_configs={"max.message.bytes": "100000"})])
    # Keys and routes hash apart, so that a record routed by its key would lie in another partition.
    routed = [(b"key %d" % n, b"the article") for n in range(5)]
    wanted = partition_of(b"the article", 8)
    assert any(partition_of(key, 8) != wanted for key, _ in routed)
    outputs = KafkaOutputs(settings_for(kafka, kafka_compression="none"), "enrich")
    await outputs.start()
    try:
        records = [
            WireRecord(topic=TOPIC, key=key, value=os.urandom(40_000), route_by=route)
            for key, route in routed
        ]
        sent = [(record, await outputs.send(record)) for record in records]
        offsets = await outputs.delivered(sent)
    finally:
        await outputs.stop()
    assert len(set(offsets)) == len(records)
    found = consume(kafka, TOPIC)
    assert {record.value for record in found} == {record.value for record in records}
    assert {record.partition for record in found} == {wanted}

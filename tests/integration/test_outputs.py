"""The engine's producer against a real broker."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from kafka.admin import NewTopic

from newswire.broker import DevBroker
from schemas.partitions import partition_of
from schemas.topics import CLAIMS
from schemas.wire import WireRecord, header
from streams.engine.outputs import KafkaOutputs
from tests.support.brokers import admin_of, consume, settings_for
from tests.support.ledger import Case
from tests.support.require import require

pytestmark = pytest.mark.kafka

TOPIC = "outputs-test"


async def delivered(kafka: DevBroker, records: list[WireRecord], **settings: object) -> tuple[int, ...]:
    """Send records as the enrich worker does; return their offsets."""
    outputs = KafkaOutputs(settings_for(kafka, **settings), "enrich")
    await outputs.start()
    try:
        return await outputs.delivered([(record, await outputs.send(record)) for record in records])
    finally:
        await outputs.stop()


async def test_records_whose_batch_is_too_large_are_sent_alone_to_the_same_partition(kafka: DevBroker):
    with admin_of(kafka) as admin:
        admin.create_topics([NewTopic(TOPIC, 8, 1, topic_configs={"max.message.bytes": "100000"})])
    # Keys and routes hash apart, so that a record routed by its key would lie in another partition.
    routed = [(b"key %d" % n, b"the article") for n in range(5)]
    wanted = partition_of(b"the article", 8)
    assert any(partition_of(key, 8) != wanted for key, _ in routed)
    records = [
        WireRecord(topic=TOPIC, key=key, value=os.urandom(40_000), route_by=route) for key, route in routed
    ]
    offsets = await delivered(kafka, records, kafka_compression="none")
    assert len(set(offsets)) == len(records)
    found = consume(kafka, TOPIC)
    assert {record.value for record in found} == {record.value for record in records}
    assert {record.partition for record in found} == {wanted}


async def test_a_claim_is_readable_with_kcat(clean_kafka: DevBroker):
    kcat = require("kcat")
    (claim,) = (each for each in Case("a").enriched_records() if each.topic == CLAIMS.name)
    await delivered(clean_kafka, [claim])
    command = [kcat, "-C", "-b", clean_kafka.bootstrap, "-t", CLAIMS.name, "-e", "-q", "-f", "%k %h %s\n"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    (line,) = done.stdout.splitlines()
    key, headers, value = line.split(" ", 2)
    assert key == (claim.key or b"").decode()
    assert f"ce_id={(header(claim.headers, 'ce_id') or b'').decode()}" in headers.split(",")
    assert value == (claim.value or b"").decode()
    assert json.loads(value)["content"][0]["exact"]

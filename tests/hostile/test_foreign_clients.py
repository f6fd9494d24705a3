"""What brokers take from clients that are not ours stops no stage and no command.

Brokers check the structure of a record and little else: header names may be any bytes, header values null, and
timestamps any number: the topics put the broker's own in its place.
"""

from __future__ import annotations

import asyncio
import json
from zlib import crc32

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaProducer

from schemas import topics
from schemas.dead_letter import read_headers
from schemas.ids import item_id_of_bytes
from schemas.wire import WireRecord
from tests.support.brokers import consume
from tests.support.order import assert_in_order, newswire
from tests.support.pipeline import Pipeline, items, raw_record
from tests.support.sizes import english
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1200)]

NULLS = ("traceparent", "newswire-progress", "ce_id", "other")
NO_TIMESTAMP = -1
TIMES = (NO_TIMESTAMP, 0, -(10**15), -(2**62))
"""Milliseconds since 1970: the last two are before the year 1."""


class Latin1(str):
    """A header name that a client writes in another encoding."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return super().encode("latin-1")


def pair(name: str) -> tuple[WireRecord, WireRecord]:
    """An item and a record that is none, both in partition 0."""
    (item,) = items([{"id": name, "text": english(2_000, seed=crc32(name.encode()))}])
    good = msgspec.structs.replace(raw_record(item), partition=0)
    return good, msgspec.structs.replace(good, value=f"no item, {name}".encode(), headers=[])


def item_of(record: WireRecord) -> str:
    try:
        return str(json.loads(record.value or b"")["item_id"])
    except json.JSONDecodeError:
        return item_id_of_bytes(record.value)


def send(pipeline: Pipeline, records: list[WireRecord], timestamp_ms: int | None = None) -> None:
    producer = KafkaProducer(bootstrap_servers=pipeline.kafka.bootstrap, compression_type="gzip")
    try:
        for each in records:
            at = {"timestamp_ms": timestamp_ms, "partition": each.partition}
            producer.send(each.topic, each.value, each.key, list(each.headers), **at).get(120)
    finally:
        producer.close(timeout=30)


async def send_nulls(pipeline: Pipeline, records: list[WireRecord]) -> None:
    """Send records with headers whose values are null, which kafka-python itself refuses to."""
    producer = AIOKafkaProducer(bootstrap_servers=pipeline.kafka.bootstrap)
    await producer.start()
    try:
        for each in records:
            headers = [*each.headers, *((name, None) for name in NULLS)]
            await producer.send_and_wait(
                each.topic, each.value, each.key, partition=each.partition, headers=headers
            )
    finally:
        await producer.stop()


def test_records_of_foreign_clients_stop_nobody(shared_pipeline: Pipeline):
    pipeline = shared_pipeline
    named, nulls, after = pair("names"), pair("nulls"), pair("after")
    old = {at: pair(f"at {at}") for at in TIMES}
    odd = [(Latin1("überschrift"), b"1"), ("plain", b"2"), (Latin1("\xff\xfe"), b"3")]
    send(pipeline, [msgspec.structs.replace(each, headers=[*each.headers, *odd]) for each in named])
    asyncio.run(send_nulls(pipeline, list(nulls)))
    for at, records in old.items():
        send(pipeline, list(records), at)
    send(pipeline, list(after), 10**15)

    pairs = [named, nulls, *old.values(), after]
    wanted = {item_of(record) for records in pairs for record in records}
    eventually(lambda: wanted <= set(pipeline.outcomes()), "all have outcomes", 300, 0.5)
    outcomes = pipeline.outcomes()
    assert {outcomes[item_of(good)].outcome for good, _ in pairs} == {"enriched"}
    assert {outcomes[item_of(bad)].reason for _, bad in pairs} == {"not_json"}
    # Whatever time a client gives a record, it has the broker's.
    raw = [outcomes[item_of(good)].times.raw for good, _ in pairs]
    assert all(time is not None and time > "2026" for time in raw)

    # A letter may come after the outcome that tells of it.
    letters = consume(
        pipeline.kafka, topics.DEAD_LETTER.name, until=lambda read: len(read) >= len(pairs), timeout_s=120
    )
    headers = {read_headers(list(letter.headers)).item_id: letter.headers for letter in letters}
    assert [name for name, _ in headers[item_of(named[1])][:3]] == [r"\xfcberschrift", "plain", r"\xff\xfe"]
    assert headers[item_of(nulls[1])][: len(NULLS)] == tuple((name, None) for name in NULLS)

    assert_in_order(pipeline)
    for arguments in (
        ("tail", "raw", "--from", "beginning", "--no-follow"),
        ("tail", "raw", "--from", "beginning", "--no-follow", "--json"),
        ("tail", "dead-letter", "--from", "beginning", "--no-follow", "--json"),
        ("tail", "outcomes", "--from", "beginning", "--no-follow"),
        ("dlq", "list"),
        *(("trace", item_of(record)) for record in (*named, nulls[0], *old[-(2**62)])),
    ):
        done = newswire(pipeline, *arguments)
        assert done.returncode == 0, (arguments, done.stderr.decode())
        assert done.stdout

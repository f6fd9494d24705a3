"""The peers of everything that runs through Kafka: what plain aiokafka takes for the same records.

Each function measures in the process that calls it; `in_process` calls one in a process of its own.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import ParamSpec, TypeVar

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from newswire.settings import Settings
from newswire.settings.clients import aiokafka_options, compression
from schemas.limits import MIB
from streams.engine.quick_lz4 import use_quick_lz4

__all__ = ["Spent", "in_process", "pass_on", "read_all"]

P = ParamSpec("P")
T = TypeVar("T")


class Spent(msgspec.Struct, frozen=True):
    """Wall seconds, and CPU seconds of the process that worked in them."""

    seconds: float
    cpu_s: float


def in_process(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function of a module in a new process, and return what it returns."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *args, **kwargs).result()


def pass_on(settings: Settings, source: str, target: str, events: int) -> Spent:
    """Read *events* records of one topic and send each to another one, with the engine's guarantee: an
    idempotent producer, and an offset is committed only when everything before it is delivered.
    """
    use_quick_lz4()  # as the engine does, so that the ratio is not that of two compressions
    return asyncio.run(_pass_on(settings, source, target, events))


async def _pass_on(settings: Settings, source: str, target: str, events: int) -> Spent:
    options = aiokafka_options(settings)
    consumer = AIOKafkaConsumer(
        source,
        group_id=f"plain-{time.time()}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        **options,
    )
    producer = AIOKafkaProducer(
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        max_batch_size=256 * 1024,
        compression_type=compression(settings),
        **options,
    )
    await producer.start()
    await consumer.start()
    begun = begun_cpu = 0.0
    left = events
    committed = time.perf_counter()
    while left > 0:
        batches = await consumer.getmany(timeout_ms=500, max_records=512)
        if batches and not begun:
            begun, begun_cpu = time.perf_counter(), time.process_time()
        for partition, records in batches.items():
            pending = [
                await producer.send(target, value=r.value, key=r.key, headers=r.headers) for r in records
            ]
            for future in pending:
                await future
            left -= len(records)
            if time.perf_counter() - committed > 1:
                await consumer.commit({partition: records[-1].offset + 1})
                committed = time.perf_counter()
    await consumer.commit()
    spent = Spent(time.perf_counter() - begun, time.process_time() - begun_cpu)
    await consumer.stop()
    await producer.stop()
    return spent


def read_all(settings: Settings, topic: str) -> Spent:
    """Read partition 0 of a topic from its start to its end and do nothing with the records."""
    return asyncio.run(_read_all(settings, TopicPartition(topic, 0)))


async def _read_all(settings: Settings, source: TopicPartition) -> Spent:
    consumer = AIOKafkaConsumer(
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=32 * MIB,
        fetch_max_bytes=64 * MIB,
        **aiokafka_options(settings),
    )
    await consumer.start()
    try:
        consumer.assign([source])
        end = (await consumer.end_offsets([source]))[source]
        begun, begun_cpu = time.perf_counter(), time.process_time()
        while await consumer.position(source) < end:
            await consumer.getmany(timeout_ms=1000, max_records=5000)
        return Spent(time.perf_counter() - begun, time.process_time() - begun_cpu)
    finally:
        await consumer.stop()

"""The engine's pass-through beside a plain aiokafka loop with the same guarantee, in one run.

    python bench/engine_passthrough.py [--events 40000] [--rounds 3]

Both read events of 1 KB from one partition, send each to another topic through an idempotent producer,
and commit an offset only when everything before it is delivered.  The engine does it as every stage does:
Faust's consumer, decoding of headers, window, ordered sends, CloudEvents headers, metrics.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench.table import print_table
from newswire.broker import DevBroker
from newswire.settings import Settings, load_settings
from newswire.settings.clients import aiokafka_options, compression
from schemas import topics
from schemas.vocabulary import StageName
from streams.engine.records import Done, Emit, Facts, Input, Partition, Result

SOURCE, TARGET = topics.RAW.name, topics.ARTICLE.name


class PassThrough:
    """A stage that does nothing: what is left is the engine."""

    name: StageName = "normalize"
    reads = topics.RAW
    batch_size = 64
    concurrency = 1

    def __init__(self, events: int) -> None:
        self.left = events
        self.begun = 0.0

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def assigned(self, partitions: frozenset[Partition]) -> None: ...
    async def revoked(self, partitions: frozenset[Partition]) -> None: ...

    async def process(self, inputs: list[Input]) -> list[Result]:
        self.begun = self.begun or time.perf_counter()
        return [
            Done(
                facts=Facts(item_id="i"),
                emits=(
                    Emit(
                        topic=TARGET,
                        ce_type="t",
                        ce_id="i",
                        key="k",
                        value=one.value or b"",
                    ),
                ),
            )
            for one in inputs
        ]

    def delivered(self, done: Done, offsets: tuple[int, ...]) -> None:
        self.left -= 1
        if not self.left:
            report(self.begun)
            os.kill(os.getpid(), signal.SIGTERM)


def report(begun: float) -> None:
    cpu = time.process_time()
    print(f"{time.perf_counter() - begun} {cpu}", file=sys.__stdout__, flush=True)


def run_engine(settings: Settings, events: int) -> None:
    from streams.engine.faust_app import stage_app
    from streams.engine.worker import run_worker

    app = stage_app(PassThrough(events), settings)

    @app.agent(app.topic(SOURCE))
    async def passing(stream: Any) -> None:
        await app.run_engine(stream)

    run_worker(app, settings)


async def run_plain(settings: Settings, events: int) -> None:
    options = aiokafka_options(settings)
    consumer = AIOKafkaConsumer(
        SOURCE,
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
    begun = 0.0
    left = events
    committed = time.perf_counter()
    while left > 0:
        batches = await consumer.getmany(timeout_ms=500, max_records=512)
        begun = begun or (time.perf_counter() if batches else 0.0)
        for partition, records in batches.items():
            pending = [
                await producer.send(TARGET, value=r.value, key=r.key, headers=r.headers) for r in records
            ]
            for future in pending:
                await future
            left -= len(records)
            if time.perf_counter() - committed > 1:
                await consumer.commit(
                    {TopicPartition(partition.topic, partition.partition): records[-1].offset + 1}
                )
                committed = time.perf_counter()
    await consumer.commit()
    report(begun)
    await consumer.stop()
    await producer.stop()


def fill(settings: Settings, events: int) -> None:
    from kafka import KafkaProducer
    from kafka.admin import KafkaAdminClient, NewTopic

    admin = KafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    admin.create_topics([NewTopic(name, 1, 1) for name in (SOURCE, TARGET)])
    admin.close()
    producer = KafkaProducer(bootstrap_servers=settings.kafka_bootstrap, linger_ms=20, batch_size=256 * 1024)
    body = os.urandom(384).hex().encode()
    for number in range(events):
        producer.send(SOURCE, key=b"%d" % number, value=b'{"n":%d,"x":"%s"}' % (number, body))
    producer.flush()
    producer.close()


def measure(role: str, settings: Settings, events: int) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, __file__, "--role", role, "--events", str(events)],
        env=os.environ
        | {
            "NEWSWIRE_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
            "NEWSWIRE_DATA_DIR": str(settings.data_dir),
            "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if not done.stdout.strip():
        raise SystemExit(f"{role} measured nothing:\n{done.stderr[-3000:]}")
    seconds, cpu = done.stdout.rsplit("h", 1)[-1].split()[-2:]
    return events / float(seconds), float(cpu) / events * 1e6


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=40_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--role", choices=["engine", "plain"])
    chosen = arguments.parse_args()
    if chosen.role == "plain":
        asyncio.run(run_plain(load_settings(), chosen.events))
        return
    if chosen.role == "engine":
        run_engine(load_settings(), chosen.events)
        return
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for round_ in range(chosen.rounds):
            with DevBroker(Path(folder) / f"kafka{round_}", ephemeral=True) as broker:
                settings = Settings(kafka_bootstrap=broker.bootstrap, data_dir=Path(folder) / "run")
                fill(settings, chosen.events)
                engine, engine_cpu = measure("engine", settings, chosen.events)
                plain, plain_cpu = measure("plain", settings, chosen.events)
            rows.append((engine, plain, engine / plain, engine_cpu, plain_cpu))
    print_table(
        f"Pass-through of {chosen.events} events of 1 KB, one partition",
        ["round", "engine, events/s", "plain aiokafka, events/s", "ratio", "CPU µs/event", "plain"],
        [
            *(
                [str(n + 1), *(f"{v:,.2f}" if i == 2 else f"{v:,.0f}" for i, v in enumerate(row))]
                for n, row in enumerate(rows)
            ),
            [
                "median",
                *(
                    f"{statistics.median(c):,.2f}" if i == 2 else f"{statistics.median(c):,.0f}"
                    for i, c in enumerate(zip(*rows, strict=True))
                ),
            ],
        ],
        "floor of the ratio: 0.35",
    )


if __name__ == "__main__":
    main()

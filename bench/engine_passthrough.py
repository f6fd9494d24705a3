"""The engine's pass-through beside a plain aiokafka loop with the same guarantee, in one run.

    python -m bench.engine_passthrough [--events 40000] [--rounds 3]

Both read events of 1 KB from one partition, send each to another topic through an idempotent producer,
and commit an offset only when everything before it is delivered.  The engine does it as every stage does:
Faust's consumer, decoding of headers, window, ordered sends, CloudEvents headers, metrics.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.figures import Figure, report
from bench.plain_loop import pass_on
from bench.table import print_table
from newswire.broker import DevBroker
from newswire.settings import Settings, load_settings
from schemas import topics
from schemas.vocabulary import StageName
from streams.engine.records import Done, Emit, Facts, Input, Partition, Result

ROOT = Path(__file__).resolve().parent.parent
FLOOR = 0.35
SOURCE, TARGET = topics.RAW.name, topics.ARTICLE.name


class PassThrough:
    """A stage that does nothing: what is left is the engine."""

    name: StageName = "normalize"
    reads = topics.RAW
    batch_size = 64
    concurrency = 1

    def __init__(self, events: int) -> None:
        self.left = events
        self.begun = self.begun_cpu = 0.0

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def assigned(self, partitions: frozenset[Partition]) -> None: ...
    async def revoked(self, partitions: frozenset[Partition]) -> None: ...

    async def process(self, inputs: list[Input]) -> list[Result]:
        if not self.begun:
            self.begun, self.begun_cpu = time.perf_counter(), time.process_time()
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

    def delivered(self, done: Done, offsets: tuple[int, ...]) -> bool:
        self.left -= 1
        if not self.left:
            tell(time.perf_counter() - self.begun, time.process_time() - self.begun_cpu)
            os.kill(os.getpid(), signal.SIGTERM)
        return True


def tell(seconds: float, cpu_s: float) -> None:
    print(f"{seconds} {cpu_s}", file=sys.__stdout__, flush=True)


def run_engine(settings: Settings, events: int) -> None:
    from streams.engine.faust_app import stage_app
    from streams.engine.worker import run_worker

    app = stage_app(PassThrough(events), settings)

    @app.agent(app.topic(SOURCE))
    async def passing(stream: Any) -> None:
        await app.run_engine(stream)

    run_worker(app, settings)


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
        [sys.executable, "-m", "bench.engine_passthrough", "--role", role, "--events", str(events)],
        cwd=ROOT,
        env=os.environ
        | {
            "NEWSWIRE_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
            "NEWSWIRE_DATA_DIR": str(settings.data_dir),
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
        spent = pass_on(load_settings(), SOURCE, TARGET, chosen.events)
        tell(spent.seconds, spent.cpu_s)
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
        f"floor of the ratio: {FLOOR}",
    )
    ratio = statistics.median(row[2] for row in rows)
    report([Figure(name="engine's pass-through, to a plain aiokafka loop", value=ratio, floor=FLOOR)])


if __name__ == "__main__":
    main()

"""In-memory parts around the engine: a stage that echoes, and outputs that remember."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence

from schemas import topics
from schemas.wire import WireRecord
from streams.engine.errors import DeliveryFailed
from streams.engine.records import Done, Emit, Ending, Facts, Input, Partition, Record, Result

TOPIC = topics.RAW.name


class EchoStage:
    """Emits each input's value to news.article; *handle* may answer otherwise for some."""

    name = "normalize"
    reads = topics.RAW

    def __init__(self, *, batch_size: int = 4, concurrency: int = 1, seed: int | None = None) -> None:
        self.batch_size = batch_size
        self.concurrency = concurrency
        self.random = random.Random(seed) if seed is not None else None
        self.handle: Callable[[Input], Result | None] = lambda _: None
        self.before: Callable[[list[Input]], None] = lambda _: None
        self.vouches = True
        self.confirmed: list[bytes] = []
        self.batches: list[int] = []
        self.running = 0
        self.most_running = 0
        self.log: list[tuple[str, frozenset[Partition]]] = []

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def assigned(self, partitions: frozenset[Partition]) -> None:
        self.log.append(("assigned", partitions))

    async def revoked(self, partitions: frozenset[Partition]) -> None:
        self.log.append(("revoked", partitions))

    async def process(self, inputs: list[Input]) -> list[Result]:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        self.batches.append(len(inputs))
        try:
            if self.random is not None:
                await asyncio.sleep(self.random.random() / 500)
            self.before(inputs)
            return [self.handle(one) or echo(one) for one in inputs]
        finally:
            self.running -= 1

    def delivered(self, done: Done, offsets: tuple[int, ...]) -> bool:
        self.confirmed.append(done.emits[0].value if done.emits else b"")
        return self.vouches


def echo(one: Input, ending: Ending | None = None) -> Done:
    value = one.value or b""
    return Done(
        facts=Facts(item_id=value.decode()),
        emits=(Emit(topic=topics.ARTICLE.name, ce_type="t", ce_id="i", key="k", value=value),),
        ending=ending,
    )


class MemoryOutputs:
    """Delivers after a random while, in order; `delivered_to` tells what a broker would hold."""

    def __init__(self, seed: int | None = None) -> None:
        self.random = random.Random(seed) if seed is not None else None
        self.sent: list[WireRecord] = []
        self.delivered_records: list[WireRecord] = []
        self.fail_from: int | None = None
        self.hold = asyncio.Event()
        self.hold.set()

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def send(self, record: WireRecord) -> asyncio.Future[int]:
        self.sent.append(record)
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        future.set_result(len(self.sent) - 1)
        return future

    async def delivered(self, sent: Sequence[tuple[WireRecord, asyncio.Future[int]]]) -> tuple[int, ...]:
        await self.hold.wait()
        offsets = []
        for record, pending in sent:
            if self.random is not None and self.random.random() < 0.3:
                await asyncio.sleep(self.random.random() / 1000)
            offset = await pending
            if self.fail_from is not None and offset >= self.fail_from:
                raise DeliveryFailed("the broker is gone")
            self.delivered_records.append(record)
            offsets.append(offset)
        return tuple(offsets)

    def values(self, topic: str) -> list[bytes | None]:
        return [record.value for record in self.delivered_records if record.topic == topic]


def record(offset: int, value: bytes | None = None, partition: int = 0) -> Record:
    return Record(TOPIC, partition, offset, 1_700_000_000_000, b"k", value or b"%d" % offset)

"""What is fetched across a rebalance is read again, whatever the group has committed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import pytest
from aiokafka.errors import IllegalStateError
from faust.transport.consumer import Consumer
from faust.types import TP

from newswire.telemetry.metrics import REGISTRY
from schemas import topics
from streams.engine.consumer import EngineConsumer, Fetched

ONE, TWO = TP(topics.RAW.name, 0), TP(topics.RAW.name, 1)


class StubConsumer(EngineConsumer):
    """The consumer without its thread, its app and its services."""

    def __init__(self, meanwhile: Callable[[StubConsumer], None] = lambda _: None) -> None:
        self.app = SimpleNamespace(  # type: ignore[assignment]
            engine=SimpleNamespace(
                revocations=0, epoch=lambda _: 7, stage=SimpleNamespace(name="normalize"), fail=self.failed
            ),
            consumer_generation_id=1,
            conf=SimpleNamespace(broker_request_timeout=60),
        )
        self.flow_active = True
        self._next = {}
        self._sought_at = 0
        self._one_seek = asyncio.Lock()
        self.begins = {ONE: 0, TWO: 0}
        self.ends = {ONE: 9, TWO: 9}
        self.committed_anew: list[dict[TP, int]] = []
        self.failures: list[BaseException] = []
        self._buffered_partitions = set()
        self._committed_offset: dict[TP, int | None] = {}
        self._read_offset: dict[TP, int | None] = {}
        self.fetched: dict[TP, list[Any]] = {ONE: [record(3), record(4)]}
        self.meanwhile = meanwhile
        self.stopped = False
        self.seek_wait = AsyncMock()  # type: ignore[method-assign]

    @property
    def should_stop(self) -> bool:
        return self.stopped

    def assignment(self) -> set[TP]:
        return {ONE, TWO}

    async def earliest_offsets(self, *partitions: TP) -> dict[TP, int]:
        return {each: self.begins[each] for each in partitions}

    async def highwaters(self, *partitions: TP) -> dict[TP, int]:
        return {each: self.ends[each] for each in partitions}

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        self.committed_anew.append(dict(offsets))
        return True

    def failed(self, error: BaseException) -> None:
        self.failures.append(error)

    async def _wait_next_records(self, timeout: float) -> tuple[Any, Any]:
        self.meanwhile(self)
        return self.fetched, {ONE, TWO}

    def _to_message(self, tp: TP, record: Any) -> Any:
        return SimpleNamespace(offset=record.offset)

    async def gotten(self) -> list[tuple[TP, Fetched]]:
        return [(tp, message.value) async for tp, message in self.getmany(1.0)]


def record(offset: int) -> Any:
    return SimpleNamespace(
        topic=ONE.topic, partition=0, offset=offset, timestamp=0, key=None, value=b"v", headers=()
    )


@pytest.fixture(autouse=True)
def seek_to_committed(monkeypatch: pytest.MonkeyPatch) -> AsyncMock:
    sought = AsyncMock()
    monkeypatch.setattr(Consumer, "perform_seek", sought)
    return sought


def rebalances(consumer: StubConsumer) -> None:
    assert consumer.app.engine is not None
    consumer.app.engine.revocations += 1


def rebalanced(consumer: StubConsumer) -> None:
    rebalances(consumer)
    consumer._sought_at += 1


def stopped_flow(consumer: StubConsumer) -> None:
    consumer.flow_active = False


async def test_a_batch_carries_its_records_and_the_epoch_of_its_partition():
    ((tp, batch),) = await StubConsumer().gotten()
    assert tp == ONE
    assert [each.offset for each in batch.records] == [3, 4]
    assert batch.epoch == 7


async def test_what_was_fetched_across_a_rebalance_is_dropped_and_sought_again(seek_to_committed: AsyncMock):
    consumer = StubConsumer(rebalanced)
    assert await consumer.gotten() == []
    seek_to_committed.assert_awaited_once()
    # Nothing is committed: Faust's seek leaves the partitions behind what was dropped.
    consumer.seek_wait.assert_awaited_once_with({ONE: 0, TWO: 0})


async def test_a_partition_that_is_committed_is_not_sought_to_its_beginning(seek_to_committed: AsyncMock):
    consumer = StubConsumer(rebalanced)
    consumer._read_offset = {ONE: 3}
    assert await consumer.gotten() == []
    seek_to_committed.assert_awaited_once()
    consumer.seek_wait.assert_awaited_once_with({TWO: 0})


async def test_a_seek_into_the_next_rebalance_is_left_to_that(seek_to_committed: AsyncMock):
    seek_to_committed.side_effect = IllegalStateError
    assert await StubConsumer(rebalanced).gotten() == []


async def test_what_is_fetched_into_a_rebalance_is_left_to_its_end(seek_to_committed: AsyncMock):
    assert await StubConsumer(rebalances).gotten() == []
    seek_to_committed.assert_not_awaited()


async def test_nothing_is_fetched_before_the_stage_is_ready_and_its_partitions_are_sought():
    asked: list[StubConsumer] = []
    consumer = StubConsumer(asked.append)
    consumer.sleep = AsyncMock()  # type: ignore[method-assign]
    rebalances(consumer)
    assert await consumer.gotten() == []
    assert asked == []
    await consumer.perform_seek()
    assert len(await consumer.gotten()) == 1
    assert asked == [consumer]


async def test_a_seek_of_an_assignment_that_is_over_opens_nothing(seek_to_committed: AsyncMock):
    consumer = StubConsumer()
    consumer.sleep = AsyncMock()  # type: ignore[method-assign]
    seek_to_committed.side_effect = lambda: rebalances(consumer)
    await consumer.perform_seek()
    assert await consumer.gotten() == []


async def test_what_comes_while_the_flow_is_stopped_is_sought_again(seek_to_committed: AsyncMock):
    # The seek at the end of the rebalance may have been before the fetch.
    assert await StubConsumer(stopped_flow).gotten() == []
    seek_to_committed.assert_awaited_once()


@pytest.mark.parametrize("meanwhile", [rebalanced, stopped_flow])
async def test_a_fetch_across_a_rebalance_that_brought_nothing_seeks_nothing(
    meanwhile: Callable[[StubConsumer], None], seek_to_committed: AsyncMock
):
    consumer = StubConsumer(meanwhile)
    consumer.fetched = {}
    assert await consumer.gotten() == []
    seek_to_committed.assert_not_awaited()


async def test_a_rebalance_while_a_batch_is_handed_over_sends_the_others_back(seek_to_committed: AsyncMock):
    consumer = StubConsumer()
    consumer.fetched = {ONE: [record(3)], TWO: [record(8)]}
    handed = []
    async for tp, _message in consumer.getmany(1.0):
        handed.append(tp)
        rebalanced(consumer)
    assert handed == [ONE]
    seek_to_committed.assert_awaited_once()


async def test_a_seek_that_is_not_answered_ends_the_worker(seek_to_committed: AsyncMock):
    seek_to_committed.side_effect = asyncio.Event().wait
    consumer = StubConsumer()
    consumer.app.conf.broker_request_timeout = 0.1
    with pytest.raises(TimeoutError):
        await consumer.perform_seek()


def skipped() -> float:
    return REGISTRY.get_sample_value("newswire_input_skipped_records_total", {"stage": "normalize"}) or 0.0


async def test_what_is_committed_beyond_the_end_is_committed_anew_at_the_beginning():
    consumer = StubConsumer()
    consumer._read_offset = {ONE: 12, TWO: 9}
    consumer.begins[ONE] = 2
    before = skipped()
    await consumer.perform_seek()
    assert consumer.committed_anew == [{ONE: 2}]
    consumer.seek_wait.assert_awaited_once_with({ONE: 2})
    assert consumer._committed_offset == {ONE: 2, TWO: 9}
    assert skipped() == before


async def test_a_partition_made_anew_is_one_of_which_nothing_is_committed():
    consumer = StubConsumer()
    consumer._read_offset = {ONE: 12, TWO: 9}
    consumer.ends[ONE] = 0
    await consumer.perform_seek()
    assert consumer.committed_anew == [{ONE: 0}]
    # Faust takes an offset of 0 for a commit that may never be passed.
    assert consumer._committed_offset == {ONE: None, TWO: 9}


async def test_what_is_deleted_before_it_was_read_is_counted():
    consumer = StubConsumer()
    consumer._read_offset = {ONE: 3, TWO: 9}
    consumer.begins = {ONE: 7, TWO: 9}
    before = skipped()
    await consumer.perform_seek()
    assert consumer.committed_anew == [{ONE: 7}]
    consumer.seek_wait.assert_awaited_once_with({ONE: 7})
    assert skipped() == before + 4


async def test_what_is_deleted_under_the_reader_is_counted_and_the_rest_is_taken():
    consumer = StubConsumer()
    consumer._next = {ONE: 1}
    consumer.begins[ONE] = 3
    before = skipped()
    ((_tp, batch),) = await consumer.gotten()
    assert [each.offset for each in batch.records] == [3, 4]
    assert skipped() == before + 2
    assert consumer._next == {ONE: 5}


async def test_a_gap_that_nobody_deleted_is_none():
    consumer = StubConsumer()
    consumer._next = {ONE: 1}
    before = skipped()
    assert len(await consumer.gotten()) == 1
    assert skipped() == before


async def test_a_log_that_goes_back_under_the_reader_ends_the_worker():
    consumer = StubConsumer()
    consumer._next = {ONE: 8}
    assert await consumer.gotten() == []
    (failure,) = consumer.failures
    assert "went back from 8 to 3" in str(failure)


async def test_an_offset_of_0_is_a_commit_like_any_other():
    consumer = StubConsumer()
    consumer._read_offset = {ONE: 0, TWO: 9}
    consumer.begins[ONE] = 4
    before = skipped()
    await consumer.perform_seek()
    assert consumer.committed_anew == [{ONE: 4}]
    assert skipped() == before + 4


async def test_what_is_delivered_during_a_commit_is_committed_after_it():
    consumer = StubConsumer()
    consumer.loop = asyncio.get_running_loop()
    delivered, committed, answered = 1, [], asyncio.Event()

    async def drain(_timeout_s: float) -> bool:
        nonlocal delivered
        delivered = 2
        return True

    async def force_commit(*_args: Any, **_options: Any) -> bool:
        committed.append(delivered)
        await answered.wait()
        return True

    consumer.app.client_only = False
    consumer.app.settings = SimpleNamespace(drain_timeout_s=10)  # type: ignore[assignment]
    consumer.app.engine.drain = drain  # type: ignore[union-attr,method-assign]
    consumer.force_commit = force_commit  # type: ignore[method-assign]
    every_now_and_then = asyncio.create_task(consumer.commit())
    await asyncio.sleep(0)
    revoked = asyncio.create_task(consumer.wait_empty())
    for _ in range(5):
        await asyncio.sleep(0)
    assert (delivered, committed) == (2, [1])
    answered.set()
    await asyncio.gather(every_now_and_then, revoked)
    assert committed == [1, 2]

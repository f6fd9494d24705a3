from __future__ import annotations

import asyncio
from typing import Self
from unittest.mock import AsyncMock

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newswire.telemetry.metrics import REGISTRY
from schemas import topics
from schemas.dead_letter import read_headers
from schemas.outcome import Outcome
from streams.engine.engine import Engine, Limits
from streams.engine.errors import DeliveryFailed, Fatal, Retriable
from streams.engine.records import Ending, Facts, Failed, Input, Partition, Result
from tests.unit.engine.engine_parts import TOPIC, EchoStage, MemoryOutputs, echo, record

P0 = frozenset({(TOPIC, 0)})


class Running:
    def __init__(self, stage: EchoStage, outputs: MemoryOutputs, **limits: float) -> None:
        self.crashes: list[BaseException] = []
        self.engine = Engine(stage, outputs, Limits(retry_max_wait_s=0.01, **limits), self.crashes.append)

    async def __aenter__(self) -> Self:
        await self.engine.start()
        await self.engine.assigned(P0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.engine.stop()


async def test_outputs_keep_the_order_of_inputs_whatever_batch_is_done_first():
    stage, outputs = EchoStage(batch_size=3, concurrency=4, seed=1), MemoryOutputs(seed=2)
    async with Running(stage, outputs) as running:
        for offset in range(200):
            await running.engine.submit([record(offset)])
        assert await running.engine.drain(60)
    assert outputs.values(topics.ARTICLE.name) == [b"%d" % n for n in range(200)]
    assert stage.most_running > 1
    assert running.engine.committable() == {(TOPIC, 0): 200}
    assert not running.crashes


@given(seed=st.integers(0, 10_000), concurrency=st.integers(1, 5), cut=st.integers(0, 120))
@settings(max_examples=40, deadline=None)
def test_what_is_committable_is_delivered_at_every_moment(seed: int, concurrency: int, cut: int):
    async def run() -> None:
        stage, outputs = EchoStage(batch_size=4, concurrency=concurrency, seed=seed), MemoryOutputs(seed)
        async with Running(stage, outputs, window_events=17) as running:
            for offset in range(120):
                await running.engine.submit([record(offset)])
                delivered = len(outputs.values(topics.ARTICLE.name))
                assert running.engine.committable().get((TOPIC, 0), 0) <= delivered
                assert running.engine.in_flight <= 17
                if offset == cut:
                    # As good as a kill: nothing more happens, and what may be committed has been delivered.
                    return

    asyncio.run(run())


async def test_an_undelivered_output_keeps_its_offset_and_all_later_ones_uncommitted():
    stage, outputs = EchoStage(), MemoryOutputs()
    outputs.hold.clear()
    async with Running(stage, outputs) as running:
        for offset in range(10):
            await running.engine.submit([record(offset)])
        await asyncio.sleep(0.05)
        assert running.engine.committable() == {}
        assert running.engine.oldest_age() > 0
        outputs.hold.set()
        assert await running.engine.drain(60)
    assert running.engine.committable() == {(TOPIC, 0): 10}
    assert running.engine.oldest_age() == 0


async def test_a_failed_delivery_ends_the_engine_and_commits_nothing_past_it():
    stage, outputs = EchoStage(batch_size=2), MemoryOutputs()
    outputs.fail_from = 5
    async with Running(stage, outputs) as running:
        for offset in range(50):
            await running.engine.submit([record(offset)])
        while not running.crashes:
            await asyncio.sleep(0.01)
        with pytest.raises(Fatal):
            await running.engine.submit([record(50)])
        assert len(running.crashes) == 1
        assert isinstance(running.crashes[0], DeliveryFailed)
        assert running.engine.committable()[TOPIC, 0] <= 5


async def test_what_cannot_be_handled_is_a_dead_letter_with_the_original_bytes_and_one_outcome():
    stage, outputs = EchoStage(), MemoryOutputs()
    poison = b'{"item_id": "the-item", "source_id": "s", \xff}'

    def handle(one: Input) -> Result | None:
        if one.value == poison:
            return Failed(reason="not_json", error="DecodeError", message="bad")
        return None

    stage.handle = handle
    async with Running(stage, outputs) as running:
        await running.engine.submit([record(0)])
        await running.engine.submit([record(1, poison)])
        await running.engine.submit([record(2)])
        assert await running.engine.drain(60)
    letters = [r for r in outputs.delivered_records if r.topic == topics.DEAD_LETTER.name]
    assert [r.value for r in letters] == [poison]
    headers = read_headers(letters[0].headers)
    assert (headers.topic, headers.partition, headers.offset, headers.reason) == (TOPIC, 0, 1, "not_json")
    ends = [
        msgspec.json.decode(r.value or b"", type=Outcome)
        for r in outputs.delivered_records
        if r.topic == topics.OUTCOMES.name
    ]
    assert [(e.outcome, e.reason, e.item_id) for e in ends] == [("dead_letter", "not_json", headers.item_id)]
    assert running.engine.committable() == {(TOPIC, 0): 3}


async def test_the_stage_that_ends_an_item_writes_its_outcome_with_times_and_hops():
    stage, outputs = EchoStage(), MemoryOutputs()
    stage.handle = lambda one: echo(one, Ending("rejected", "empty"))
    async with Running(stage, outputs) as running:
        await running.engine.submit([record(7)])
        assert await running.engine.drain(60)
    (end,) = [
        msgspec.json.decode(r.value or b"", type=Outcome)
        for r in outputs.delivered_records
        if r.topic == topics.OUTCOMES.name
    ]
    assert (end.outcome, end.reason, end.stage, end.attempt) == ("rejected", "empty", "normalize", 1)
    assert [(h.topic, h.partition, h.offset) for h in end.hops] == [(TOPIC, 0, 7)]
    assert end.times.raw == "2023-11-14T22:13:20.000000Z"
    assert end.times.normalized is not None


async def test_a_stage_that_cannot_vouch_for_its_state_gives_its_partitions_up():
    stage = EchoStage()
    async with Running(stage, MemoryOutputs()) as running:
        engine = running.engine
        await engine.submit([record(0)])
        assert await engine.drain(60)
        assert not engine.gives_up
        stage.vouches = False
        await engine.assigned(P0)
        await engine.submit([record(1)])
        assert await engine.drain(60)
        assert engine.gives_up
        # What it has judged is delivered all the same.
        assert engine.committable() == {(TOPIC, 0): 2}
        await engine.revoked(P0)
        assert not engine.gives_up


async def test_a_drain_does_not_wait_for_an_engine_that_has_failed():
    outputs = MemoryOutputs()
    outputs.hold.clear()
    async with Running(EchoStage(), outputs) as running:
        await running.engine.submit([record(0)])
        draining = asyncio.create_task(running.engine.drain(3600))
        await asyncio.sleep(0)
        running.engine.fail(Fatal("broken"))
        assert not await draining
        assert not await running.engine.drain(3600)
        assert running.engine.committable() == {}


async def test_results_of_a_revoked_partition_are_dropped_and_not_committed():
    stage, outputs = EchoStage(batch_size=1, concurrency=1), MemoryOutputs()
    release = asyncio.Event()

    async def slow(inputs: list[Input]) -> list[Result]:
        await release.wait()
        return [echo(one) for one in inputs]

    stage.process = slow  # type: ignore[method-assign]
    async with Running(stage, outputs) as running:
        for offset in range(5):
            await running.engine.submit([record(offset)])
        assert not await running.engine.drain(0.05)
        await running.engine.revoked(P0)
        release.set()
        assert await running.engine.drain(60)
        assert running.engine.committable() == {}
        await running.engine.assigned(P0)
        for offset in range(3):
            await running.engine.submit([record(offset)])
        assert await running.engine.drain(60)
    assert outputs.values(topics.ARTICLE.name) == [b"0", b"1", b"2"]
    assert running.engine.committable() == {(TOPIC, 0): 3}


async def test_an_event_that_waits_for_room_while_its_partition_goes_is_left_to_the_next_owner():
    stage, outputs = EchoStage(), MemoryOutputs()
    outputs.hold.clear()
    async with Running(stage, outputs, window_events=2) as running:
        await running.engine.submit([record(0)])
        await running.engine.submit([record(1)])
        waiting = asyncio.create_task(running.engine.submit([record(2)]))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        await running.engine.revoked(P0)
        outputs.hold.set()
        assert await running.engine.drain(60)
        await running.engine.assigned(P0)
        await waiting
        assert running.engine.in_flight == 0


async def test_retriable_failures_are_tried_again_and_then_end_the_engine():
    stage, outputs = EchoStage(), MemoryOutputs()
    failures = [Retriable("busy"), Retriable("busy")]

    def before(_: list[Input]) -> None:
        if failures:
            raise failures.pop()

    stage.before = before
    async with Running(stage, outputs, retry_attempts=3) as running:
        await running.engine.submit([record(0)])
        assert await running.engine.drain(60)
        assert not running.crashes
        failures.extend([Retriable("busy")] * 9)
        await running.engine.assigned(P0)
        await running.engine.submit([record(1)])
        while not running.crashes:
            await asyncio.sleep(0.01)
    assert isinstance(running.crashes[0], Retriable)
    assert running.engine.committable() == {(TOPIC, 0): 1}


@pytest.mark.parametrize("attempts", [1, 2, 3])
async def test_retry_attempts_are_all_tries_the_first_included(attempts: int):
    stage, outputs = EchoStage(), MemoryOutputs()
    stage.process = AsyncMock(side_effect=Retriable("busy"))  # type: ignore[method-assign]
    async with Running(stage, outputs, retry_attempts=attempts) as running:
        await running.engine.submit([record(0)])
        while not running.crashes:
            await asyncio.sleep(0.01)
        assert stage.process.await_count == attempts


async def test_records_asked_for_before_the_partition_came_back_are_read_again():
    stage, outputs = EchoStage(), MemoryOutputs()
    async with Running(stage, outputs) as running:
        engine = running.engine
        before = engine.epoch((TOPIC, 0))
        await engine.revoked(P0)
        between = engine.epoch((TOPIC, 0))
        await engine.submit([record(7)], between)
        assert await engine.assigned(P0)
        await engine.submit([record(5)], before)
        await engine.submit([record(6)], between)
        assert engine.in_flight == 0
        await engine.submit([record(4)], engine.epoch((TOPIC, 0)))
        assert await engine.drain(60)
    assert outputs.values(topics.ARTICLE.name) == [b"4"]
    assert engine.committable() == {(TOPIC, 0): 5}


async def test_partitions_that_go_while_the_stage_gets_ready_are_not_taken():
    stage, outputs = EchoStage(), MemoryOutputs()
    async with Running(stage, outputs) as running:
        engine = running.engine
        await engine.revoked(P0)
        gone = asyncio.Event()

        async def slow(_: frozenset[Partition]) -> None:
            await gone.wait()

        stage.assigned = slow  # type: ignore[method-assign]
        assigned = asyncio.create_task(engine.assigned(P0))
        await asyncio.sleep(0)
        await engine.revoked(P0)
        gone.set()
        assert not await assigned
        await engine.submit([record(0)])
        assert engine.in_flight == 0


async def test_an_output_over_its_topics_limit_makes_its_event_a_dead_letter():
    stage, outputs = EchoStage(), MemoryOutputs()
    huge = b"x" * (topics.ARTICLE.record_bytes + 1)
    async with Running(stage, outputs) as running:
        await running.engine.submit([record(0, huge)])
        assert await running.engine.drain(60)
    assert [r.topic for r in outputs.delivered_records] == [topics.DEAD_LETTER.name, topics.OUTCOMES.name]
    assert outputs.delivered_records[0].value == huge


async def test_the_window_is_bounded_in_bytes_and_lets_one_large_event_through():
    stage, outputs = EchoStage(), MemoryOutputs()
    outputs.hold.clear()
    async with Running(stage, outputs, window_bytes=100) as running:
        await running.engine.submit([record(0, b"x" * 500)])
        waiting = asyncio.create_task(running.engine.submit([record(1)]))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        outputs.hold.set()
        await waiting
        assert await running.engine.drain(60)


async def test_a_stage_that_answers_with_the_wrong_number_of_results_ends_the_engine():
    stage, outputs = EchoStage(), MemoryOutputs()

    async def short(inputs: list[Input]) -> list[Result]:
        return []

    stage.process = short  # type: ignore[method-assign]
    async with Running(stage, outputs) as running:
        await running.engine.submit([record(0)])
        while not running.crashes:
            await asyncio.sleep(0.01)
    assert running.engine.committable() == {}


@pytest.mark.parametrize("synthetic", [False, True])
async def test_a_canary_is_in_nobodys_counts(synthetic: bool):
    def counted(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, labels) or 0.0

    def counts() -> list[float]:
        return [
            counted(
                "newswire_outcomes_total", stage="normalize", outcome="rejected", reason="empty", lane="live"
            ),
            counted(
                "newswire_outcomes_total", stage="normalize", outcome="dead_letter", reason="r", lane="live"
            ),
            counted("newswire_dead_letters_total", stage="normalize", reason="r"),
            counted("newswire_seen_to_end_seconds_count", stage="normalize"),
        ]

    stage, outputs = EchoStage(), MemoryOutputs()
    facts = Facts(item_id="i", synthetic=synthetic, observed="2026-11-24T09:30:00Z")
    stage.handle = lambda one: (
        Failed(reason="r", error="E", message="m", facts=facts)
        if one.value == b"0"
        else msgspec.structs.replace(echo(one, Ending("rejected", "empty")), facts=facts)
    )
    before = counts()
    async with Running(stage, outputs) as running:
        await running.engine.submit([record(0), record(1)])
        assert await running.engine.drain(60)
    assert [now - then for now, then in zip(counts(), before, strict=True)] == [0 if synthetic else 1] * 4
    assert [each.counted for each in outputs.delivered_records] == [not synthetic] * 4

"""Faust's consumer, made to lose nothing: whole batches in, and out only what the engine has delivered.

Faust keeps its own account of acknowledgements, which commits past a gap and past events whose agent
raised.  `EngineConsumer` replaces that account: offsets come from `Engine.committable` alone, and waiting
for "empty streams" on a revocation or a stop is `Engine.drain`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import mode
from aiokafka.errors import IllegalStateError
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP, ConsumerMessage

from newswire.telemetry.logs import log
from streams.engine.records import Record

if TYPE_CHECKING:
    from streams.engine.faust_app import StageApp

__all__ = ["EngineConsumer", "Fetched"]

BATCHES_AHEAD = 2
"""Fetched batches that wait for the engine before no more are fetched."""
ALIVE_EVERY_S = 1.0
SEEK_SHARE = 0.9
"""Of the time that Faust waits for a seek."""


class Fetched(NamedTuple):
    """Records of one partition, in offset order, and the partition's epoch when they were asked for."""

    records: list[Record]
    epoch: int


class EngineConsumer(Consumer):
    """Faust's consumer, handing over whole fetched batches and committing what the engine has delivered.

    A batch travels through Faust as one message whose value is `Fetched`: Faust's way from the fetcher to
    an agent costs more for each message than everything else the engine does.
    """

    app: StageApp
    _handed: asyncio.Event | None = None
    _handed_batches = 0
    _handed_generation = -1

    def taken(self) -> None:
        """Learn that the engine has taken a batch."""
        self._handed_batches -= 1
        if self._handed is not None:
            self._handed.set()

    async def _may_fetch(self, wait_s: float) -> bool:
        # Back pressure is ours: Faust's own pauses the partitions when its queue fills and then sleeps for
        # a whole second at a time.
        if self._handed_generation != self.app.consumer_generation_id:
            # Batches of an older generation were thrown away unseen.
            self._handed_generation, self._handed_batches = self.app.consumer_generation_id, 0
        if self._handed is None:
            self._handed = asyncio.Event()
        if self._handed_batches >= BATCHES_AHEAD:
            self._handed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._handed.wait(), wait_s)
        return self._handed_batches < BATCHES_AHEAD

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109
        """Fetch, and give one message for each partition: its records in offset order."""
        engine = self.app.engine
        assert engine is not None
        if not await self._may_fetch(timeout):
            return
        if not self.flow_active:
            await self.wait(cast("Any", self.can_resume_flow))
        asked_at = engine.revocations
        waited: Any = await self._wait_next_records(timeout)
        records, _active = waited
        if not records or self.should_stop:
            return
        for tp, fetched in records.items():
            if self._rebalanced_since(asked_at):
                await self._read_again()
                return
            if fetched:
                self._handed_batches += 1
                yield tp, self._batch_message(tp, fetched, engine.epoch((tp.topic, tp.partition)))

    async def _read_again(self) -> None:
        """Go back over what was fetched across a rebalance, and may be of either assignment.

        That a rebalance ends with a seek is not enough: this fetch may have come after it.
        """
        # The partitions may go meanwhile (aiokafka asserts that there are any): they are sought anew then.
        with contextlib.suppress(IllegalStateError, AssertionError):
            if self.assignment():
                await self.perform_seek()

    async def perform_seek(self) -> None:
        """Go back to what the group has committed, or to the beginning of what it never committed.

        Faust's leaves the latter where it is: behind records that a fetch has given out and nobody took.

        Raises:
            TimeoutError: the broker does not answer.  Faust waits little longer at the end of a rebalance, and
                then stands still without a word.
        """
        async with asyncio.timeout(SEEK_SHARE * self.app.conf.broker_request_timeout):
            await super().perform_seek()
            new = [tp for tp in self.assignment() if self._committed_offset.get(tp) is None]
            if new:
                await self.seek_wait(await self.earliest_offsets(*new))

    def _rebalanced_since(self, revocations: int) -> bool:
        assert self.app.engine is not None
        return not self.flow_active or self.app.engine.revocations != revocations

    def _batch_message(self, tp: TP, fetched: list[Any], epoch: int) -> ConsumerMessage:
        last: Any = self._to_message(tp, fetched[-1])
        last.key, last.headers = None, None
        last.value = Fetched(
            [
                Record(r.topic, r.partition, r.offset, r.timestamp, r.key, r.value, tuple(r.headers or ()))
                for r in fetched
            ],
            epoch,
        )
        return cast("ConsumerMessage", last)

    @mode.Service.task
    async def _stay_in_group(self) -> None:
        """Tell aiokafka that this process is alive, for as long as its loop turns.

        A member that fetches nothing for ``max.poll.interval.ms`` leaves its group, and aiokafka does not let
        it join again before it fetches.  But a standby has nothing to fetch, a worker that rebuilds its state
        may not, and a full window waits; what is stuck there has time limits of its own.
        """
        while True:
            await self.sleep(ALIVE_EVERY_S)
            if self.should_stop:
                return
            self._thread.thread_loop.call_soon_threadsafe(self._count_as_fetching)

    def _count_as_fetching(self) -> None:
        # In the consumer's own thread.  Between its stop and a restart there is no consumer.
        consumer: Any = self._thread._consumer  # noqa: SLF001 - Faust offers no other way
        if consumer is not None:
            with consumer._subscription.fetch_context():  # noqa: SLF001 - nor does aiokafka
                pass

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        # Between the last records of two batches there is no gap; and what is committed is not counted here.
        pass

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return iter(self._engine_offsets())

    def _filter_committable_offsets(self, tps: Iterable[TP]) -> dict[TP, int]:
        return {
            tp: offset for tp, offset in self._engine_offsets().items() if self._should_commit(tp, offset)
        }

    def _engine_offsets(self) -> Mapping[TP, int]:
        engine = self.app.engine
        if engine is None:
            return {}
        return {TP(topic, number): offset for (topic, number), offset in engine.committable().items()}

    async def wait_empty(self) -> None:
        """Wait for the events in flight to be delivered, then commit them."""
        engine = self.app.engine
        if engine is not None:
            timeout = self.app.settings.drain_timeout_s
            if not await engine.drain(timeout):
                log.warning("drain_timed_out", stage=engine.stage.name, in_flight=engine.in_flight)
        await self.commit_and_end_transactions()

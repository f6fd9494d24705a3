"""Faust's consumer, made to lose nothing: whole batches in, and out only what the engine has delivered.

Faust keeps its own account of acknowledgements, which commits past a gap and past events whose agent
raised.  `EngineConsumer` replaces that account: offsets come from `Engine.committable` alone, and waiting
for "empty streams" on a revocation or a stop is `Engine.drain`.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import mode
from aiokafka.errors import IllegalStateError
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP, ConsumerMessage

from newswire.telemetry.health import BEAT_S, HEALTH
from newswire.telemetry.logs import log
from streams.engine import membership
from streams.engine.errors import Fatal
from streams.engine.positions import Moved, moved, tell
from streams.engine.records import Record

if TYPE_CHECKING:
    from streams.engine.faust_app import StageApp

__all__ = ["EngineConsumer", "Fetched"]

BATCHES_AHEAD = 2
"""Fetched batches that wait for the engine before no more are fetched."""
ALIVE_EVERY_S = 1.0
NOT_YET_S = 0.05
"""How long a fetch waits where it may not begin."""
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._next: dict[TP, int] = {}
        """Where each partition is to be read on, as far as that is known."""
        self._sought_at = -1
        """The engine's count of revocations when the last assignment was sought."""
        self._one_seek = asyncio.Lock()
        self._beats_in: asyncio.AbstractEventLoop | None = None

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
        if not self._is_sought():
            # Faust leaves the flow on for a worker that had no partitions.  Of what it reads before the stage is ready
            # and the seek is done, a part would be dropped, and the rest be taken before that comes again.
            await self.sleep(NOT_YET_S)
            return
        asked_at = engine.revocations
        waited: Any = await self._wait_next_records(timeout)
        records, _active = waited
        if not records or self.should_stop:
            return
        for tp, fetched in records.items():
            if not self.flow_active or engine.revocations != asked_at:
                await self._read_again()
                return
            if not fetched:
                continue
            first, next_ = fetched[0].offset, self._next.get(tp, fetched[0].offset)
            if first < next_:
                # Where the log under a reader loses its newest records, aiokafka goes back to the beginning;
                # Faust drops what lies before the last record that it had, and would stand still.
                engine.fail(
                    Fatal(
                        f"{tp.topic}/{tp.partition} went back from {next_} to {first}: its log was cut or made anew"
                    )
                )
                return
            self._next[tp] = fetched[-1].offset + 1
            self._handed_batches += 1
            message = self._batch_message(tp, fetched, engine.epoch((tp.topic, tp.partition)))
            if first > next_:
                await self._tell_if_deleted(tp, next_, first)
            yield tp, message

    def _is_sought(self) -> bool:
        assert self.app.engine is not None
        return self._sought_at == self.app.engine.revocations

    async def _read_again(self) -> None:
        """Go back over what was fetched across a rebalance, and may be of either assignment.

        That a rebalance ends with a seek is not enough: this fetch may have come after it.
        """
        # The partitions may go meanwhile (aiokafka asserts that there are any): they are sought anew then.
        with contextlib.suppress(IllegalStateError, AssertionError):
            async with self._one_seek:
                if self._is_sought() and self.assignment():
                    await self._seek_committed()

    async def _tell_if_deleted(self, tp: TP, next_: int, first: int) -> None:
        """Tell of records that are gone: where a log loses its oldest, aiokafka goes on with the first that is left.

        Markers of transactions have offsets, too, and are not given out.
        """
        assert self.app.engine is not None
        begin = (await self.earliest_offsets(tp))[tp]
        if begin > next_:
            tell(self.app.engine.stage.name, Moved(tp, next_, begin, first))

    async def perform_seek(self) -> None:
        """Go back to what the group has committed, or to the beginning of what it never committed.

        Faust's leaves the latter where it is: behind records that a fetch has given out and nobody took.
        What was committed and is not within the log is committed anew, at the beginning of what there is: were
        it left, the log would grow to it again, and all below it would never be read.

        Raises:
            TimeoutError: the broker does not answer.  Faust waits little longer at the end of a rebalance, and
                then stands still without a word.
        """
        assert self.app.engine is not None
        revocations = self.app.engine.revocations
        async with asyncio.timeout(SEEK_SHARE * self.app.conf.broker_request_timeout), self._one_seek:
            await self._seek_committed()
            self._sought_at = revocations

    async def _seek_committed(self) -> None:
        self._next.clear()
        await super().perform_seek()
        owned = self.assignment()
        if not owned:
            return
        begins, ends = await self.earliest_offsets(*owned), await self.highwaters(*owned)
        # What Faust has just read of the group; its account of commits takes an offset of 0 for none, and keeps
        # what was committed before offsets were deleted.
        next_ = {tp: self._read_offset.get(tp) for tp in owned}
        self._committed_offset.update({tp: offset or None for tp, offset in next_.items()})
        away = moved(next_, begins, ends)
        await self._commit_anew(away)
        next_ |= {each.tp: None for each in away}
        new = {tp: begins[tp] for tp, offset in next_.items() if offset is None}
        if new:
            await self.seek_wait(new)
        self._next = {tp: begins[tp] if offset is None else offset for tp, offset in next_.items()}

    async def _commit_anew(self, away: list[Moved]) -> None:
        assert self.app.engine is not None
        for each in away:
            tell(self.app.engine.stage.name, each)
        if away and await self._commit({each.tp: each.begin for each in away}):
            self._committed_offset.update({each.tp: each.begin or None for each in away})

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
        """Keep this process's place in its group for as long as its loop turns; see `streams.engine.membership`."""
        while True:
            await self.sleep(ALIVE_EVERY_S)
            if self.should_stop:
                return
            engine = self.app.engine
            gives_up = engine is not None and engine.gives_up
            self._thread.thread_loop.call_soon_threadsafe(self._stay, gives_up)

    def _stay(self, gives_up: bool) -> None:
        # In the consumer's own thread.  Between its stop and a restart there is no consumer, and while it starts none
        # that is of a group.
        loop = asyncio.get_running_loop()
        if self._beats_in is not loop:
            self._beats_in = loop
            self._beat(loop)
        consumer: Any = self._thread._consumer  # noqa: SLF001 - Faust offers no other way
        if consumer is not None and consumer._coordinator is not None:  # noqa: SLF001
            membership.count_as_fetching(consumer)
            membership.ask_for_missing_topics(consumer)
            if gives_up:
                membership.join_anew(consumer)
            error = membership.given_up(consumer)
            if error is not None:
                self.app.loop.call_soon_threadsafe(self._no_member, error)
            elif membership.is_member(consumer):
                self.app.in_group_at = time.monotonic()

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        # By itself: were it told to by the main loop, a stall of that one would look like a stall of both.
        HEALTH.beat("kafka_loop")
        loop.call_later(BEAT_S, self._beat, loop)

    def _no_member(self, error: BaseException) -> None:
        # What is in flight was not committed, and whoever watches this process starts another.
        if self.app.engine is not None and not self.app.should_stop:
            self.app.engine.fail(Fatal(f"the client has left its group for good: {error!r}"))

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
                log.warning("not_drained", stage=engine.stage.name, in_flight=engine.in_flight)
        # Faust's commit() does nothing where another is under way, which began before all was delivered; on a
        # revocation there is no later one.
        while await self.maybe_wait_for_commit_to_finish():
            pass
        await self.commit_and_end_transactions()

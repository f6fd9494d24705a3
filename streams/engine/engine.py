"""The engine's core: a window of events that leave in the order they came, and not before their outputs.

Three steps, each first in, first out, so that outputs keep the order of inputs and an offset is committable
only when everything before it is delivered:

* *dispatch* gives waiting events to the stage in batches, several at a time where the stage allows it;
* *send* takes finished batches in order and hands their outputs to the producer;
* *deliver* waits for the broker's acknowledgements and moves the committable offset on.

Any error in a step ends the process: what is not committed comes again.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import time
from collections import deque
from collections.abc import Callable, Sequence

import msgspec
import stamina

from newswire.telemetry import metrics
from newswire.telemetry.logs import log
from schemas import wire
from schemas.limits import MIB
from schemas.topics import topic_named
from streams.engine import endings
from streams.engine.clock import now, seconds_since
from streams.engine.errors import Fatal, Retriable
from streams.engine.outputs import Outputs, Pending
from streams.engine.records import Done, Emit, Facts, Failed, Input, Partition, Record, Result, Stage

__all__ = ["Engine", "Limits"]

LINGER_S = 0.003
"""A batch that is not full waits this long for more; beside a stage's work that is nothing."""
BATCH_BYTES = 16 * MIB
"""A batch ends before it holds more, so that one of the largest records travels alone."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much is in flight, and how long passing failures are retried."""

    window_events: int = 512
    window_bytes: int = 64 * MIB
    retry_attempts: int = 8
    """Tries in all, the first one included."""
    retry_max_wait_s: float = 30.0


class _Slot(msgspec.Struct, gc=False):
    """One event on its way; *result* and *sent* are filled as it goes."""

    record: Record
    progress: wire.Progress
    epoch: int
    revocations: int
    arrived: float
    result: Result | None = None
    sent: list[tuple[wire.WireRecord, Pending]] = []


_Batch = tuple[list[_Slot], asyncio.Task[None]]


_topic = functools.cache(topic_named)


def fits(record: wire.WireRecord) -> bool:
    """Return whether a record is within its topic's limit."""
    return record.size <= _topic(record.topic).record_bytes


def _as_counted(records: list[wire.WireRecord], facts: Facts) -> list[wire.WireRecord]:
    """Return the records of an item as metrics count them: those of a canary not at all."""
    if not facts.synthetic:
        return records
    return [msgspec.structs.replace(record, counted=False) for record in records]


class Engine:
    """Runs one stage over the partitions this worker owns.  All methods belong to one event loop."""

    def __init__(
        self, stage: Stage, outputs: Outputs, limits: Limits, crash: Callable[[BaseException], None]
    ) -> None:
        """*crash* is called once, with the error that ends this engine."""
        self.stage = stage
        self._outputs = outputs
        self._limits = limits
        self._crash = crash
        self._owned: set[Partition] = set()
        self._epochs: dict[Partition, int] = {}
        self.revocations = 0
        """How often partitions were let go."""
        self.gives_up = False
        """Whether the partitions are to be shared out anew, for the stage to get ready for its own again."""
        self._committable: dict[Partition, int] = {}
        self._waiting: deque[_Slot] = deque()
        self._in_flight: deque[_Slot] = deque()
        self._bytes = 0
        self._draining = False
        self._failure: BaseException | None = None
        self._room = asyncio.Event()
        self._work = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._free = asyncio.Semaphore(stage.concurrency)
        self._processing: asyncio.Queue[_Batch] = asyncio.Queue()
        self._sent: asyncio.Queue[list[_Slot]] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        name = stage.name
        self._events = metrics.EVENTS.labels(name)
        self._latency = metrics.LATENCY.labels(name)
        metrics.IN_FLIGHT.labels(name).set_function(lambda: len(self._in_flight))
        metrics.OLDEST.labels(name).set_function(self.oldest_age)
        self._newest_ms = 0
        """Kafka's time of the newest event taken."""
        metrics.CLOCK_AHEAD.labels(name).set_function(lambda: max(0.0, self._newest_ms / 1000 - time.time()))

    # -- life ----------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the stage, the outputs and the three steps."""
        await self.stage.start()
        await self._outputs.start()
        for step in (self._dispatch, self._send, self._deliver):
            self._tasks.append(asyncio.create_task(self._guard(step), name=f"engine-{step.__name__}"))

    async def stop(self) -> None:
        """Stop without waiting for what is in flight: `drain` first to keep it from coming again."""
        self.revocations += 1
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()
        self._idle.set()
        await self._outputs.stop()
        await self.stage.stop()

    async def _guard(self, step: Callable[[], object]) -> None:
        try:
            await step()  # type: ignore[misc]
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - any error of a step ends the process
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """End with this error, unless it has ended with another."""
        if self._failure is None:
            self._failure = error
            self._room.set()
            self._idle.set()  # nobody need wait for what will not end
            self._crash(error)

    # -- what the owner of the partitions says ---------------------------------------------------------

    async def assigned(self, partitions: frozenset[Partition]) -> bool:
        """Take these partitions over; nothing of theirs is in flight.

        Return false where they were revoked again while the stage got ready: they are not taken then.
        """
        before = self.revocations
        await self.stage.assigned(partitions)
        if before != self.revocations:
            return False
        for partition in partitions - self._owned:
            self._epochs[partition] = self.epoch(partition) + 1
        self._owned |= partitions
        self._draining = False
        self._room.set()
        return True

    async def revoked(self, partitions: frozenset[Partition]) -> None:
        """Let these partitions go: results of theirs that are not sent yet never will be."""
        self.revocations += 1
        self.gives_up = False
        self._owned -= partitions
        for partition in partitions:
            self._epochs[partition] = self.epoch(partition) + 1
            self._committable.pop(partition, None)
        await self.stage.revoked(partitions)

    def epoch(self, partition: Partition) -> int:
        """Return a number that changes whenever the partition is taken over or let go."""
        return self._epochs.get(partition, 0)

    async def drain(self, timeout_s: float) -> bool:
        """Take no more events and wait until none is in flight; return whether that was reached in time.

        Once the engine has failed it is not, and nothing is waited for.
        """
        self._draining = True
        try:
            await asyncio.wait_for(self._idle.wait(), timeout_s)
        except TimeoutError:
            return False
        return self._failure is None

    def committable(self) -> dict[Partition, int]:
        """Return for each partition the offset before which everything is delivered."""
        return self._committable

    def oldest_age(self) -> float:
        """Return the seconds since the oldest event in flight arrived; 0 with none."""
        try:
            return time.monotonic() - self._in_flight[0].arrived
        except IndexError:
            return 0.0

    @property
    def in_flight(self) -> int:
        """Events taken and not yet delivered."""
        return len(self._in_flight)

    # -- the way of an event -----------------------------------------------------------------------------

    async def submit(self, records: Sequence[Record], epoch: int | None = None) -> None:
        """Take events, in offset order for each partition; waits while the window is full.

        Those of a partition that is not this worker's are left to its owner, and so are those that were
        asked for in another *epoch* of it than it has now: its owner, were it the same worker, reads them
        again from where the group has committed.

        Raises:
            Fatal: the engine has failed.
        """
        arrived = time.monotonic()
        epochs = self._epochs
        before = {
            partition: epochs[partition]
            for partition in self._owned.intersection(r.source for r in records)
            if epoch is None or epoch == epochs[partition]
        }
        for record in records:
            size = record.size
            while not self._has_room(size):
                await self._wait_for_room()
                arrived = time.monotonic()
            at = before.get(record.source)
            if at is None or at != epochs[record.source]:
                continue  # Revoked before it came, or while it waited.
            progress = wire.read_progress(record.headers)
            slot = _Slot(record, progress, at, self.revocations, arrived)
            self._waiting.append(slot)
            self._in_flight.append(slot)
            self._bytes += size
            self._idle.clear()
            self._work.set()
        if records:
            self._newest_ms = records[-1].timestamp_ms
        self._events.inc(len(records))

    def _has_room(self, size: int) -> bool:
        if self._failure is not None:
            raise Fatal(f"{self.stage.name} has failed") from self._failure
        if self._draining:
            return False
        return not self._in_flight or (
            len(self._in_flight) < self._limits.window_events
            and self._bytes + size <= self._limits.window_bytes
        )

    async def _wait_for_room(self) -> None:
        self._room.clear()
        await self._room.wait()

    def _stale(self, slot: _Slot) -> bool:
        # Without any revocation since it came, which is nearly always, its partition need not be looked up.
        return slot.revocations != self.revocations and self._epochs.get(slot.record.source, 0) != slot.epoch

    async def _dispatch(self) -> None:
        while True:
            await self._free.acquire()
            while not self._waiting:
                self._work.clear()
                await self._work.wait()
            if len(self._waiting) < self.stage.batch_size:
                await asyncio.sleep(LINGER_S)
            batch: list[_Slot] = []
            size = 0
            while self._waiting and len(batch) < self.stage.batch_size:
                size += self._waiting[0].record.size
                if batch and size > BATCH_BYTES:
                    break
                batch.append(self._waiting.popleft())
            self._processing.put_nowait((batch, asyncio.create_task(self._process(batch))))

    async def _process(self, batch: list[_Slot]) -> None:
        try:
            current = [slot for slot in batch if not self._stale(slot)]
            if not current:
                return
            inputs = [Input(s.record.value, s.record.timestamp_ms, s.progress.attempt) for s in current]
            metrics.BATCH_EVENTS.labels(self.stage.name).observe(len(inputs))
            with metrics.BATCH.labels(self.stage.name).time():
                results = await self._retrying(inputs)
            for slot, result in zip(current, results, strict=True):
                slot.result = result
        finally:
            self._free.release()

    async def _retrying(self, inputs: list[Input]) -> list[Result]:
        try:
            return await self.stage.process(inputs)
        except Retriable as error:
            failure = error
        async for attempt in stamina.retry_context(
            on=Retriable,
            attempts=self._limits.retry_attempts,
            timeout=None,
            wait_initial=0.1,
            wait_max=self._limits.retry_max_wait_s,
        ):
            with attempt:
                if attempt.num == 1:
                    # The try above, which nearly always goes well, was the first: stamina counts it and
                    # spaces those after it.
                    raise failure
                log.warning("retrying", stage=self.stage.name, error=repr(failure))
                metrics.RETRIES.labels(self.stage.name, "process").inc()
                try:
                    return await self.stage.process(inputs)
                except Retriable as error:
                    failure = error
                    raise
        raise AssertionError("unreachable")

    async def _send(self) -> None:
        while True:
            batch, task = await self._processing.get()
            await task
            at = now()
            for slot in batch:
                if slot.result is None:
                    continue
                if self._stale(slot):
                    metrics.STALE_RESULTS.labels(self.stage.name).inc()
                    continue
                slot.sent = [
                    (record, await self._outputs.send(record))
                    for record in self._records(slot, slot.result, at)
                ]
            self._sent.put_nowait(batch)

    def _records(self, slot: _Slot, result: Result, at: str) -> list[wire.WireRecord]:
        """Turn a result into records; an output over its topic's limit makes its event a dead letter."""
        stage, record = self.stage.name, slot.record
        if isinstance(result, Done):
            progress = endings.advance(slot.progress, stage, record, result.facts, at)
            records = [self._record(slot, emit, progress, at) for emit in result.emits]
            too_large = next((r for r in records if not fits(r)), None)
            if too_large is None:
                if result.ending is not None:
                    records.append(self._ending(slot, result, progress, at))
                return _as_counted(records, result.facts)
            result = Failed(
                reason="output_too_large",
                error="MessageSizeTooLarge",
                message=f"{too_large.size} bytes for {too_large.topic}",
                facts=result.facts,
            )
        facts = result.facts or endings.facts_of_bytes(record.value)
        progress = endings.advance(slot.progress, stage, record, facts, at)
        records = [self._record(slot, emit, progress, at) for emit in result.emits]
        if not facts.synthetic:
            metrics.DEAD_LETTERS.labels(stage, result.reason).inc()
            metrics.OUTCOMES.labels(stage, "dead_letter", result.reason, facts.lane).inc()
        letter = endings.dead_letter(
            result, stage=stage, facts=facts, record=record, attempt=progress.attempt, at=at
        )
        end = endings.outcome(
            "dead_letter", result.reason, stage=stage, facts=facts, progress=progress, at=at, record=record
        )
        return _as_counted([*records, letter, end], facts)

    def _ending(self, slot: _Slot, done: Done, progress: wire.Progress, at: str) -> wire.WireRecord:
        assert done.ending is not None
        name, reason = done.ending.outcome, done.ending.reason
        if not done.facts.synthetic:
            metrics.OUTCOMES.labels(self.stage.name, name, reason or "", done.facts.lane).inc()
            age = seconds_since(done.facts.observed) if done.facts.observed else None
            if done.facts.lane == "live" and age is not None:
                metrics.SEEN_TO_END.labels(self.stage.name).observe(age)
        return endings.outcome(
            name,
            reason,
            stage=self.stage.name,
            facts=done.facts,
            progress=progress,
            at=at,
            record=slot.record,
        )

    def _record(self, slot: _Slot, emit: Emit, progress: wire.Progress, at: str) -> wire.WireRecord:
        return wire.WireRecord(
            topic=emit.topic,
            key=emit.key.encode(),
            value=emit.value,
            headers=wire.event_headers(
                id=emit.ce_id,
                type=emit.ce_type,
                source=f"/newswire/{self.stage.name}",
                subject=emit.key,
                time=at,
                progress=progress if emit.progress else None,
                passed_on=slot.record.headers,
            ),
            partition=slot.record.partition if emit.same_partition else None,
            route_by=emit.route_by.encode() if emit.route_by else None,
        )

    async def _deliver(self) -> None:
        while True:
            batch = await self._sent.get()
            offsets = iter(await self._outputs.delivered([pair for slot in batch for pair in slot.sent]))
            for slot in batch:
                own = tuple(itertools.islice(offsets, len(slot.sent)))
                if isinstance(slot.result, Done) and not self._stale(slot):
                    self.gives_up |= not self.stage.delivered(slot.result, own)
                self._release(slot)
            self._latency.observe(time.monotonic() - batch[0].arrived)
            if not self._draining:
                self._room.set()
            if not self._in_flight:
                self._idle.set()

    def _release(self, slot: _Slot) -> None:
        record = slot.record
        self._in_flight.popleft()
        self._bytes -= record.size
        if not self._stale(slot):
            self._committable[record.source] = record.offset + 1

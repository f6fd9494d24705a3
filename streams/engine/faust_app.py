"""Join the engine to Faust: an app configured so that nothing is lost, and a consumer that commits only
what the engine calls delivered.

Faust keeps its own account of acknowledgements, which commits past a gap and past events whose agent
raised.  `EngineConsumer` replaces that account: offsets come from `Engine.committable` alone, and waiting
for "empty streams" on a revocation or a stop is `Engine.drain`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import faust
import mode
from aiokafka.errors import KafkaError
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP, ConsumerMessage

from newswire.settings import Settings
from newswire.settings.clients import faust_options
from newswire.telemetry.logs import log
from schemas.limits import DEAD_LETTER_RECORD_BYTES, MIB
from streams.engine.engine import Engine, Limits
from streams.engine.groups import group_of
from streams.engine.lag import LagGauge, lags_of
from streams.engine.outputs import KafkaOutputs
from streams.engine.records import Record, Stage

__all__ = ["EngineConsumer", "StageApp", "stage_app"]

CRASH_GRACE_S = 10.0
"""How long Faust may take to stop after a crash before the process is ended: it commits nothing meanwhile."""
LAG_EVERY_S = 2.0
BATCHES_AHEAD = 2
"""Fetched batches that wait for the engine before no more are fetched."""
EXIT_CRASHED = 70
"""Exit code of a worker that crashed (sysexits' EX_SOFTWARE)."""


class EngineConsumer(Consumer):
    """Faust's consumer, handing over whole fetched batches and committing what the engine has delivered.

    A batch travels through Faust as one message whose value is the list of its records: Faust's way from
    the fetcher to an agent costs more for each message than everything else the engine does.
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
        if not await self._may_fetch(timeout):
            return
        waited: Any = await self._wait_next_records(timeout)
        records, active = waited
        generation = self.app.consumer_generation_id
        if records is None or self.should_stop:
            return
        if not self.flow_active:
            # Fetched while partitions were being revoked: what is dropped here must be read again.
            await self.perform_seek()
            return
        wanted = set(active or ()) | set(self._buffered_partitions)
        for tp, fetched in records.items():
            if self._superseded(generation):
                return
            if fetched and tp in wanted:
                self._handed_batches += 1
                yield tp, self._batch_message(tp, fetched)

    def _superseded(self, generation: int) -> bool:
        return not self.flow_active or self.app.consumer_generation_id != generation

    def _batch_message(self, tp: TP, fetched: list[Any]) -> ConsumerMessage:
        last: Any = self._to_message(tp, fetched[-1])
        last.key, last.headers = None, None
        last.value = [
            Record(r.topic, r.partition, r.offset, r.timestamp, r.key, r.value, tuple(r.headers or ()))
            for r in fetched
        ]
        return cast("ConsumerMessage", last)

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


class StageApp(faust.App):
    """A Faust app that runs one stage on the engine."""

    engine: Engine | None = None
    settings: Settings
    stage: Stage

    async def on_start(self) -> None:
        """Start the engine before Faust joins the group, so that what is missing ends the process at once."""
        await super().on_start()
        settings = self.settings
        self.engine = Engine(
            self.stage,
            KafkaOutputs(settings, self.stage.name),
            Limits(
                window_events=settings.window_events,
                window_bytes=settings.window_mib * MIB,
                retry_attempts=settings.retry_attempts,
                retry_max_wait_s=settings.retry_max_wait_s,
            ),
            self._engine_failed,
        )
        await self.engine.start()

    async def on_stop(self) -> None:
        """Drain and commit (by way of `EngineConsumer.wait_empty`), then stop the engine."""
        await super().on_stop()
        if self.engine is not None:
            await self.engine.stop()

    def _engine_failed(self, error: BaseException) -> None:
        log.critical("stage_failed", stage=self.stage.name, error=repr(error))
        asyncio.get_running_loop().call_later(CRASH_GRACE_S, os._exit, EXIT_CRASHED)
        self.add_future(self.crash(error))

    async def run_engine(self, stream: Any) -> None:
        """Feed a stream's batches of records to the engine: the whole body of a stage's agent."""
        engine, consumer = self.engine, self.consumer
        assert engine is not None
        assert isinstance(consumer, EngineConsumer)
        async for records in stream.noack():
            await engine.submit(records)
            consumer.taken()

    @mode.Service.task
    async def _report_lag(self) -> None:
        gauge = LagGauge(self.conf.id)
        while not self.should_stop:
            await self.sleep(LAG_EVERY_S)
            if self.rebalancing:
                continue
            try:
                gauge.show(await lags_of(self.consumer, self.engine.committable() if self.engine else {}))
            except KafkaError as error:
                # It keeps what it showed last; whether the broker is missed elsewhere is not decided here.
                log.debug("lag_unknown", stage=self.stage.name, error=repr(error))


def stage_app(stage: Stage, settings: Settings, *, fetched_records: int = 500) -> StageApp:
    """Make the app of a stage.  *fetched_records* is how many records one fetch hands over at most."""
    group = group_of(stage.name, settings.lane)
    app = StageApp(
        group,
        value_serializer="raw",
        key_serializer="raw",
        agent_supervisor=mode.CrashingSupervisor,
        store="memory://",
        topic_disable_leader=True,
        topic_allow_declare=False,
        stream_buffer_maxsize=10_000,  # batches: never reached, see EngineConsumer
        stream_wait_empty=True,
        broker_max_poll_records=fetched_records,
        consumer_max_fetch_size=2 * MIB,
        producer_max_request_size=DEAD_LETTER_RECORD_BYTES,
        web_enabled=False,
        worker_redirect_stdouts=False,
        datadir=str(_datadir(settings, group)),
        **faust_options(settings),
    )
    app.settings, app.stage = settings, stage
    transport: Any = app.transport
    transport.Consumer = EngineConsumer
    revoked: Any = app.on_partitions_revoked
    complete: Any = app.on_rebalance_complete
    revoked.connect(_revoked)
    complete.connect(_rebalance_complete)
    return app


def _datadir(settings: Settings, group: str) -> Path:
    # Faust writes nothing there without tables, but insists on having it to itself.
    folder = settings.data_dir / "faust"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{group}-{os.getpid()}"


async def _revoked(app: Any, revoked: Any, **_: Any) -> None:
    if app.engine is not None:
        await app.engine.revoked(frozenset((tp.topic, tp.partition) for tp in revoked))


async def _rebalance_complete(app: Any, **_: Any) -> None:
    # What is awaited here delays the first event of the new assignment; what is awaited in
    # on_partitions_assigned does not.
    assert app.engine is not None
    assigned = frozenset((tp.topic, tp.partition) for tp in app.consumer.assignment())
    await app.engine.assigned(assigned)
    log.info("assigned", stage=app.stage.name, partitions=sorted(number for _topic, number in assigned))

"""Join the engine to Faust: an app configured so that nothing is lost."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faust
import mode
from aiokafka.errors import KafkaError
from faust.tables.recovery import RebalanceAgain

from newswire.settings import Settings
from newswire.settings.clients import faust_options
from newswire.telemetry.health import HEALTH
from newswire.telemetry.logs import log
from schemas.limits import DEAD_LETTER_RECORD_BYTES, MIB
from streams.engine.consumer import EngineConsumer
from streams.engine.engine import Engine, Limits
from streams.engine.errors import Fatal
from streams.engine.groups import group_of
from streams.engine.lag import LagGauge, lags_of
from streams.engine.membership import heed_every_answer
from streams.engine.outputs import KafkaOutputs
from streams.engine.records import Stage

__all__ = ["StageApp", "stage_app"]

CRASH_GRACE_S = 10.0
"""How long Faust may take to stop after a crash before the process is ended: it commits nothing meanwhile."""
LAG_EVERY_S = 2.0
EXIT_CRASHED = 70
"""Exit code of a worker that crashed (sysexits' EX_SOFTWARE)."""


class StageApp(faust.App):
    """A Faust app that runs one stage on the engine."""

    engine: Engine | None = None
    settings: Settings
    stage: Stage
    refused: Fatal | None = None
    """Why the stage could not start."""
    partitions: int | None = None
    """How many are this worker's; null while they are shared out."""
    engine_runs = False
    end_at_once: Callable[[int], object] = staticmethod(os._exit)
    """Ends the process with an exit code, where stopping takes too long."""
    in_group_at: float | None = None
    """When its group last knew this worker (`time.monotonic`); null before it was let in for the first time."""

    async def on_start(self) -> None:
        """Start the engine before Faust joins the group, so that what is missing ends the process at once."""
        self.add_context(HEALTH.beating("event_loop"))
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
        try:
            await self.engine.start()
        except Fatal as error:
            self.refused = error
            raise
        self.engine_runs = True

    async def on_stop(self) -> None:
        """Drain and commit (by way of `EngineConsumer.wait_empty`), then stop the engine."""
        await super().on_stop()
        if self.engine is not None:
            await self.engine.stop()

    def _engine_failed(self, error: BaseException) -> None:
        log.critical("stage_failed", stage=self.stage.name, error=repr(error))
        HEALTH.fail(repr(error))
        asyncio.get_running_loop().call_later(CRASH_GRACE_S, self.end_at_once, EXIT_CRASHED)
        self.add_future(self.crash(error))

    async def run_engine(self, stream: Any) -> None:
        """Feed a stream's batches of records to the engine: the whole body of a stage's agent."""
        engine, consumer = self.engine, self.consumer
        assert engine is not None
        assert isinstance(consumer, EngineConsumer)
        async for fetched in stream.noack():
            await engine.submit(fetched.records, fetched.epoch)
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
    heed_every_answer()
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
    app.partitions = None
    if app.engine is not None:
        await app.engine.revoked(frozenset((tp.topic, tp.partition) for tp in revoked))


async def _rebalance_complete(app: Any, **_: Any) -> None:
    # What is awaited here delays the first event of the new assignment; what is awaited in
    # on_partitions_assigned does not.
    assert app.engine is not None
    assigned = frozenset((tp.topic, tp.partition) for tp in app.consumer.assignment())
    if not await app.engine.assigned(assigned):
        # Returning would start the flow; this waits for the assignment that follows.
        raise RebalanceAgain
    app.partitions = len(assigned)
    log.info("assigned", stage=app.stage.name, partitions=sorted(number for _topic, number in assigned))

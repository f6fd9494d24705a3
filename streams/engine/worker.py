"""Run a stage's app as a worker process, with our logs and metrics and Faust's own signal handling."""

from __future__ import annotations

import asyncio
import gc
from signal import Signals
from typing import Any, Final

import faust

from newswire.settings import Settings
from newswire.telemetry.health import HEALTH
from newswire.telemetry.logs import configure_logs, log
from newswire.telemetry.server import serve_metrics
from streams.engine.faust_app import StageApp
from streams.engine.stopping import end_in_time
from streams.engine.vitals import assignment, membership_of

__all__ = ["run_worker"]

_GC_THRESHOLDS: Final = (20_000, 20, 20)
"""Container objects made and not freed before a collection, and younger collections before an older one."""


def run_worker(app: StageApp, settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; leaves by SystemExit, with a code above 0 after a crash.

    Raises:
        OSError: the metrics port is taken.
        Fatal: the stage cannot start (a model is missing or broken, no producer connects); the message says why.
        SystemExit: else, always.
    """
    _collect_seldom()
    configure_logs(settings.log_level, settings.log_format)
    HEALTH.stall_s = settings.health_stall_s
    HEALTH.beat("event_loop")  # from now on: what keeps it from its first turn is a stall, too
    HEALTH.ready_when("assignment", lambda: assignment(membership_of(app)))
    _server, port = serve_metrics(settings.metrics_host, settings.metrics_port)
    log.info("worker_starts", stage=app.stage.name, lane=settings.lane, metrics_port=port)
    worker = _Worker(
        app,
        loglevel="WARN",
        override_logging=False,
        redirect_stdouts=False,
        quiet=True,
        console_port=0,
        debug=False,
    )
    worker.spinner = None  # of the terminal: it would write to standard output what is no line of a log
    try:
        worker.execute_from_commandline()
    except SystemExit:
        if app.refused is not None:
            raise app.refused from None
        raise


class _Worker(faust.Worker):
    def _schedule_shutdown(self, signal: Signals) -> None:
        if not self._signal_stop_time:
            app: Any = self.app
            end_in_time(app)
        super()._schedule_shutdown(signal)

    async def start(self) -> None:
        app: Any = self.app
        try:
            await super().start()
        except Exception:
            if app.refused is None:
                raise
            # A worker that was cancelled ends without a traceback; who runs it says why.
            raise asyncio.CancelledError from None


def _collect_seldom() -> None:
    """Let the cyclic collector run seldom, and never again over what the imports have made.

    By default it runs at every 700 new containers, of which each event makes dozens, and none of them is in a
    cycle: that took about a fifth of the time that dedupe needs to fold a sighting.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)

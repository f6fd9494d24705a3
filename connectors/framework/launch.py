"""Run a connector against the cluster of the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.framework.checkpoint import Checkpoints
from connectors.framework.connector import Connector
from connectors.framework.producer import SinkOptions
from connectors.framework.runner import Report, Runner, RunOptions
from connectors.framework.sink import Sink
from connectors.framework.spec import Options
from connectors.framework.stop import Stop
from newswire.settings import Settings
from schemas.topics import DEAD_LETTER, OUTCOMES, RAW

__all__ = ["run_connector"]


def run_connector(
    connector: Connector[Any],
    options: Options,
    settings: Settings,
    *,
    stop: Stop,
    checkpoints: Checkpoints | None = None,
    progress: Callable[[Report], None] = lambda _report: None,
) -> Report:
    """Connect, run until the source ends or *stop* is asked for, and let go of the broker.

    What ends a run before its end stands in the report.

    Raises:
        Fatal: no broker answers, or a topic is missing, before anything was read.
    """
    sink = Sink(SinkOptions.of(settings))
    try:
        sink.require(RAW.of("live"), RAW.of("backfill"), DEAD_LETTER.name, OUTCOMES.name)
        return Runner(
            connector,
            options,
            sink,
            checkpoints=checkpoints,
            stop=stop,
            run_options=RunOptions.of(settings),
            progress=progress,
        ).run()
    finally:
        sink.close()

"""Run a connector over the sources that this worker shares with others."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any, Final

from connectors.framework.connector import Connector
from connectors.framework.producer import SinkOptions
from connectors.framework.runner import Report, Runner, RunOptions
from connectors.framework.sink import Sink
from connectors.framework.spec import Options
from connectors.framework.stop import Stop
from connectors.sharing.book import SourceBook
from connectors.sharing.group import BookOptions, KafkaBook
from connectors.sharing.membership import GroupOptions
from connectors.sharing.states import KafkaCheckpoints
from newswire.settings import Settings
from newswire.telemetry.health import HEALTH
from schemas.topics import DEAD_LETTER, OUTCOMES, RAW, SOURCE_STATE

__all__ = ["run_shared", "worker_name"]

DRAIN_S: Final = 4.0
"""From the moment a stop is asked for, for items to be confirmed."""
STATES_S: Final = 3.0
"""For states to be confirmed after that, and before it where some are being written.  With reading that is
ended and the group that is left, all is over within 15 seconds, whoever does not answer.
"""


def worker_name() -> str:
    """Return what tells this process apart from every other one."""
    return f"{socket.gethostname()}/{os.getpid()}"


def run_shared(
    connector: Callable[[SourceBook], Connector[Any]],
    options: Options,
    settings: Settings,
    *,
    stop: Stop,
    fetch_deadline_s: float = 60.0,
    progress: Callable[[Report], None] = lambda _report: None,
) -> Report:
    """Connect, take part in the group, and read what is ours until *stop* is asked for.

    *connector* makes the one that reads, given the book; *fetch_deadline_s* is after how many seconds any
    fetch of it has ended.  What ended the run before that stands in the report.

    Raises:
        ConfigError: a topic is missing, or those of the sources are not partitioned alike.
        Fatal: no broker answers.
    """
    sink = Sink(SinkOptions.of(settings))
    try:
        topics = (RAW.of("live"), RAW.of("backfill"), SOURCE_STATE.name, DEAD_LETTER.name, OUTCOMES.name)
        sink.require(*topics)
        book = KafkaBook(
            BookOptions(
                group=GroupOptions.of(settings), worker=worker_name(), fetch_deadline_s=fetch_deadline_s
            )
        )
        drain_s = min(DRAIN_S, settings.drain_timeout_s)
        checkpoints = KafkaCheckpoints(
            sink, book.desk, book.options.worker, hurry=stop.asked, hurried_s=min(STATES_S, drain_s)
        )
        HEALTH.ready_when("assignment", book.condition)
        book.start()
        clean = False
        try:
            runner = Runner(
                connector(book),
                options,
                sink,
                checkpoints=checkpoints,
                stop=stop,
                run_options=RunOptions(
                    retry_attempts=settings.retry_attempts,
                    retry_max_wait_s=settings.retry_max_wait_s,
                    drain_timeout_s=drain_s,
                ),
                progress=progress,
            )
            report = runner.run()
            clean = not (report.left_behind or checkpoints.gave_up)
            return report
        finally:
            book.close(clean=clean)
    finally:
        sink.close()

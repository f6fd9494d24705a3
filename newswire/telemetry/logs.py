"""Logs: structlog to standard error, JSON lines or, on a terminal, readable ones."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

__all__ = ["configure_logs", "log"]

NOISY = ("aiokafka", "faust", "mode", "streams", "asyncio", "kafka", "trafilatura", "htmldate", "urllib3")
"""Loggers whose informational lines cost up to 7 % of a worker's time and tell an operator nothing;
``streams`` is what Faust names an app's logger after.  Our own events go to ``newswire``."""

log: Any = structlog.get_logger("newswire")


def configure_logs(level: str = "info", style: str = "auto") -> None:
    """Send our events and the libraries' warnings to standard error."""
    console = style == "console" or (style == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.StackInfoRenderer(),
    ]
    tail: list[Any] = (
        [
            structlog.dev.ConsoleRenderer(
                exception_formatter=structlog.dev.RichTracebackFormatter(show_locals=False)
            )
        ]
        if console
        else [
            # Without the frames' variables: they may hold secrets, and whole articles.
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            structlog.processors.JSONRenderer(),
        ]
    )
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *tail],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(number)
    for name in NOISY:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))

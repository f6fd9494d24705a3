"""Logs: structlog to standard error, JSON lines or, on a terminal, readable ones, without secrets in either."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from io import StringIO
from typing import Any, TextIO

import structlog

from newswire.telemetry.secrets import without_secrets

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
        [_hide_in_values, structlog.dev.ConsoleRenderer(exception_formatter=_write_trace)]
        if console
        else [
            # Without the frames' variables: they may hold secrets, and whole articles.
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            _hide_in_values,
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


def _write_trace(output: TextIO, error: Any) -> None:
    written = StringIO()
    structlog.dev.plain_traceback(written, error)
    output.write(without_secrets(written.getvalue()))


def _hide_in_values(_logger: Any, _method: str, event: Mapping[str, Any]) -> dict[str, Any]:
    # A trace is written by who renders it.
    return {name: value if name == "exc_info" else _hidden(value) for name, value in event.items()}


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, Mapping):
        return {_hidden(name): _hidden(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_hidden(each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return without_secrets(repr(value))  # as the renderer would write it

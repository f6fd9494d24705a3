"""Helpers for a stage's function: decode or fail, and never let one input's error reach the others."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TypeVar

from schemas.base import Event
from schemas.wire import DecodeError, decode
from streams.engine.endings import facts_of_bytes
from streams.engine.records import Facts, Failed, Input, Result

__all__ = ["decoded", "each", "failure"]

E = TypeVar("E", bound=Event)


def decoded(one: Input, event_type: type[E]) -> E | Failed:
    """Decode an input, or say why it cannot be."""
    try:
        return decode(one.value, event_type)
    except DecodeError as error:
        return Failed(
            reason=error.reason,
            error="DecodeError",
            message=str(error),
            facts=facts_of_bytes(one.value),
        )


def failure(error: Exception, facts: Facts | None) -> Failed:
    """Turn an unexpected error of one input into what its dead letter says."""
    return Failed(
        reason="stage_error",
        error=f"{type(error).__module__}.{type(error).__qualname__}",
        message=str(error),
        trace="".join(traceback.format_exception(error)),
        facts=facts,
    )


def each(inputs: list[Input], event_type: type[E], handle: Callable[[E, Input], Result]) -> list[Result]:
    """Decode and handle inputs one by one.

    Out of memory is not an input's error but the child's end, so it is passed on.
    """
    results: list[Result] = []
    for one in inputs:
        event = decoded(one, event_type)
        if isinstance(event, Failed):
            results.append(event)
            continue
        try:
            results.append(handle(event, one))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever one input does must not cost the others
            results.append(failure(error, facts_of_bytes(one.value)))
    return results

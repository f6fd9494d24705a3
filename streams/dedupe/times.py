"""Times as the events carry them (RFC 3339, UTC) and as the state counts them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

__all__ = ["micros", "millis", "rfc3339"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@lru_cache(maxsize=4096)
def micros(text: str) -> int:
    """Read a time as microseconds since 1970; one without a zone is UTC.

    Raises:
        ValueError: it is no RFC 3339 time.
    """
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    return (time - _EPOCH) // _MICROSECOND


def millis(text: str) -> int:
    """Read a time as whole milliseconds since 1970.

    Raises:
        ValueError: it is no RFC 3339 time.
    """
    return micros(text) // 1000


def rfc3339(at_ms: int) -> str:
    """Write milliseconds since 1970 as RFC 3339, UTC, with three decimals: always in the same form, since
    sightings must be the same bytes whenever they are made.
    """
    seconds, rest = divmod(at_ms, 1000)
    return f"{_second(seconds)}.{rest:03}Z"


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    time = _EPOCH + timedelta(seconds=seconds)
    return time.replace(tzinfo=None).isoformat(timespec="seconds")

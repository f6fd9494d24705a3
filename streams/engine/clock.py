"""The time of day as events carry it."""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime

__all__ = ["from_ms", "in_calendar", "is_moment", "now", "seconds_since"]

_FIRST_MS = -62_135_596_800_000
_LAST_MS = 253_402_300_799_999
"""Milliseconds since 1970 of the years 1 to 9999, which are all that RFC 3339 has."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.ASCII)


def now() -> str:
    """Return this moment, RFC 3339, UTC, to the microsecond."""
    return _text(datetime.now(UTC))


def from_ms(milliseconds: int) -> str:
    """Return a Kafka timestamp (milliseconds since 1970) in RFC 3339, UTC, as `in_calendar` bounds it."""
    seconds, rest = divmod(in_calendar(milliseconds), 1000)
    return f"{_second(seconds)}.{rest:03d}000Z"


def in_calendar(milliseconds: int) -> int:
    """Return a Kafka timestamp, or the nearest one that has a date.

    Producers may write any number, and brokers only refuse what is far in the future.
    """
    return min(max(milliseconds, _FIRST_MS), _LAST_MS)


def is_moment(text: str) -> bool:
    """Tell whether a text is what events carry as a moment: RFC 3339, UTC, with Z, of a day that exists."""
    if _MOMENT.fullmatch(text) is None:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


@functools.lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def seconds_since(moment: str) -> float | None:
    """Return the seconds since an RFC 3339 moment, never negative; null where it is none."""
    try:
        then = datetime.fromisoformat(moment)
    except ValueError:
        return None
    if then.tzinfo is None:
        return None
    return max(0.0, (datetime.now(UTC) - then).total_seconds())


def _text(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

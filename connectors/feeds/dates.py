"""When something is said to have happened, as far as polling needs to know: never for the article's sake."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import ciso8601

__all__ = ["claimed_time", "http_time", "moment", "stamp"]

LONGEST: Final = 100
"""Characters of a longer text are no date."""
_YEARS: Final = range(1990, 2200)


def claimed_time(text: str | None) -> float | None:
    """Return what a feed's date claims, in seconds since the epoch; null where it cannot be read.

    RFC 822 and ISO 8601 alone: dates lie, and here they only decide between live and history.
    """
    if not text or len(text) > LONGEST:
        return None
    text = text.strip()
    for read in (ciso8601.parse_datetime, parsedate_to_datetime):
        try:
            found = read(text)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        return _seconds(found)
    return None


def http_time(text: str | None) -> float | None:
    """Return the time of an HTTP header (``Date``, ``Expires``); null where it is none, as ``0`` is none."""
    if not text or len(text) > LONGEST:
        return None
    try:
        return _seconds(parsedate_to_datetime(text.strip()))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def stamp(seconds: float) -> str | None:
    """Write seconds since the epoch as RFC 3339 in UTC, to the microsecond; null for 0, which is never."""
    if not seconds:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def moment(text: str | None) -> float:
    """Return the seconds since the epoch that `stamp` wrote; 0 for null and for what nobody wrote."""
    if not text:
        return 0.0
    try:
        return ciso8601.parse_rfc3339(text).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def _seconds(found: datetime) -> float | None:
    if found.year not in _YEARS:
        return None
    return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp()

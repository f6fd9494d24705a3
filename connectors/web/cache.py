"""What headers say about time: dates, freshness and when to come back.  Garbage says nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from connectors.web.limits import DAY_S

__all__ = ["freshness_s", "http_date", "retry_after_s"]

_SECONDS: Final = re.compile(r"[0-9]+(\.[0-9]*)?")
_DIRECTIVE: Final = re.compile(r'([a-z][a-z-]*)\s*(?:=\s*"?([^",\s]*)"?)?')
_DATE_CHARS: Final = 64
_HEADER_CHARS: Final = 1_000


def http_date(text: str | None) -> float | None:
    """Read any of HTTP's three date formats, or what mail dates allow beside them, as seconds since the
    epoch; null where it cannot be read.
    """
    if not text or len(text) > _DATE_CHARS:
        return None
    try:
        moment = parsedate_to_datetime(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def retry_after_s(text: str | None, *, now: float, date: str | None = None) -> float | None:
    """Return how long ``Retry-After`` asks to wait, 0 to 24 h in seconds; null where it cannot be read.

    A date counts from the answer's own ``Date`` where there is one, else from *now*: the other side's clock
    may be wrong, its differences are right.
    """
    if text is None:
        return None
    text = text.strip()
    if _SECONDS.fullmatch(text):
        return _clamped(_number(text))
    moment = http_date(text)
    if moment is None:
        return None
    sent = http_date(date)
    return _clamped(moment - (now if sent is None else sent))


def freshness_s(headers: Mapping[str, str], now: float) -> float | None:
    """Return for how long an answer with *headers* (lower-case names) stays fresh, 0 to 24 h in seconds;
    null where they do not say.

    As RFC 9111: ``max-age`` less ``Age``, else ``Expires`` less ``Date``; 0 with ``no-store`` or ``no-cache``
    and where ``Expires`` is no date.
    """
    directives: dict[str, str] = {}
    for name, value in _DIRECTIVE.findall(headers.get("cache-control", "")[:_HEADER_CHARS].lower()):
        directives.setdefault(name, value)
    if directives.keys() & {"no-store", "no-cache"}:
        return 0.0
    age = headers.get("age", "").strip()
    if _SECONDS.fullmatch(directives.get("max-age", "")):
        past = _number(age) if _SECONDS.fullmatch(age) else 0.0
        return _clamped(_number(directives["max-age"]) - past)
    if "expires" not in headers:
        return None
    expires = http_date(headers["expires"])
    sent = http_date(headers.get("date"))
    return 0.0 if expires is None else _clamped(expires - (now if sent is None else sent))


def _number(digits: str) -> float:
    # Never more digits than a float can take: what is longer is clamped anyway.
    return float(digits[:300])


def _clamped(seconds: float) -> float:
    return min(max(seconds, 0.0), DAY_S)

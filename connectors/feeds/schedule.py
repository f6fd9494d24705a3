"""When a feed is polled next: the pace it publishes at, and never before it wants to be asked again.

The pace is Media Cloud's (rss-fetcher): the share of entries in a feed that were seen before is kept between
one and two thirds.  Lower means that entries may slip through, higher that one asks for nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from connectors.feeds.dates import http_time
from connectors.feeds.model import ParsedFeed

__all__ = [
    "DAY_S",
    "FIRST_INTERVAL_S",
    "Hints",
    "adapted",
    "asked_s",
    "first_poll",
    "hints_of",
    "next_poll",
    "share",
]

DAY_S: Final = 86_400.0
FIRST_INTERVAL_S: Final = 1_800.0
"""Between the first poll and the second, before anything is known of the pace."""
MOST_ASKED_S: Final = DAY_S
FASTER: Final = 0.5
SLOWER: Final = 1.25
"""How far one poll may move the interval: down at most by half, up by a quarter, since a quiet night says
little and news breaks at once.
"""
JITTER: Final = 0.05
_MAX_AGE: Final = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_DIGITS: Final = re.compile(r"\d{1,10}")


class Hints(msgspec.Struct, frozen=True, array_like=True):
    """What the feed itself said of polling; kept, since a 304 says nothing."""

    ttl_s: float = 0.0
    update_period_s: float = 0.0
    skip_hours: int = 0
    """Bit N: not in the hour from N o'clock, GMT."""
    skip_days: int = 0
    """Bit N: not on the Nth day of the week, from Monday, GMT."""


def hints_of(feed: ParsedFeed) -> Hints:
    """Take from a feed what it says of polling.  Skipping all hours or all days is not meant, and skips none."""
    hours = sum(1 << hour for hour in set(feed.skip_hours) if 0 <= hour < 24)
    days = sum(1 << day for day in set(feed.skip_days) if 0 <= day < 7)
    return Hints(
        ttl_s=feed.ttl_s or 0.0,
        update_period_s=feed.update_period_s or 0.0,
        skip_hours=0 if hours == (1 << 24) - 1 else hours,
        skip_days=0 if days == (1 << 7) - 1 else days,
    )


def asked_s(
    headers: Mapping[str, str], hints: Hints, now: float, *, retry_after_s: float | None = None
) -> float:
    """Return for how many seconds from *now* the feed asks not to be polled, 0 to a day.

    By its ``ttl`` and ``sy:updatePeriod``, ``Cache-Control: max-age`` less ``Age`` or else ``Expires``, and
    ``Retry-After``: the longest of them.
    """
    asked = max(hints.ttl_s, hints.update_period_s, retry_after_s or 0.0, _fresh_s(headers, now))
    return min(max(asked, 0.0), MOST_ASKED_S)


def _fresh_s(headers: Mapping[str, str], now: float) -> float:
    found = _MAX_AGE.search(headers.get("cache-control", ""))
    if found is not None:
        age = _DIGITS.fullmatch(headers.get("age", "").strip())
        return float(found[1]) - (float(age[0]) if age else 0.0)
    expires = http_time(headers.get("expires"))
    if expires is None:
        return 0.0
    # By the server's own clock where it tells it, since ours and its may differ.
    return expires - (http_time(headers.get("date")) or now)


def adapted(
    interval_s: float, *, shown: int, new: int, elapsed_s: float, least_s: float, most_s: float
) -> float:
    """Return the interval after a poll that showed *shown* entries, *new* of them for the first time, after
    *elapsed_s* seconds: towards where half of the entries are new, if the share is out of its thirds.
    """
    if shown and 1 / 3 <= new / shown <= 2 / 3:
        return _within(interval_s, least_s, most_s)
    if new:
        wanted = max(elapsed_s, 1.0) * (shown / 2) / new
        return _within(
            min(max(wanted, interval_s * FASTER), interval_s * SLOWER),
            least_s,
            most_s,
        )
    return _within(interval_s * SLOWER, least_s, most_s)


def first_poll(source_id: str, now: float, spread_s: float) -> float:
    """Return when a source is polled that nobody polled yet: soon, but not all of them at once."""
    return now + share(source_id, 0) * spread_s


def next_poll(
    source_id: str,
    *,
    polls: int,
    now: float,
    interval_s: float,
    least_s: float,
    most_s: float,
    asked_s: float,
    hints: Hints,
) -> float:
    """Return when to poll next: after the interval, give or take a twentieth but within its bounds, never
    before what was asked nor in hours and days that the feed wants skipped.
    """
    chance = share(source_id, polls)
    at = now + max(
        _within(interval_s * (1 + JITTER * (2 * chance - 1)), least_s, most_s),
        asked_s * (1 + JITTER * chance) + (1.0 if asked_s else 0.0),
    )
    return _not_skipped(at, hints, chance)


def share(source_id: str, polls: int) -> float:
    """Return a number from 0 to 1 that is the same for the same source and poll, and another for others."""
    digest = hashlib.blake2b(f"{source_id} {polls}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / (1 << 32)


def _not_skipped(at: float, hints: Hints, chance: float) -> float:
    if not hints.skip_hours and not hints.skip_days:
        return at
    moment = datetime.fromtimestamp(at, UTC)
    if not _is_skipped(moment, hints):
        return at
    moment = moment.replace(minute=0, second=0, microsecond=0)
    for _ in range(8 * 24):
        moment += timedelta(hours=1)
        if not _is_skipped(moment, hints):
            return moment.timestamp() + chance * 600.0
    return at


def _is_skipped(moment: datetime, hints: Hints) -> bool:
    return bool(hints.skip_hours >> moment.hour & 1 or hints.skip_days >> moment.weekday() & 1)


def _within(value: float, least: float, most: float) -> float:
    return min(max(value, least), max(least, most))

"""How a source does: one word, why, and since when.

A failure counts by how likely it is to pass: soft 0.25 (timeouts, 5xx, 429, those of robots.txt, too), hard 1
(404, what is no feed).  From 1 a source is ``failing``, from 10 ``dimmed``: polled once a day, never forgotten.  ``blocked`` names the
cause that people can do something about; ``gone`` (410) alone ends polling.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from connectors.feeds.dates import moment, stamp
from connectors.feeds.schedule import DAY_S
from schemas.source import SourceHealth
from schemas.vocabulary import Health

__all__ = [
    "Failure",
    "Standing",
    "after_failure",
    "after_success",
    "backoff_s",
    "failure_of",
    "from_health",
    "to_health",
]

Failure = Literal["soft", "hard", "blocked", "gone"]

SOFT: Final = 0.25
HARD: Final = 1.0
FAILING_FROM: Final = 1.0
DIMMED_FROM: Final = 10.0
STALE_AFTER_S: Final = 14 * DAY_S
"""A source that answers and has shown nothing new for so long, or nothing ever, is ``stale``."""
LONGEST_WAIT_S: Final = DAY_S

_BLOCKED: Final = frozenset({"401", "402", "403", "407", "451", "robots"})
_SOFT: Final = frozenset(
    {"timeout", "connect", "dns", "robots_unreachable", "408", "421", "423", "425", "429"}
)


class Standing(msgspec.Struct, frozen=True, array_like=True):
    """A source's health as polling keeps it; times are seconds since the epoch, 0 is never."""

    status: Health = "unknown"
    reason: str | None = None
    since: float = 0.0
    failures: float = 0.0
    last_success_at: float = 0.0
    last_item_at: float = 0.0


def failure_of(result: str) -> Failure:
    """Weigh the result of a fetch that is neither ``ok`` nor ``not_modified``."""
    if result == "410":
        return "gone"
    if result in _BLOCKED:
        return "blocked"
    if result in _SOFT or (len(result) == 3 and result.startswith("5")):
        return "soft"
    return "hard"


def after_success(standing: Standing, now: float, newest_at: float = 0.0) -> Standing:
    """Return the health after a feed answered; *newest_at* is when it last became another, 0 where it has
    nothing new.
    """
    last_item_at = max(standing.last_item_at, min(newest_at, now))
    if last_item_at:
        stale = now - last_item_at > STALE_AFTER_S
        why = f"nothing new for {int((now - last_item_at) / DAY_S)} days"
    else:
        # What has never shown anything goes by how long it has answered.
        answers = standing.status == "ok" and now - standing.since > STALE_AFTER_S
        stale = answers or standing.status == "stale"
        why = "it has shown nothing yet"
    status: Health = "stale" if stale else "ok"
    return Standing(
        status=status,
        reason=why if stale else None,
        since=_since(standing, status, now),
        failures=0.0,
        last_success_at=now,
        last_item_at=last_item_at,
    )


def after_failure(standing: Standing, now: float, failure: Failure, reason: str) -> Standing:
    """Return the health after a poll that gave nothing."""
    failures = standing.failures + (SOFT if failure == "soft" else HARD)
    status: Health = standing.status
    if failure in {"gone", "blocked"}:
        status = failure
    elif failures >= DIMMED_FROM:
        status = "dimmed"
    elif failures >= FAILING_FROM:
        status = "failing"
    elif standing.status == "unknown":
        # It has never answered: who added it wants to know why.
        return msgspec.structs.replace(standing, failures=failures, reason=reason)
    elif standing.status in {"ok", "stale"}:
        # Once is nothing: what it was stays.
        return msgspec.structs.replace(standing, failures=failures)
    return msgspec.structs.replace(
        standing, status=status, reason=reason, since=_since(standing, status, now), failures=failures
    )


def backoff_s(standing: Standing, interval_s: float) -> float:
    """Return how long to wait after failures: twice as long for each hard one, at most a day."""
    return float(min(interval_s * 2 ** min(standing.failures, 16.0), max(LONGEST_WAIT_S, interval_s)))


def to_health(standing: Standing) -> SourceHealth:
    """Return it as it stands in ``news.source-state``."""
    return SourceHealth(
        status=standing.status,
        reason=standing.reason,
        since=stamp(standing.since),
        failures=standing.failures,
        last_success_at=stamp(standing.last_success_at),
        last_item_at=stamp(standing.last_item_at),
    )


def from_health(health: SourceHealth) -> Standing:
    """Read it back."""
    return Standing(
        status=health.status,
        reason=health.reason,
        since=moment(health.since),
        failures=health.failures,
        last_success_at=moment(health.last_success_at),
        last_item_at=moment(health.last_item_at),
    )


def _since(standing: Standing, status: str, now: float) -> float:
    return standing.since if status == standing.status and standing.since else now

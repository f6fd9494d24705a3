"""What polling counts, under labels with few values."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from connectors.feeds.agenda import Held
from connectors.feeds.following import Due, Followed, Visited
from connectors.feeds.health import Standing
from connectors.feeds.polling import Polled
from newswire.telemetry import metrics
from schemas.vocabulary import CLOSED_LISTS

__all__ = ["Measures", "coarse"]

_STATUSES: Final = CLOSED_LISTS["Health"]
_CODE: Final = re.compile(r"[a-z0-9_]{0,40}")
_HTTP: Final = frozenset({"401", "403", "404", "410", "429"})


class Measures:
    """The metrics of one poller."""

    def __init__(self) -> None:
        self._health: Counter[tuple[str, str]] = Counter()
        self._pairs: dict[tuple[str, str], tuple[str, str]] = {}
        self._so: Counter[str] = Counter()
        self._since: dict[str, float] = {}
        """By status, the sum of the times since when its sources do so."""

    def polled(self, polled: Polled) -> None:
        """Count a poll and what it showed."""
        metrics.FEED_POLLS.labels(coarse(polled.result)).inc()
        look = polled.look
        if look is not None:
            changed = len(look.changed)
            metrics.FEED_ENTRIES.labels("new").inc(len(look.emit) - changed)
            metrics.FEED_ENTRIES.labels("changed").inc(changed)
            metrics.FEED_ENTRIES.labels("seen").inc(len(look.pairs) - len(look.emit))
            metrics.FEED_WINDOWS_MISSED.inc(look.missed)
            metrics.FEED_WINDOWS_CUT.inc(polled.truncated)

    def followed(self, followed: Followed) -> None:
        """Count a first fetch of a page."""
        metrics.FEED_PAGES.labels("had" if followed.had else "given_up" if followed.over else "again").inc()

    def visited(self, visited: Visited) -> None:
        """Count a visit."""
        metrics.FEED_VISITS.labels(visited.seen).inc()

    def late(self, due: Due, now: float) -> None:
        """Note how late something is begun."""
        metrics.FEED_LATENESS.labels(due.kind).observe(max(now - due.at, 0.0))

    def stands(self, held: Held, standing: Standing) -> None:
        """Note how a source does, why and since when."""
        status = standing.status if standing.status in _STATUSES else "unknown"
        health = status, _why(standing)
        if (held.health, held.since) != (health, standing.since):
            self.went(held)
            # One pair for all that do so: of 180,000 sources, most are ok.
            held.health, held.since = self._pairs.setdefault(health, health), standing.since
            self.came(held)

    def came(self, held: Held) -> None:
        """Note a source that is ours from now on."""
        self._moved(held.health, 1, held.since)

    def went(self, held: Held) -> None:
        """Note a source that is not ours any more."""
        self._moved(held.health, -1, held.since)

    def overdue(self, seconds: float) -> None:
        """Note for how long what is due longest has waited."""
        metrics.FEED_OVERDUE.set(max(seconds, 0.0))

    def over(self) -> None:
        """Say that nothing is read any more."""
        self.overdue(0.0)
        for health, count in list(self._health.items()):
            self._moved(health, -count, 0.0)

    def _moved(self, health: tuple[str, str], by: int, since: float) -> None:
        status, _ = health
        self._health[health] += by
        metrics.FEED_SOURCES.labels(*health).set(self._health[health])
        self._so[status] += by
        self._since[status] = self._since.get(status, 0.0) + by * since if self._so[status] else 0.0
        if status != "unknown":
            mean = self._since[status] / self._so[status] if self._so[status] else 0.0
            metrics.FEED_SOURCES_SINCE.labels(status).set(mean)


def _why(standing: Standing) -> str:
    if standing.status == "stale":
        return "nothing_new"
    code = (standing.reason or "").partition(":")[0]
    return coarse(code) if _CODE.fullmatch(code) else "other"


def coarse(result: str) -> str:
    """Return the result of a poll as a label: of HTTP statuses, those alone that say something special."""
    if len(result) == 3 and result.isdigit() and result not in _HTTP:
        return f"{result[0]}xx"
    return result

"""What polling counts, under labels with few values."""

from __future__ import annotations

from collections import Counter
from typing import Final

from connectors.feeds.agenda import Held
from connectors.feeds.following import Due, Followed, Visited
from connectors.feeds.polling import Polled
from newswire.telemetry import metrics
from schemas.vocabulary import CLOSED_LISTS

__all__ = ["Measures", "coarse"]

_STATUSES: Final = CLOSED_LISTS["Health"]
_HTTP: Final = frozenset({"401", "403", "404", "410", "429"})


class Measures:
    """The metrics of one poller."""

    def __init__(self) -> None:
        self._health: Counter[str] = Counter()

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

    def followed(self, followed: Followed) -> None:
        """Count a first fetch of a page."""
        metrics.FEED_PAGES.labels("had" if followed.had else "given_up" if followed.over else "again").inc()

    def visited(self, visited: Visited) -> None:
        """Count a visit."""
        metrics.FEED_VISITS.labels(visited.seen).inc()

    def late(self, due: Due, now: float) -> None:
        """Note how late something is begun."""
        metrics.FEED_LATENESS.labels(due.kind).observe(max(now - due.at, 0.0))

    def stands(self, held: Held, status: str) -> None:
        """Note how a source does."""
        if held.health != status:
            self._moved(held.health, -1)
            held.health = status
            self._moved(status, 1)

    def came(self, held: Held) -> None:
        """Note a source that is ours from now on."""
        self._moved(held.health, 1)

    def went(self, held: Held) -> None:
        """Note a source that is not ours any more."""
        self._moved(held.health, -1)

    def overdue(self, seconds: float) -> None:
        """Note for how long what is due longest has waited."""
        metrics.FEED_OVERDUE.set(max(seconds, 0.0))

    def over(self) -> None:
        """Say that nothing is read any more."""
        self.overdue(0.0)
        for status in list(self._health):
            self._moved(status, -self._health[status])

    def _moved(self, status: str, by: int) -> None:
        status = status if status in _STATUSES else "unknown"
        self._health[status] += by
        metrics.FEED_SOURCES.labels(status).set(self._health[status])


def coarse(result: str) -> str:
    """Return the result of a poll as a label: of HTTP statuses, those alone that say something special."""
    if len(result) == 3 and result.isdigit() and result not in _HTTP:
        return f"{result[0]}xx"
    return result

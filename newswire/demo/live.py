"""The demo's live part: a feed changes, and what newswire sees of it, change by change."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from connectors.feeds.connector import FeedsConnector
from connectors.framework.errors import ConnectorError
from connectors.framework.launch import run_connector
from connectors.framework.runner import Report
from connectors.framework.stop import Stop
from newswire.demo.changing_feed import ChangingFeed
from newswire.demo.errors import DemoFailed
from newswire.demo.harvest import Harvester
from newswire.demo.steps import Steps
from newswire.settings import Settings
from newswire.supervisor.errors import Interrupted
from schemas import ids
from schemas.outcome import Outcome
from schemas.sighting import Sighting

__all__ = ["show_live"]

PAUSE_S: Final = 0.1
REVISITS_S: Final = (2, 4, 8, 16, 32, 64)
"""When pages are visited again: here after seconds, not after hours."""
JOIN_S: Final = 20.0


def show_live(
    settings: Settings,
    harvester: Harvester,
    *,
    steps: Steps,
    stop: Stop,
    check: Callable[[], None],
    deadline_s: float,
) -> int:
    """Serve a feed on loopback, change it three times, and say what became of each change.

    Returns how many items that were.

    Raises:
        DemoFailed: a change did not end within *deadline_s*, or reading failed.
        Interrupted: *stop* was asked.
    """
    with ChangingFeed() as feed:
        feed.publish()
        reader = _Reader(settings, feed)
        changes: list[tuple[str, Callable[[], None] | None]] = [
            ("an article appears in the feed", None),
            ("its page is changed in silence", feed.edit),
            ("another article says the same", feed.copy),
        ]
        seen: set[str] = set()
        try:
            for what, change in changes:
                began = time.monotonic()
                if change is not None:
                    change()
                ended = _next(harvester, reader, seen, stop=stop, check=check, within_s=deadline_s)
                seen.add(ended.item_id)
                steps.say(f"{what}: {_told(ended, harvester)}, {time.monotonic() - began:.1f} s later")
        finally:
            reader.end()
    return len(seen)


class _Reader:
    """Reads the feed in a thread, every second."""

    def __init__(self, settings: Settings, feed: ChangingFeed) -> None:
        self.source_id = ids.source_id("feed", feed.url)
        self.failure: str | None = None
        self._stop = Stop()
        connector = FeedsConnector(settings=settings)
        options = connector.spec.validate(
            {
                "feeds": [feed.url],
                "allow_hosts": [feed.host],
                "min_interval_s": 1,
                "max_interval_s": 1,
                "revisit_after_s": list(REVISITS_S),
                "gap_s": 0,
                "lane": settings.lane,
            }
        )

        def read() -> None:
            try:
                report: Report = run_connector(connector, options, settings, stop=self._stop)
                if report.error is not None:
                    self.failure = report.error.message
            except ConnectorError as error:
                self.failure = error.message

        self._thread = threading.Thread(target=read, name="demo-feed-reader", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop reading."""
        self._stop.ask()
        self._thread.join(JOIN_S)


def _next(
    harvester: Harvester,
    reader: _Reader,
    seen: set[str],
    *,
    stop: Stop,
    check: Callable[[], None],
    within_s: float,
) -> Outcome:
    """Wait for the next item of the feed to end."""
    deadline = time.monotonic() + within_s
    while True:
        harvester.read_items()
        harvester.read_outcomes()
        for outcome in harvester.harvest.outcomes.values():
            if outcome.source_id == reader.source_id and outcome.item_id not in seen:
                return outcome
        if stop.asked():
            raise Interrupted
        if reader.failure is not None:
            raise DemoFailed(f"the feed could not be read: {reader.failure}")
        if time.monotonic() > deadline:
            raise DemoFailed(f"a change of the feed has no outcome after {within_s:g} s")
        check()
        time.sleep(PAUSE_S)


def _told(outcome: Outcome, harvester: Harvester) -> str:
    """Say how an item ended, and what dedupe saw in it."""
    harvester.read_events()
    sighting: Sighting | None = next(
        (each for each in harvester.harvest.sightings if each.item_id == outcome.item_id), None
    )
    if sighting is None:
        return outcome.outcome
    words: list[str] = [sighting.verdict]
    if sighting.verdict == "revision":
        words = [f"revision {sighting.revision_number}"]
    if sighting.relations and sighting.relations[0].numbers_changed:
        words.append("numbers " + ", ".join(sighting.relations[0].numbers_changed))
    if outcome.outcome == "enriched":
        words.append("enriched")
    return ", ".join(words)

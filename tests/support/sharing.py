"""Workers that share loopback feeds, for tests that kill, freeze and add them, and audit what came of it."""

from __future__ import annotations

import re
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from connectors.sharing.definitions import define
from connectors.sharing.fold import Fold
from connectors.sharing.marker import Marker, read_marker
from connectors.sharing.places import GROUP
from newswire.broker import DevBroker
from newswire.settings import Settings
from newswire.sources.editing import editing
from schemas.raw_item import RawItem
from schemas.source import SourceDefinition, SourceState
from schemas.topics import RAW, SOURCE_STATE, SOURCES
from tests.support.brokers import admin_of, consume, environment_for
from tests.support.loopback_feeds import Served, host_of, overlaps, served, url_of
from tests.support.processes import Worker, Workers, environment
from tests.support.waiting import eventually

__all__ = ["FETCH_DEADLINE_S", "Sharing"]

FETCH_DEADLINE_S = 4.0
PATIENCE_S = 100.0
"""For workers to boot and to agree, on a machine with much else to do."""
_ASSIGNED = re.compile(r'"partitions": \[([\d, ]*)\], "sources": (\d+), "event": "assigned"')


class Sharing:
    """A server of *count* feeds, each a defined source, and the workers that read them."""

    def __init__(
        self,
        kafka: DevBroker,
        settings: Settings,
        workers: Workers,
        directory: Path,
        *,
        count: int,
        period_s: float,
    ) -> None:
        self.kafka, self.settings, self.workers, self.count = kafka, settings, workers, count
        self.log = directory / "requests.jsonl"
        self.log.touch()
        self.server = workers.start(
            [sys.executable, "-m", "tests.support.loopback_feeds", str(count), str(self.log), str(period_s)],
            environment(),
            "feeds",
        )
        self.server.wait_for("\n", PATIENCE_S)
        self.port = int(self.server.said().split()[0])
        self.sources = [self.definition(feed) for feed in range(count)]
        with editing(settings) as editor:
            editor.put(self.sources)

    def definition(self, feed: int, **fields: Any) -> SourceDefinition:
        given: dict[str, Any] = {
            "min_interval_s": 1,
            "max_interval_s": 2,
            "follow": "never",
            "allow_hosts": [f"{host_of(feed)}:{self.port}"],
        }
        return define(url_of(feed, self.port), **given | fields)

    def start(self) -> Worker:
        """Start a worker; it joins on its own time."""
        environ = environment(**environment_for(self.settings)) | {"NEWSWIRE_LOG_LEVEL": "debug"}
        command = [sys.executable, "-m", "tests.support.sharing_worker", str(FETCH_DEADLINE_S)]
        return self.workers.start(command, environ, "connect")

    def owned(self, worker: Worker) -> set[int]:
        """Return the partitions that a worker said last are its own."""
        said = _ASSIGNED.findall(worker.said())
        return {int(number) for number in said[-1][0].split(",") if number.strip()} if said else set()

    def await_shares(self, *workers: Worker, timeout_s: float = PATIENCE_S) -> None:
        """Wait until all partitions belong to these workers, each having some and none belonging to two."""

        def shared() -> bool:
            shares = [self.owned(worker) for worker in workers]
            held = Counter(number for share in shares for number in share)
            return all(shares) and held == Counter(range(self.settings.partitions))

        eventually(
            shared, f"{self.settings.partitions} partitions are {len(workers)} workers' own", timeout_s
        )

    def requests(self) -> list[Served]:
        return served(self.log)

    def await_requests(self, more: int = 0, timeout_s: float = PATIENCE_S) -> None:
        """Wait until every feed was asked for since now, and *more* requests came."""
        began = len(self.requests())

        def asked() -> bool:
            since = self.requests()[began:]
            return len({one.feed for one in since}) == self.count and len(since) >= more

        eventually(asked, "every feed is asked for", timeout_s, 0.2)

    def items(self) -> list[RawItem]:
        """Return every item in both lanes of ``news.raw``."""
        records = consume(self.kafka, RAW.of("live"), RAW.of("backfill"))
        return [msgspec.json.decode(record.value or b"", type=RawItem) for record in records]

    def end_publishing(self) -> None:
        """Let the feeds rest, so that what they show last can be read by somebody."""
        self.server.child.send_signal(signal.SIGUSR1)

    def await_complete(self, timeout_s: float = 120) -> dict[str, int]:
        """Wait until every entry that was ever served is an item; return figures.

        Raises:
            AssertionError: some are not, or two requests for one feed were under way at one time.
        """

        def missing() -> set[str]:
            shown = {entry for one in self.requests() for entry in one.entries}
            return shown - {item.native_id for item in self.items()}

        eventually(lambda: not missing(), "every entry that was served is an item", timeout_s, 1.0)
        requests, items = self.requests(), self.items()
        double = overlaps(requests)
        assert not double, f"{len(double)} of {len(requests)} requests overlap another: {double[:3]}"
        return {
            "requests": len(requests),
            "entries": len({entry for one in requests for entry in one.entries}),
            "items": len(items),
        }

    def states(self) -> dict[str, list[SourceState]]:
        """Return every state that was written, by source, in order."""
        found: dict[str, list[SourceState]] = {}
        for record in consume(self.kafka, SOURCE_STATE.name):
            if record.value is not None:
                state = msgspec.json.decode(record.value, type=SourceState)
                found.setdefault(state.source_id, []).append(state)
        return found

    def fold(self) -> Fold:
        """Fold the states of all sources."""
        fold = Fold()
        for record in consume(self.kafka, SOURCE_STATE.name):
            fold.state((record.key or b"").decode(), record.offset, record.value)
        return fold

    def markers(self) -> dict[int, Marker | None]:
        """Return what the last owners said of their partitions."""
        with admin_of(self.kafka) as admin:
            offsets = admin.list_group_offsets([GROUP])[GROUP]
        return {
            each.partition: read_marker(found.metadata)
            for each, found in offsets.items()
            if each.topic == SOURCES.name and found.offset >= 0
        }

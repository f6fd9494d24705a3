"""A whole pipeline of real workers, for tests that send items in and look at what comes out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from connectors.files import item_from_line
from newswire.broker import DevBroker
from newswire.settings import Settings
from schemas import EnrichedArticle, Outcome, Sighting, topics
from schemas.raw_item import RawItem
from schemas.wire import WireRecord, encode, event_headers
from tests.support.brokers import consume, environment_for, produce
from tests.support.processes import Worker, Workers, environment
from tests.support.waiting import eventually

FIRST_SEEN = datetime(2026, 11, 24, 8, tzinfo=UTC)
STAGES = ("normalize", "dedupe", "enrich")
BOOT_S = 110.0
"""For a worker to import, to load a model and to be given its partitions, on a machine with much else to do."""


def items(lines: Iterable[dict[str, Any]], **defaults: Any) -> list[RawItem]:
    """Make items of JSON lines; each gets its own second as its time where it names none."""
    return [
        item_from_line(
            json.dumps(line).encode(),
            source_id="test",
            fetched_at=f"{FIRST_SEEN + timedelta(seconds=number):%Y-%m-%dT%H:%M:%S}.000000Z",
            **defaults,
        )
        for number, line in enumerate(lines)
    ]


def raw_record(item: RawItem) -> WireRecord:
    return WireRecord(
        topic=topics.RAW.of(item.lane),
        key=item.link_key.encode(),
        value=encode(item),
        headers=event_headers(
            id=item.item_id,
            type=topics.RAW.ce_type,
            source="/newswire/test",
            subject=item.item_id,
            time=item.fetched_at,
        ),
    )


class Pipeline:
    """Workers of all stages over one broker."""

    def __init__(self, kafka: DevBroker, workers: Workers, settings: Settings) -> None:
        self.kafka, self.workers, self.settings = kafka, workers, settings
        self.environ = environment(**environment_for(settings))
        self.running: dict[str, list[Worker]] = {stage: [] for stage in STAGES}

    def start(self, *stages: str, lane: str = "live") -> list[Worker]:
        """Start a worker of each stage and wait until each has its assignment."""
        started = [self.add(stage, lane) for stage in stages or STAGES]
        for worker in started:
            worker.wait_for('"assigned"', BOOT_S)
        return started

    def add(self, stage: str, lane: str = "live") -> Worker:
        """Start a worker of a stage."""
        # What dedupe judges must not hang on the order of a set: see tests.support.zygote.
        anew = stage == "dedupe"
        worker = self.workers.newswire(
            *("worker", stage, "--lane", lane), environ=self.environ, name=stage, anew=anew
        )
        self.running[stage].append(worker)
        return worker

    def owners(self, stage: str) -> list[Worker]:
        """Return the running workers that were last given partitions, as they say, the last one last."""
        told = []
        for worker in self.running[stage]:
            assigned = worker.events("assigned")
            if worker.running and assigned and assigned[-1]["partitions"]:
                told.append((assigned[-1]["time"], worker))
        return [worker for _time, worker in sorted(told, key=lambda each: each[0])]

    def send(self, some: Iterable[RawItem]) -> list[RawItem]:
        """Put items on news.raw, all in one partition, so that they are judged in this order."""
        sent = list(some)
        produce(self.kafka, [msgspec.structs.replace(raw_record(item), partition=0) for item in sent])
        return sent

    def outcomes(self) -> dict[str, Outcome]:
        """Return the latest outcome of each item."""
        found: dict[str, Outcome] = {}
        for record in consume(self.kafka, topics.OUTCOMES.name):
            outcome = msgspec.json.decode(record.value or b"", type=Outcome)
            if outcome.attempt >= (found[outcome.item_id].attempt if outcome.item_id in found else 0):
                found[outcome.item_id] = outcome
        return found

    def finish(self, some: Iterable[RawItem], timeout_s: float = 120) -> list[Outcome]:
        """Wait until each of the items has its outcome, and return these in the items' order."""
        wanted = [item.item_id for item in some]
        eventually(lambda: set(wanted) <= set(self.outcomes()), "every item has an outcome", timeout_s, 0.5)
        outcomes = self.outcomes()
        return [outcomes[item_id] for item_id in wanted]

    def sightings(self, lane: str = "live") -> list[Sighting]:
        return self._events(topics.SIGHTINGS.of(lane), Sighting)

    def enriched(self) -> list[EnrichedArticle]:
        return self._events(topics.ENRICHED.name, EnrichedArticle)

    def _events(self, topic: str, kind: Any) -> list[Any]:
        return [msgspec.json.decode(record.value or b"", type=kind) for record in consume(self.kafka, topic)]

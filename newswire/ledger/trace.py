"""Trace items: from the coordinates that their outcomes carry to the records that lie there.

Each record is sought where it must be: hops by their offsets, what else a stage wrote by its partition and
from the time of the step on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from newswire.ledger.events import event_of
from newswire.ledger.find import Finder, Found
from newswire.ledger.letters import letter_of
from newswire.ledger.path import AttemptPath, ItemPath, Step, milliseconds, steps_of
from newswire.ledger.places import Place
from newswire.ledger.reader import TopicReader
from schemas.article import Article
from schemas.enriched import EnrichedArticle
from schemas.outcome import Hop, Outcome
from schemas.raw_item import RawItem
from schemas.sighting import Sighting, UniqueArticle
from schemas.topics import DEAD_LETTER, ENRICHED, SIGHTINGS
from schemas.vocabulary import Lane
from schemas.wire import header, read_progress
from streams.engine.clock import from_ms
from streams.engine.records import Partition, Record

__all__ = ["trace"]

MARGIN_MS: Final = 60_000
"""A worker's clock and a broker's differ by less."""


def trace(
    reader: TopicReader, target: str, *, limit: int = 5, say: Callable[[str], None] = lambda _text: None
) -> list[ItemPath]:
    """Return the ways of the items that *target* means, the newest first, *limit* at most.

    Raises:
        NotALink: the target looks like a link and is none.
        MissingTopic: a topic does not exist.
    """
    finder = Finder(reader, say)
    found = finder.find(target)
    tracer = _Tracer(reader, finder)
    newest = sorted(_when(found), reverse=True)[:limit]
    return [tracer.path(found, item_id) for _when_seen, item_id in newest]


def _when(found: Found) -> Iterator[tuple[int, str]]:
    for item_id, attempts in found.outcomes.items():
        yield max(record.timestamp_ms for record, _outcome in attempts.values()), item_id
    for item_id, records in found.records.items():
        yield max(record.timestamp_ms for record in records), item_id


class _Tracer:
    def __init__(self, reader: TopicReader, finder: Finder) -> None:
        self._reader = reader
        self._finder = finder

    def path(self, found: Found, item_id: str) -> ItemPath:
        """Follow one item."""
        path = ItemPath(item_id=item_id)
        attempts = found.outcomes.get(item_id)
        if attempts is None:
            self._under_way(path, self._finder.whole_way(item_id, found.records[item_id]))
        else:
            for _number, (record, outcome) in sorted(attempts.items()):
                path.attempts.append(self._attempt(path, record, outcome))
        return path

    def _under_way(self, path: ItemPath, records: list[Record]) -> None:
        last = records[-1]
        progress = read_progress(last.headers)
        hops = [*progress.hops, Hop(topic=last.topic, partition=last.partition, offset=last.offset)]
        for record in records:
            self._learn(path, record)
        times = progress.times
        if not progress.hops:
            # The raw record itself carries no progress yet: what it shows is all there is.
            times = msgspec.structs.replace(times, raw=from_ms(last.timestamp_ms))
        attempt = AttemptPath(
            attempt=progress.attempt,
            requeued_from=_written(progress.requeued_from),
            steps=steps_of(times, hops),
        )
        path.attempts.append(attempt)

    def _attempt(self, path: ItemPath, record: Record, outcome: Outcome) -> AttemptPath:
        path.lane = outcome.lane
        path.source_id, path.native_id = outcome.source_id, outcome.native_id or path.native_id
        path.article_id, path.revision_id = outcome.article_id, outcome.revision_id
        steps = steps_of(outcome.times, outcome.hops)
        attempt = AttemptPath(
            attempt=outcome.attempt,
            outcome=outcome.outcome,
            reason=outcome.reason,
            stage=outcome.stage,
            requeued_from=_written(outcome.requeued_from),
            steps=steps,
        )
        key: bytes | None = None
        for step in steps:
            for place in map(Place.parse, step.places):
                kept = place and self._reader.one(place)
                if kept:
                    self._learn(path, kept)
                    key = kept.key
                else:
                    step.gone.append(str(place))
        by_name = {step.name: step for step in steps}
        if "judged" in by_name:
            self._judged(path, attempt, by_name["judged"], outcome)
        if "enriched" in by_name:
            self._enriched(path, attempt, by_name["enriched"], outcome)
        if outcome.outcome == "dead_letter":
            self._dead(attempt, record, outcome, key)
        at = (header(record.headers, "ce_time") or b"").decode("ascii", "replace") or None
        steps.append(Step(name="outcome", at=at, places=[str(Place.of(record))]))
        return attempt

    def _judged(self, path: ItemPath, attempt: AttemptPath, step: Step, outcome: Outcome) -> None:
        for record in self._since(self._reader.partitions(SIGHTINGS.of(_lane(outcome.lane))), step.at):
            event = event_of(record) if outcome.item_id.encode() in (record.value or b"") else None
            if isinstance(event, Sighting) and event.item_id == outcome.item_id:
                attempt.sighting = event
                step.places.insert(0, str(Place.of(record)))
                path.title, path.url = event.title or path.title, event.url or path.url
                path.native_id = event.native_id
                return

    def _enriched(self, path: ItemPath, attempt: AttemptPath, step: Step, outcome: Outcome) -> None:
        if outcome.article_id is None:
            return
        partition = ENRICHED.name, self._reader.of_key(ENRICHED.name, outcome.article_id)[1]
        for record in self._since([partition], step.at):
            event = event_of(record) if outcome.item_id.encode() in (record.value or b"") else None
            if (
                isinstance(event, EnrichedArticle)
                and event.item_id == outcome.item_id
                and event.attempt == outcome.attempt
            ):
                step.places.append(str(Place.of(record)))
                attempt.claims, attempt.entities = event.claims, event.entities
                attempt.revision_kind = event.revision_kind
                path.title, path.url = event.title or path.title, event.canonical_url or path.url
                return

    def _dead(self, attempt: AttemptPath, ended: Record, outcome: Outcome, key: bytes | None) -> None:
        partitions = self._reader.partitions(DEAD_LETTER.name)
        if key is not None:
            partitions = [self._reader.of_key(DEAD_LETTER.name, key)]
        for record in self._since(partitions, from_ms(ended.timestamp_ms)):
            letter = letter_of(record)
            if letter and (letter.item_id, letter.attempt) == (outcome.item_id, outcome.attempt):
                attempt.steps.append(Step(name="dead letter", places=[str(Place.of(record))]))
                return

    def _learn(self, path: ItemPath, record: Record) -> None:
        """Take what a record on the way says of its item."""
        event = event_of(record)
        part = event.article if isinstance(event, UniqueArticle) else event
        if isinstance(part, Article | RawItem):
            path.title, path.native_id, path.lane = part.title or path.title, part.native_id, part.lane
            path.source_id = part.source_id
            url = part.canonical_url if isinstance(part, Article) else part.url
            path.url = path.url or url or part.url
        if isinstance(part, Article):
            path.article_id = path.article_id or part.article_id

    def _since(self, partitions: list[Partition], at: str | None) -> Iterator[Record]:
        """Read partitions from shortly before a moment, or whole where the moment is none."""
        try:
            starts = self._reader.at(partitions, milliseconds(at or "") - MARGIN_MS)
        except ValueError:
            starts = self._reader.begins(partitions)
        return self._reader.read(starts, self._reader.ends(partitions))


def _lane(lane: str) -> Lane:
    return "backfill" if lane == "backfill" else "live"


def _written(hop: Hop | None) -> str | None:
    return str(Place.of(hop)) if hop else None

"""The audit: every item that came in has one outcome, nothing is lost, nothing is double, offsets are true.

Everything is told apart by id, and ids are held as 16 packed bytes: with all columns an item takes about 45
bytes, a sighting 110 to 165 and a claim or entity of one partition 35 (measured on half a million items), so
that five million items with a million enriched articles take about a gigabyte.  Records are folded as they
are read and not kept.

What is under way is told from what is lost by the stages' committed offsets.  They are asked first and the
ends of topics afterwards, so an item whose records all lie before them has left everything it leads to in
what is then read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from newswire.ledger.findings import Findings
from newswire.ledger.groups import LANES, Groups, flows, opened
from newswire.ledger.items import Items
from newswire.ledger.judgements import Judgements
from newswire.ledger.parts import Enrichments, Parts
from newswire.ledger.reader import Offsets, TopicReader
from newswire.ledger.report import AuditReport
from newswire.ledger.verdict import count_items, judge_items
from newswire.settings import Settings
from schemas.topics import (
    ARTICLE,
    CLAIMS,
    DEAD_LETTER,
    ENRICHED,
    ENTITIES,
    OUTCOMES,
    RAW,
    SIGHTINGS,
    UNIQUE,
)
from streams.engine.clock import from_ms
from streams.engine.records import Partition, Record

__all__ = ["AUDITED", "Progress", "audit", "narrowed"]

Progress = Callable[[str, int, int], None]
"""Called now and then with a topic, how many of its records were read, and how many offsets there are."""
MARGIN_MS: Final = 3_600_000
"""Clocks of different machines differ by less, and nothing of one batch is further apart."""
PROGRESS_EVERY: Final = 1000
SHORTEST_WINDOW_MS: Final = 1000
_OF_A_LANE: Final = (RAW, ARTICLE, SIGHTINGS, UNIQUE)
_OF_BOTH: Final = (ENRICHED, CLAIMS, ENTITIES, OUTCOMES, DEAD_LETTER)
AUDITED: Final = (*_OF_A_LANE, *_OF_BOTH)
"""The topics that an audit reads, those of both lanes where each has its own."""
_TOPICS: Final = [
    *(topic.of(lane) for lane in LANES for topic in _OF_A_LANE),
    *(topic.name for topic in _OF_BOTH),
]


def audit(
    settings: Settings,
    *,
    wait_s: float = 0.0,
    since_ms: int | None = None,
    examples: int = 20,
    grace_s: float | None = None,
    most_items: int | None = None,
    progress: Progress | None = None,
) -> AuditReport:
    """Audit the ledger of one cluster.

    It first waits up to *wait_s* seconds for the stages to be done with what is in the raw topics now.  With
    *since_ms*, milliseconds since 1970, only items that came later are looked at.  *examples* violations of
    each kind are named.  With *grace_s*, what is under way for longer is counted as late.  Where more than
    *most_items* records came since *since_ms*, it looks less far back: at the last half of the time, or of that.

    Raises:
        MissingTopic: a topic does not exist.
        KafkaError: the cluster does not answer.
    """
    begun = time.monotonic()
    with opened(settings) as (reader, groups):
        reading = _Reading(reader, progress)
        for topic in _TOPICS:
            reader.partitions(topic)  # one that is missing is told now, and not in the middle
        raw = {lane: reader.partitions(RAW.of(lane)) for lane in LANES}
        raw_ends = reader.ends(each for partitions in raw.values() for each in partitions)
        waited = [
            (flow, {p: raw_ends[p] for p in raw[flow.lane]} if flow.topic == RAW.of(flow.lane) else None)
            for flow in flows()
        ]
        complete = groups.wait(waited, begun + wait_s)
        now_ms = int(time.time() * 1000)
        if since_ms is not None and most_items is not None:
            since_ms = narrowed(since_ms, now_ms, most_items, lambda at: _after(reader, raw_ends, at))
        items = Items(Findings(examples), None if grace_s is None else now_ms - int(grace_s * 1000))
        _fold_raw(items, reading, groups, raw_ends, since_ms)
        judgements = Judgements(items)
        from_ms_ = None if since_ms is None else since_ms - MARGIN_MS
        for record in reading.whole(OUTCOMES.name, from_ms_):
            items.take_outcome(record)
        for record in reading.whole(DEAD_LETTER.name, from_ms_):
            items.take_dead_letter(record)
        for lane in LANES:
            for record in reading.whole(SIGHTINGS.of(lane), from_ms_):
                judgements.take(record)
        enrichments = Enrichments(items, judgements)
        _fold_parts(reading, enrichments, reading.first_raw_ms if since_ms is None else since_ms)
    judge_items(items, judgements, enrichments, time.time())
    return AuditReport(
        bootstrap=settings.kafka_bootstrap,
        since=None if since_ms is None else from_ms(since_ms),
        seconds=round(time.monotonic() - begun, 3),
        complete=complete,
        counts=count_items(items, judgements),
        records={
            RAW.name: items.raw,
            SIGHTINGS.name: judgements.seen,
            ENRICHED.name: enrichments.enriched,
            CLAIMS.name: enrichments.claims,
            ENTITIES.name: enrichments.entities,
            OUTCOMES.name: items.outcomes,
            DEAD_LETTER.name: items.dead_letters,
        },
        violations=items.findings.list(),
    )


def narrowed(since_ms: int, now_ms: int, most: int, count: Callable[[int], int]) -> int:
    """Return the first of *since_ms*, the middle between it and *now_ms*, and so on, since when at most
    *most* records came; *count* tells how many came since a time.
    """
    while now_ms - since_ms > SHORTEST_WINDOW_MS and count(since_ms) > most:
        since_ms = now_ms - (now_ms - since_ms) // 2
    return since_ms


def _after(reader: TopicReader, ends: Offsets, at_ms: int) -> int:
    """Return how many offsets lie between a time and the ends."""
    starts = reader.at(list(ends), at_ms)
    return sum(max(0, end - starts[each]) for each, end in ends.items())


class _Reading:
    """Reads topics to their ends and tells how far it is."""

    def __init__(self, reader: TopicReader, progress: Progress | None) -> None:
        self.reader = reader
        self._progress = progress
        self.first_raw_ms: int | None = None
        """Timestamp of the oldest raw record that was read."""

    def starts(self, partitions: Iterable[Partition], from_ms_: int | None) -> Offsets:
        """Return where to begin: at what is kept, or at a time."""
        wanted = list(partitions)
        return self.reader.begins(wanted) if from_ms_ is None else self.reader.at(wanted, from_ms_)

    def whole(self, topic: str, from_ms_: int | None, ends: Offsets | None = None) -> Iterator[Record]:
        """Yield what a topic, or the partitions that *ends* names up to these, holds from a time on."""
        if ends is None:
            ends = self.ends(topic)
        return self.read(topic, self.starts(ends, from_ms_), ends)

    def ends(self, topic: str, number: int | None = None) -> Offsets:
        """Return where a topic ends now, or one partition of it."""
        partitions = self.reader.partitions(topic)
        return self.reader.ends(each for each in partitions if number is None or each[1] == number)

    def read(self, topic: str, starts: Offsets, ends: Offsets) -> Iterator[Record]:
        """Yield records between offsets."""
        total = sum(max(0, ends[each] - start) for each, start in starts.items())
        for number, record in enumerate(self.reader.read(starts, ends)):
            if self._progress is not None and number % PROGRESS_EVERY == 0:
                self._progress(topic, number, total)
            yield record


def _fold_raw(
    items: Items, reading: _Reading, groups: Groups, raw_ends: Offsets, since_ms: int | None
) -> None:
    """Fold what came in, and mark what is before a stage that has not got to it."""
    done = {flow: groups.committed(flow) for flow in flows()}
    for lane in LANES:
        topic = RAW.of(lane)
        partitions = reading.reader.partitions(topic)
        starts = reading.starts(partitions, since_ms)
        for record in reading.read(topic, starts, raw_ends):
            items.take_raw(record, lane)
            reading.first_raw_ms = min(reading.first_raw_ms or record.timestamp_ms, record.timestamp_ms)
        # Retention may have taken records away meanwhile: only what is still there could have been read.
        begins = reading.reader.begins(partitions)
        items.raw_read |= {each: (max(starts[each], begins[each]), raw_ends[each]) for each in partitions}
    for flow, committed in done.items():
        for record in groups.ahead(flow, committed):
            items.take_under_way(record)


def _fold_parts(reading: _Reading, enrichments: Enrichments, since_ms: int | None) -> None:
    """Fold enriched events, claims and entities, which lie in partitions of one number."""
    from_ms_ = None if since_ms is None else since_ms - MARGIN_MS
    compacted_ms = int(time.time() * 1000) - ENRICHED.min_compaction_lag_ms
    report_from_ms = max(since_ms or 0, compacted_ms)
    topics = (ENRICHED.name, CLAIMS.name, ENTITIES.name)
    counts = {len(reading.reader.partitions(topic)) for topic in topics}
    numbers: list[int | None] = list(range(counts.pop())) if len(counts) == 1 else [None]
    for number in numbers:
        parts = Parts(enrichments)
        # Where stages are at work: a part that is there now has its enriched event there when that is read.
        claims, entities = reading.ends(CLAIMS.name, number), reading.ends(ENTITIES.name, number)
        for record in reading.whole(ENRICHED.name, from_ms_, reading.ends(ENRICHED.name, number)):
            parts.take_enriched(record)
        for record in reading.whole(CLAIMS.name, from_ms_, claims):
            parts.take_part(record, "claim", report_from_ms=report_from_ms)
        for record in reading.whole(ENTITIES.name, from_ms_, entities):
            parts.take_part(record, "entity", report_from_ms=report_from_ms)
        parts.finish()

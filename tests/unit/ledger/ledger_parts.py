"""The audit's folds over hand-made records, without a broker."""

from __future__ import annotations

from collections.abc import Iterable

from newswire.ledger.findings import Findings, Violation
from newswire.ledger.items import Items
from newswire.ledger.judgements import Judgements
from newswire.ledger.parts import Enrichments, Parts
from newswire.ledger.report import ItemCounts
from newswire.ledger.verdict import count_items, judge_items
from schemas import topics
from schemas.vocabulary import Lane
from schemas.wire import WireRecord
from streams.engine.records import Record
from tests.support.ledger import laid

NOW_S = 1_795_600_000.0
"""A day after the hand-made events: nothing of theirs can have been compacted away."""


class Folded:
    """The folds of some records, in the order in which an audit reads the topics."""

    def __init__(
        self,
        records: Iterable[WireRecord],
        *,
        under_way: Iterable[WireRecord] = (),
        now_s: float = NOW_S,
        report_from_ms: int = 0,
        examples: int = 20,
    ) -> None:
        placed = laid(records)
        self.findings = Findings(examples)
        self.items = Items(self.findings)
        lanes: tuple[Lane, ...] = ("live", "backfill")
        for lane in lanes:
            raw = _of(placed, topics.RAW.of(lane))
            self.items.raw_read[topics.RAW.of(lane), 0] = (0, len(raw))
            for record in raw:
                self.items.take_raw(record, lane)
        for record in laid(under_way):
            self.items.take_under_way(record)
        for record in _of(placed, topics.OUTCOMES.name):
            self.items.take_outcome(record)
        for record in _of(placed, topics.DEAD_LETTER.name):
            self.items.take_dead_letter(record)
        self.judgements = Judgements(self.items)
        for lane in lanes:
            for record in _of(placed, topics.SIGHTINGS.of(lane)):
                self.judgements.take(record)
        self.enrichments = Enrichments(self.items, self.judgements)
        parts = Parts(self.enrichments)
        for record in _of(placed, topics.ENRICHED.name):
            parts.take_enriched(record)
        for record in _of(placed, topics.CLAIMS.name):
            parts.take_part(record, "claim", report_from_ms=report_from_ms)
        for record in _of(placed, topics.ENTITIES.name):
            parts.take_part(record, "entity", report_from_ms=report_from_ms)
        parts.finish()
        judge_items(self.items, self.judgements, self.enrichments, now_s)

    @property
    def violations(self) -> list[Violation]:
        return self.findings.list()

    @property
    def counts(self) -> ItemCounts:
        return count_items(self.items, self.judgements)

    def kinds(self) -> dict[str, list[str]]:
        """The ids named for each kind of violation."""
        return {each.kind: [example.id for example in each.examples] for each in self.violations}


def _of(records: Iterable[Record], topic: str) -> list[Record]:
    return [record for record in records if record.topic == topic]

"""The fold over enriched events and over the claims' and entities' own events.

An article's enriched, claim and entity events lie in partitions of one number, so they are folded one
number at a time and forgotten: about 35 bytes for each claim and entity of one partition are held.
"""

from __future__ import annotations

from array import array
from typing import Final, Literal

import msgspec

from newswire.ledger.items import ENRICHED, Items, Seen, event_id
from newswire.ledger.judgements import Judgements
from newswire.ledger.packed import PackedIds, digest32, packed, unpacked
from newswire.ledger.spans import wrong_spans
from schemas.ids import enriched_event_id, part_event_id, sha256_hex
from streams.engine.records import Record

__all__ = ["Enrichments", "Part", "Parts"]

Part = Literal["claim", "entity"]


class _Model(msgspec.Struct):
    name: str
    version: str
    weights_sha256: str | None = None


class _EnrichedHead(msgspec.Struct):
    item_id: str
    revision_id: str
    enrichment_id: str
    text_sha256: str
    enricher: _Model
    attempt: int = 1
    text: str = ""
    claim_ids: list[str] = []
    claims: list[msgspec.Raw] = []
    entities: list[msgspec.Raw] = []


class _ClaimHead(msgspec.Struct):
    claim_id: str


class _EntityHead(msgspec.Struct):
    entity_id: str


_enriched: Final = msgspec.json.Decoder(_EnrichedHead)
_claims: Final = msgspec.json.Decoder(_ClaimHead)
_entities: Final = msgspec.json.Decoder(_EntityHead)
_any: Final = msgspec.json.Decoder()


class Enrichments:
    """What enriched events say of their items and revisions, over all partitions."""

    def __init__(self, items: Items, judgements: Judgements) -> None:
        self.items = items
        self.judgements = judgements
        self._revisions = array("B")
        self._enrichers: list[str] = []
        self._last_attempt = array("B")
        self._last_enricher = array("H")
        self.enriched, self.claims, self.entities = Seen(), Seen(), Seen()

    def note_revision(self, revision_id: str) -> None:
        """Note that there is an enriched event of a revision."""
        number = self.judgements.revision_ids.find(packed(revision_id))
        while len(self._revisions) <= number:
            self._revisions.append(0)
        if number >= 0:
            self._revisions[number] = 1

    def has_revision(self, number: int) -> bool:
        """Tell whether a revision, by its number in the judgements, has an enriched event."""
        return number < len(self._revisions) and bool(self._revisions[number])

    def first_of(self, row: int, attempt: int, enricher: str) -> bool:
        """Note who enriched an item in an attempt; tell whether the same one has done so before."""
        while len(self._last_attempt) <= row:
            self._last_attempt.append(0)
            self._last_enricher.append(0)
        if enricher not in self._enrichers:
            self._enrichers.append(enricher)
        number = self._enrichers.index(enricher)
        same = (self._last_attempt[row], self._last_enricher[row]) == (min(attempt, 255), number)
        self._last_attempt[row], self._last_enricher[row] = min(attempt, 255), number
        return not same


class Parts:
    """One partition's enriched events with what they promise of claims and entities, and what came."""

    def __init__(self, enrichments: Enrichments) -> None:
        self._all = enrichments
        self._findings = enrichments.items.findings
        self._events = PackedIds()
        self._event_values = array("I")
        self._event_rows = array("I")
        self._parts = PackedIds()
        self._part_values = array("I")
        self._part_events = array("I")
        self._came = array("B")

    def take_enriched(self, record: Record) -> None:
        """Take a record of news.enriched.  A null value, which compaction deletes by, says nothing."""
        if record.value is None:
            return
        try:
            event = _enriched.decode(record.value)
            claims = [(_claims.decode(raw).claim_id, bytes(raw)) for raw in event.claims]
            entities = [(_entities.decode(raw).entity_id, bytes(raw)) for raw in event.entities]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._findings.add("undecodable", event_id(record), str(error), record)
            return
        self._all.enriched.records += 1
        expected = enriched_event_id(event.item_id, event.enrichment_id, event.attempt)
        if event_id(record) != expected:
            self._findings.add("wrong_event_id", event.item_id, f"{event_id(record)}, not {expected}", record)
        number = self._events.add(packed(expected))
        value = digest32(record.value)
        if number < len(self._event_values):
            self._all.enriched.redelivered += 1
            if value != self._event_values[number]:
                self._findings.add("event_differs", event.item_id, "an enriched event", record)
            return
        row = self._all.items.row(event.item_id)
        self._event_values.append(value)
        self._event_rows.append(row)
        self._check(event, record, row, [claim_id for claim_id, _raw in claims])
        for part_id, raw in claims + entities:
            self._expect(number, part_event_id(expected, part_id), raw)

    def _check(self, event: _EnrichedHead, record: Record, row: int, claim_ids: list[str]) -> None:
        findings, name = self._findings, event.item_id
        self._all.items.flags[row] |= ENRICHED
        self._all.note_revision(event.revision_id)
        if record.key != event.revision_id.encode("utf-8", "replace"):
            findings.add("wrong_key", name, f"the key is {record.key!r:.60}", record)
        judged = self._all.judgements.of(row)
        if judged and not self._all.judgements.asked(row, event.revision_id):
            findings.add("enriched_unasked", name, f"revision {event.revision_id}", record)
        model = f"{event.enricher.name}/{event.enricher.version}/{event.enricher.weights_sha256}"
        if not self._all.first_of(row, event.attempt, model):
            findings.add("two_enrichments", name, f"attempt {event.attempt} by {model}", record)
        if sorted(event.claim_ids) != sorted(claim_ids) or len(set(claim_ids)) < len(claim_ids):
            detail = f"{len(event.claim_ids)} ids, {len(claim_ids)} claims"
            findings.add("claim_ids_differ", name, detail, record)
        if sha256_hex(event.text) != event.text_sha256:
            findings.add("text_differs", name, event.text_sha256, record)
        for wrong in wrong_spans(_any.decode(record.value or b"")):
            findings.add("span_differs", name, wrong, record)

    def _expect(self, number: int, part_event: str, raw: bytes) -> None:
        if self._parts.add(packed(part_event)) == len(self._came):
            self._part_values.append(digest32(raw))
            self._part_events.append(number)
            self._came.append(0)

    def take_part(self, record: Record, part: Part, *, report_from_ms: int = 0) -> None:
        """Take a record of news.claims or news.entities, once all enriched events are taken.

        One that is older than *report_from_ms* and belongs nowhere is passed over: its enriched event was
        not read, or compaction has taken it away.
        """
        seen = self._all.claims if part == "claim" else self._all.entities
        seen.records += 1
        number = self._parts.find(packed(event_id(record)))
        if number < 0:
            if record.timestamp_ms >= report_from_ms:
                self._findings.add("part_foreign", event_id(record), part, record)
            return
        if self._came[number]:
            seen.redelivered += 1
        self._came[number] = 1
        if digest32(record.value or b"") != self._part_values[number]:
            item = self._all.items.name(self._event_rows[self._part_events[number]])
            self._findings.add("event_differs", item, f"a {part}, and what its enriched event holds", record)

    def finish(self) -> None:
        """Report what was promised and did not come."""
        for number, came in enumerate(self._came):
            row = self._event_rows[self._part_events[number]]
            if not came and self._all.items.settled(row):
                self._findings.add(
                    "part_missing", self._all.items.name(row), f"event {unpacked(self._parts[number])}"
                )

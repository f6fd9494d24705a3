"""What an audit finds: violations by kind, each with its count and some named examples."""

from __future__ import annotations

from typing import Final

import msgspec

from newswire.ledger.places import Place
from streams.engine.records import Record

__all__ = ["KINDS", "Example", "Findings", "Violation"]

KINDS: Final = {
    "no_outcome": "an item was done with and has no outcome: it is lost",
    "two_outcomes": "one attempt at an item ended in two ways",
    "outcome_of_no_item": "an outcome names a raw record that is no record of its item",
    "no_sighting": "an item ended in dedupe or after it, and was not seen to be judged",
    "two_verdicts": "one item was judged twice, and otherwise the second time",
    "outcome_not_verdict": "the outcome is not what the verdict says",
    "two_owners": "one exact text went to enrichment for two articles of a lane within the window",
    "not_enriched": "it was to be enriched, and there is neither an enriched event nor a dead letter",
    "enriched_unasked": "an enriched event of which no verdict said that it was to be made",
    "two_enrichments": "one attempt at an item was enriched twice by the same extractor",
    "no_dead_letter": "the outcome is dead_letter, and there is none",
    "dead_letter_without_outcome": "there is a dead letter, and no outcome of that attempt or a later one",
    "claim_ids_differ": "an enriched event's claim_ids are not the ids of its claims",
    "part_missing": "an enriched event's claim or entity has no event of its own",
    "part_foreign": "a claim's or entity's event belongs to no enriched event",
    "span_differs": "a span does not reproduce the text",
    "text_differs": "text_sha256 is not that of the text",
    "event_differs": "an event was delivered twice, and with other contents the second time",
    "wrong_event_id": "an event's id is not what its contents give",
    "wrong_key": "a record's key is not what its contents give",
    "undecodable": "a record of ours cannot be read",
}
"""Every kind of violation and what it means, gravest first."""


class Example(msgspec.Struct, frozen=True):
    """One violation by name."""

    id: str
    """The item's id, or that of what else is wrong."""
    detail: str = ""
    place: str | None = None
    """Where the record lies: ``topic/partition/offset``."""


class Violation(msgspec.Struct, frozen=True):
    """All violations of one kind."""

    kind: str
    meaning: str
    count: int
    examples: list[Example]


class Findings:
    """Collects violations: counts all, keeps the first few of each kind."""

    def __init__(self, examples: int = 20) -> None:
        self._limit = examples
        self._counts: dict[str, int] = {}
        self._examples: dict[str, list[Example]] = {}

    def add(self, kind: str, id: str, detail: str = "", record: Record | None = None) -> None:
        """Note one violation of a kind that `KINDS` names."""
        assert kind in KINDS
        self._counts[kind] = self._counts.get(kind, 0) + 1
        kept = self._examples.setdefault(kind, [])
        if len(kept) < self._limit:
            kept.append(Example(id, detail, str(Place.of(record)) if record else None))

    def list(self) -> list[Violation]:
        """Return what was found, gravest first."""
        return [
            Violation(kind, meaning, self._counts[kind], self._examples[kind])
            for kind, meaning in KINDS.items()
            if kind in self._counts
        ]

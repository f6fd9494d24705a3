"""Write down how a content relates to one seen before."""

from __future__ import annotations

from typing import Final, Protocol

from schemas.sighting import Relation
from schemas.vocabulary import RelationKind
from streams.dedupe.compare import Comparison
from streams.dedupe.item import Item
from streams.dedupe.times import micros

__all__ = ["EXACTLY", "Seen", "likeness", "related"]

EXCERPT_CONTAINMENT: Final = 0.8
EXCERPT_LENGTH: Final = 0.7
EXACTLY: Final = Comparison(1.0, 1.0, 1.0, [], [], negation_changed=False, unmatched_sentences=[])
"""How a content compares with one of exactly its words."""


class Seen(Protocol):
    """A content seen before."""

    @property
    def article_id(self) -> str:
        """Its article."""

    @property
    def revision_id(self) -> str:
        """The content."""

    @property
    def item_id(self) -> str:
        """The item that showed it first."""

    @property
    def publisher(self) -> str | None:
        """Registrable domain of its publisher."""

    @property
    def first_seen_at(self) -> str:
        """``fetched_at`` of that item."""


def likeness(comparison: Comparison, near: float) -> RelationKind | None:
    """Name how two contents are alike: near copies from a Jaccard similarity of *near* on; an excerpt where
    0.8 of the shorter are in the other and it is less than 0.7 as long; null where they are neither.
    """
    if comparison.jaccard >= near:
        return "near_copy"
    of_this, of_other = comparison.containment_of_this, comparison.containment_of_other
    # Shared shingles over each one's own: the quotient of the two is that of the lengths.
    if of_other >= EXCERPT_CONTAINMENT and of_this < EXCERPT_LENGTH * of_other:
        return "contains"
    if of_this >= EXCERPT_CONTAINMENT and of_other < EXCERPT_LENGTH * of_this:
        return "excerpt_of"
    return None


def related(item: Item, other: Seen, kind: RelationKind, comparison: Comparison) -> Relation:
    """Relate an item to a content that it was compared with."""
    domain = item.article.publisher.domain
    return Relation(
        article_id=other.article_id,
        revision_id=other.revision_id,
        item_id=other.item_id,
        kind=kind,
        jaccard=comparison.jaccard,
        containment_of_this=comparison.containment_of_this,
        containment_of_other=comparison.containment_of_other,
        numbers_changed=comparison.numbers_changed,
        names_changed=comparison.names_changed,
        negation_changed=comparison.negation_changed,
        unmatched_sentences=comparison.unmatched_sentences,
        same_publisher=domain is not None and domain == other.publisher,
        publisher=other.publisher,
        first_seen_at=other.first_seen_at,
        lag_s=(item.fetched - micros(other.first_seen_at)) / 1e6,
    )

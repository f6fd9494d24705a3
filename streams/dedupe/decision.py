"""A decision is what a sighting says beyond its article: all that must be remembered to repeat it.

The same article with the same decision gives the same sighting, byte for byte, and a sighting gives its
decision back.
"""

from __future__ import annotations

import msgspec

from schemas.article import Article, Fingerprints
from schemas.sighting import Relation, Sighting, Standing
from schemas.vocabulary import RevisionKind, Verdict
from streams.dedupe.entries import ITEM, key_of
from streams.dedupe.times import micros, millis, rfc3339

__all__ = ["Decision", "decision_of", "extractor_of", "item_key", "sighting_of"]


class Decision(msgspec.Struct, array_like=True, frozen=True, gc=False, kw_only=True):
    """What was decided of one item; the fields are those of `schemas.Sighting`."""

    article_id: str
    revision_id: str
    revision_number: int
    previous_revision_id: str | None
    revision_kind: RevisionKind | None
    reverts_to: int | None
    flags: list[str]
    at: int
    """``judged_record_at``, in ms since 1970."""
    verdict: Verdict
    enrich: bool
    relations: list[Relation]
    window_start: int
    """In ms since 1970."""
    sketched: bool
    """The sighting carries the article's sketch."""
    standing: Standing


def extractor_of(article: Article) -> str:
    """Return name and version of what made the text, as sightings have it."""
    return f"{article.extractor.name}/{article.extractor.version}"


def item_key(item_id: str, extractor: str, content_hash: str) -> bytes:
    """Return the key of one item as one extractor read it: it is judged once."""
    return key_of(ITEM, item_id, extractor, content_hash)


def sighting_of(article: Article, decision: Decision, extractor: str) -> Sighting:
    """Write down what was decided of an article."""
    fingerprints = article.fingerprints
    if fingerprints.sketch is not None and not decision.sketched:
        fingerprints = Fingerprints(
            words=fingerprints.words, exact=fingerprints.exact, minhash=fingerprints.minhash
        )
    return Sighting(
        item_id=article.item_id,
        native_id=article.native_id,
        source_id=article.source_id,
        link_key=article.link_key,
        article_id=decision.article_id,
        revision_id=decision.revision_id,
        revision_number=decision.revision_number,
        previous_revision_id=decision.previous_revision_id,
        revision_kind=decision.revision_kind,
        reverts_to=decision.reverts_to,
        flags=decision.flags,
        observed_at=article.fetched_at,
        judged_record_at=rfc3339(decision.at),
        lane=article.lane,
        synthetic=article.synthetic,
        title=article.title,
        url=article.canonical_url,
        publisher=article.publisher,
        published_at=article.published_at.value,
        verdict=decision.verdict,
        enrich=decision.enrich,
        relations=decision.relations,
        window_start=rfc3339(decision.window_start),
        content_hash=article.content_hash,
        fingerprints=fingerprints,
        extractor=extractor,
        raw_hash=article.raw_hash,
        text_basis=article.text_basis,
        standing=decision.standing,
    )


def decision_of(sighting: Sighting) -> Decision:
    """Read the decision back from a sighting.

    Raises:
        ValueError: it has no standing, or a time in it is none.
    """
    standing = sighting.standing
    if standing is None:
        raise ValueError("the sighting has no standing")
    # Read later, when the article or its content is shown again: a wrong one must not come that far.
    for time in (sighting.observed_at, standing.current_at, standing.first_seen_at):
        micros(time)
    for relation in sighting.relations:
        if relation.first_seen_at is not None:
            micros(relation.first_seen_at)
    return Decision(
        article_id=sighting.article_id,
        revision_id=sighting.revision_id,
        revision_number=sighting.revision_number,
        previous_revision_id=sighting.previous_revision_id,
        revision_kind=sighting.revision_kind,
        reverts_to=sighting.reverts_to,
        flags=sighting.flags,
        at=millis(sighting.judged_record_at),
        verdict=sighting.verdict,
        enrich=sighting.enrich,
        relations=sighting.relations,
        window_start=millis(sighting.window_start),
        sketched=sighting.fingerprints.sketch is not None,
        standing=standing,
    )

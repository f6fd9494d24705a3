"""EnrichedArticle out of a judged article and what a model found in it, within the size of a record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar

import msgspec

from schemas import ids
from schemas.base import Dated
from schemas.claim import Claim, ModelVersion
from schemas.enriched import Analysis, EnrichedArticle
from schemas.entity import Entity
from schemas.limits import RECORD_BYTES
from schemas.sighting import UniqueArticle
from schemas.wire import encode
from streams.enrich.claim_events import ClaimMaker
from streams.enrich.drafts import Reading
from streams.enrich.entity_events import EntityMaker
from streams.enrich.spans import Spans

__all__ = ["enriched"]

E = TypeVar("E", Claim, Entity)

RECORD_RESERVE: Final = 128 * 1024
"""Of a record, for its key and headers and for the commas and ids that are not counted."""
CLAIM_SHARE: Final = 0.6
"""Of the room that the article leaves in its record; entities have the rest."""
ID_BYTES: Final = 48
"""A claim's id in ``claim_ids``, with quotation marks and comma."""


def enriched(
    unique: UniqueArticle,
    attempt: int,
    *,
    version: ModelVersion,
    analysis: Analysis,
    text: str = "",
    reading: Reading | None = None,
) -> EnrichedArticle:
    """Build the event of one judged article.

    *reading* is what the model found in *text*, the article's own as the model saw it, of the same length, perhaps
    behind its headline (`streams.enrich.given`); without a reading there are no claims and entities, and *analysis* says why.  What does not fit a record is
    left out from the end of the text, and *analysis* says partial.

    Raises:
        ValueError: an offset lies outside the text.

    """
    bare = _article(unique, attempt, version, analysis)
    if reading is None:
        return bare
    spans = Spans(bare, text)
    room = RECORD_BYTES - RECORD_RESERVE - len(encode(bare))
    all_entities = EntityMaker(bare, text, spans).make(reading.entities)
    entities = _fitting(all_entities, int(room * (1 - CLAIM_SHARE)))
    made = ClaimMaker(bare, text, spans).make(reading, all_entities, len(entities))
    claims = _fitting(made, int(room * CLAIM_SHARE))
    whole = len(claims) == len(reading.claims), len(entities) == len(reading.entities)
    if reading.partial or not all(whole):
        analysis = Analysis(
            claims="done" if whole[0] and not reading.partial else "partial",
            entities="done" if whole[1] and not reading.partial else "partial",
            reason=reading.partial or "record_limit",
        )
    return msgspec.structs.replace(
        bare,
        analysis=analysis,
        claim_ids=[claim.claim_id for claim in claims],
        claims=claims,
        entities=entities,
    )


def _fitting(events: Iterable[E], limit: int) -> list[E]:
    kept: list[E] = []
    for event in events:
        limit -= len(encode(event)) + ID_BYTES
        if limit < 0:
            break
        kept.append(event)
    return kept


def _article(
    unique: UniqueArticle, attempt: int, version: ModelVersion, analysis: Analysis
) -> EnrichedArticle:
    article, sighting = unique.article, unique.sighting
    withdrawn = sighting.verdict == "withdrawn" or article.gone
    first = sighting.revision_number <= 1
    return EnrichedArticle(
        item_id=sighting.item_id,
        article_id=sighting.article_id,
        revision_id=sighting.revision_id,
        source_id=sighting.source_id,
        native_id=sighting.native_id,
        revision_number=sighting.revision_number,
        previous_revision_id=sighting.previous_revision_id,
        reverts_to=sighting.reverts_to,
        is_late="late" in sighting.flags,
        flags=sighting.flags,
        revision_kind=(
            "withdrawn" if withdrawn else sighting.revision_kind or ("first" if first else "substantive")
        ),
        lane=sighting.lane,
        synthetic=sighting.synthetic,
        attempt=attempt,
        pub_status="canceled" if withdrawn else "usable",
        near_copy_of=sighting.relations[0] if sighting.relations else None,
        publisher=article.publisher,
        url=article.url,
        canonical_url=article.canonical_url,
        alternates=article.alternates,
        title=article.title,
        description=article.description,
        text=article.text,
        text_sha256=ids.sha256_hex(article.text),
        text_basis=article.text_basis,
        truncated=article.truncated,
        extractor=article.extractor,
        form=article.form,
        part_of=article.part_of,
        bylines=article.bylines,
        dateline=article.dateline,
        credits=article.credits,
        published_at=article.published_at,
        modified_at=article.modified_at,
        first_seen_at=Dated(value=sighting.observed_at, from_="item", precision="second"),
        corrections=article.corrections,
        language=article.language,
        rights=article.rights,
        subjects=article.subjects,
        quality=article.quality,
        story_id=sighting.story_id,
        origin=sighting.origin,
        analysis=analysis,
        enrichment_id=ids.enrichment_id(
            sighting.revision_id, version.name, version.version, version.weights_sha256 or ""
        ),
        enricher=version,
    )

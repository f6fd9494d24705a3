"""Entity, the event of ``news.entities``: one person, organisation, place or event of one article."""

from __future__ import annotations

from typing import Annotated

from schemas.base import Count, Country, Event, Share, Span, Timestamp, Uri, Uuid, Value, doc
from schemas.vocabulary import EntityType, Lane, MentionForm

__all__ = ["Entity", "EntityLink", "Mention"]


class Mention(Span, kw_only=True, frozen=True):
    """One place where an article names an entity."""

    form: Annotated[MentionForm, doc("how it is named there")] = "name"


class EntityLink(Value, kw_only=True, frozen=True):
    """What an entity is in the world, where a packaged source tells."""

    uri: Annotated[Uri, doc("Wikidata's of a country or its part, GeoNames' of a continent or city")]
    score: Annotated[Share, doc("0 to 1: how often links of this kind are right")]
    method: Annotated[
        str,
        doc(
            "kind of place (country, part, continent, city) and, behind a colon, what told which one is meant"
        ),
    ]


class Entity(Event, kw_only=True, frozen=True):
    """One entity of one document, its variants merged."""

    entity_id: Annotated[Uuid, doc("of this document: two John Smiths differ")]
    article_id: Annotated[Uuid, doc("the article")]
    revision_id: Annotated[Uuid, doc("the content that the offsets are in")]
    revision_number: Annotated[Count, doc("from 1")]
    enrichment_id: Annotated[Uuid, doc("the enrichment that made it")]
    lane: Annotated[Lane, doc("live or backfill")] = "live"
    synthetic: Annotated[bool, doc("a canary")] = False
    name: Annotated[
        str, doc("fullest form in the document; the country's own where its people alone are named")
    ]
    name_key: Annotated[str, doc("for grouping across documents, never identity")]
    type: Annotated[EntityType, doc("what it is")]
    mentions: Annotated[list[Mention], doc("in text order")]
    titles: Annotated[list[str], doc("titles and roles that stand before the name")] = []
    count: Annotated[Count, doc("number of mentions")]
    salience: Annotated[
        Share, doc("0 to 1: half its share of mentions, half how early the first one stands")
    ] = 0.0
    country: Annotated[Country | None, doc("ISO 3166-1 alpha-2, for countries and demonyms")] = None
    link: Annotated[EntityLink | None, doc("null where nothing is sure")] = None
    confidence: Annotated[Share | None, doc("0 to 1; null where not calibrated")] = None
    title: Annotated[str | None, doc("of the article, for citing")] = None
    url: Annotated[str | None, doc("of the article, for citing")] = None
    published_at: Annotated[Timestamp | None, doc("of the article, as claimed, for citing")] = None
    language: Annotated[str | None, doc("of the article; BCP 47")] = None

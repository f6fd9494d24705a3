"""Claim, the event of ``news.claims``: one attributed statement in one revision of an article."""

from __future__ import annotations

from typing import Annotated

from schemas.base import Count, Event, Publisher, Sha256, Share, Span, Timestamp, Uuid, Value, doc
from schemas.vocabulary import (
    Certainty,
    ChainRelation,
    ClaimKind,
    CueClass,
    Force,
    Lane,
    Polarity,
    Precision,
    SourceType,
    Stance,
)

__all__ = ["Claim", "ClaimSource", "Link", "ModelVersion", "SaidAt"]


class ModelVersion(Value, kw_only=True, frozen=True):
    """Which extractor, version and weights made something."""

    name: Annotated[str, doc("extractor", "quotes")]
    version: Annotated[str, doc("changes when its output may", "1")]
    weights_sha256: Annotated[Sha256 | None, doc("of its weights; null where it has none")] = None


class ClaimSource(Value, kw_only=True, frozen=True):
    """One who says, reports or is cited."""

    spans: Annotated[list[Span], doc("where the text names it; empty where it does not")] = []
    type: Annotated[SourceType, doc("what kind of source")]
    name: Annotated[str | None, doc("resolved in the document: a pronoun's or surname's full name")] = None
    antecedent: Annotated[list[Span], doc("the mention that resolves it")] = []
    entity_id: Annotated[Uuid | None, doc("the entity of this document")] = None
    role: Annotated[str | None, doc("as stated in the text")] = None
    confidence: Annotated[Share | None, doc("of the resolution, 0 to 1")] = None


class Link(Value, kw_only=True, frozen=True):
    """One link of the chain between the publication and the statement."""

    relation: Annotated[ChainRelation, doc("how this link relates to what follows")]
    cues: Annotated[list[Span], doc("the words that attribute; empty for a floating quotation")] = []
    cue_lemma: Annotated[str | None, doc("dictionary form", "say", "according to")] = None
    cue_class: Annotated[CueClass, doc("what the cue commits to")]
    sources: Annotated[list[ClaimSource], doc("joint speakers stand together")] = []


class SaidAt(Value, kw_only=True, frozen=True):
    """When it was said, where the text tells."""

    span: Annotated[Span, doc("the words that tell")]
    date: Annotated[str | None, doc("resolved; RFC 3339 date or time")] = None
    precision: Annotated[Precision, doc("the unit it is known to")] = "unknown"


class Claim(Event, kw_only=True, frozen=True):
    """Who said what, how certain, through whom, at which offsets."""

    claim_id: Annotated[Uuid, doc("UUIDv5 of revision, content spans and chain spans")]
    article_id: Annotated[Uuid, doc("the article")]
    revision_id: Annotated[Uuid, doc("the content that the offsets are in")]
    revision_number: Annotated[Count, doc("from 1")]
    enrichment_id: Annotated[Uuid, doc("the enrichment that made it")]
    parent_claim_id: Annotated[Uuid | None, doc("the claim whose content this stands in")] = None
    lane: Annotated[Lane, doc("live or backfill")] = "live"
    synthetic: Annotated[bool, doc("a canary")] = False
    content_key: Annotated[str, doc("hash of the normalised words: the same across outlets")]
    quote_key: Annotated[str | None, doc("hash of the verbatim words; null under five")] = None
    content: Annotated[list[Span], doc("what is claimed; more than one span where it is split")]
    verbatim: Annotated[list[Span], doc("what stands in quotation marks: all that may be quoted")] = []
    context: Annotated[list[Span], doc("the whole sentences")] = []
    kind: Annotated[ClaimKind, doc("direct: all of it quoted; mixed; indirect: none of it")]
    chain: Annotated[list[Link], doc("outermost first; the last is the originator")]
    addressee: Annotated[list[Span], doc("who was told")] = []
    channel: Annotated[list[Span], doc("by which medium: on Telegram, at a press conference")] = []
    said_at: Annotated[SaidAt | None, doc("when, where the text tells")] = None
    polarity: Annotated[Polarity, doc("of the content as quoted")] = "affirmed"
    certainty: Annotated[Certainty, doc("what the originator commits to, never truth")] = "certain"
    force: Annotated[Force, doc("what is done by saying it")] = "assertion"
    stance: Annotated[Stance, doc("the publication's")] = "neutral"
    hedges: Annotated[list[Span], doc("the words that lower certainty")] = []
    tense: Annotated[str | None, doc("past, present or future of the content")] = None
    conditional: Annotated[bool, doc("the content holds only under a condition")] = False
    confidence: Annotated[
        Share | None, doc("probability that content and originator are right; null where not calibrated")
    ] = None
    extractor: Annotated[ModelVersion, doc("what made it")]
    flags: Annotated[list[str], doc("unbalanced_quotes, plural_speaker, …")] = []
    title: Annotated[str | None, doc("of the article, for citing")] = None
    url: Annotated[str | None, doc("of the article, for citing")] = None
    publisher: Annotated[Publisher, doc("of the article, for citing")] = Publisher()
    published_at: Annotated[Timestamp | None, doc("of the article, as claimed, for citing")] = None
    language: Annotated[str | None, doc("of the article; BCP 47")] = None

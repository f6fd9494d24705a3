"""EnrichedArticle, the event of ``news.enriched``: an article with its entities and claims."""

from __future__ import annotations

from typing import Annotated

from schemas.article import Correction, Extractor
from schemas.base import (
    Count,
    Dated,
    Event,
    LanguageTag,
    Publisher,
    Rights,
    Sha256,
    Span,
    Uri,
    Uuid,
    Value,
    doc,
)
from schemas.claim import Claim, ModelVersion
from schemas.entity import Entity
from schemas.limits import DESCRIPTION_CHARS, TEXT_CHARS, TITLE_CHARS, URL_CHARS
from schemas.sighting import Origin, Relation
from schemas.vocabulary import AnalysisState, Form, Lane, PubStatus, RevisionKind, TextBasis

__all__ = ["Analysis", "EnrichedArticle"]


class Analysis(Value, kw_only=True, frozen=True):
    """Whether anyone looked: an empty list never means "not looked"."""

    claims: Annotated[AnalysisState, doc("of the claims")]
    entities: Annotated[AnalysisState, doc("of the entities")]
    reason: Annotated[str | None, doc("why partial or failed")] = None


class EnrichedArticle(Event, kw_only=True, frozen=True):
    """One revision of one article, with who said what in it.  Its claims are exactly ``claim_ids``."""

    item_id: Annotated[Uuid, doc("the item that showed it")]
    article_id: Annotated[Uuid, doc("the article")]
    revision_id: Annotated[Uuid, doc("this content of it: the key")]
    source_id: Annotated[str, doc("the source that showed it: a definition's id, or files: and a name")]
    native_id: Annotated[str, doc("the source's own identity of the item")]
    revision_number: Annotated[Count, doc("from 1; 0 for a withdrawal")]
    previous_revision_id: Annotated[Uuid | None, doc("what it follows")] = None
    reverts_to: Annotated[Count | None, doc("number of the earlier revision with this content")] = None
    is_late: Annotated[bool, doc("older than the newest known: never current")] = False
    revision_kind: Annotated[RevisionKind, doc("what kind of change")]
    flags: Annotated[
        list[str],
        doc("as in the Sighting; history_unknown: numbers began anew, earlier revisions are forgotten"),
    ] = []
    lane: Annotated[Lane, doc("live or backfill")] = "live"
    synthetic: Annotated[bool, doc("a canary")] = False
    attempt: Annotated[Count, doc("1, and one more for each requeue")] = 1
    pub_status: Annotated[PubStatus, doc("as in ninjs")] = "usable"
    near_copy_of: Annotated[Relation | None, doc("the most similar content seen before")] = None
    publisher: Annotated[Publisher, doc("who published it")] = Publisher()
    url: Annotated[str | None, doc("link as the source gave it")] = None
    canonical_url: Annotated[Uri | None, doc("what the article is identified by", max_chars=URL_CHARS)] = None
    alternates: Annotated[list[str], doc("other links to it")] = []
    title: Annotated[str | None, doc("headline", max_chars=TITLE_CHARS)] = None
    description: Annotated[str | None, doc("standfirst or summary", max_chars=DESCRIPTION_CHARS)] = None
    text: Annotated[str, doc("body as stored: offsets refer to it", max_chars=TEXT_CHARS)] = ""
    text_sha256: Annotated[Sha256, doc("of the text's UTF-8, hexadecimal")]
    text_basis: Annotated[TextBasis, doc("where the text is from")]
    truncated: Annotated[bool, doc("the text was longer")] = False
    extractor: Annotated[Extractor, doc("what made the text")]
    form: Annotated[Form, doc("what kind of writing it is")] = "article"
    part_of: Annotated[Uuid | None, doc("article_id of the live blog it is an entry of")] = None
    bylines: Annotated[list[str], doc("authors as named")] = []
    dateline: Annotated[Span | None, doc("place and date that open the text")] = None
    credits: Annotated[list[Span], doc("notices of who contributed or supplied copy")] = []
    published_at: Annotated[Dated, doc("first publication, as claimed")] = Dated()
    modified_at: Annotated[Dated, doc("last change, as claimed")] = Dated()
    first_seen_at: Annotated[Dated, doc("when a source first showed us this content")] = Dated()
    corrections: Annotated[list[Correction], doc("explicit notices in the text")] = []
    language: Annotated[LanguageTag, doc("of the text")] = LanguageTag()
    rights: Annotated[Rights | None, doc("what the publisher asks of machines")] = None
    subjects: Annotated[list[str], doc("categories and keywords as given")] = []
    quality: Annotated[list[str], doc("what is wrong with the body")] = []
    story_id: Annotated[Uuid | None, doc("cluster of articles on one event; null until tracked")] = None
    origin: Annotated[Origin | None, doc("who supplied it; null until tracked")] = None
    analysis: Annotated[Analysis, doc("whether anyone looked")]
    enrichment_id: Annotated[Uuid, doc("UUIDv5 of revision, extractor, version, weights")]
    enricher: Annotated[ModelVersion, doc("what made entities and claims")]
    claim_ids: Annotated[list[Uuid], doc("exactly this revision's claims")] = []
    claims: Annotated[list[Claim], doc("the same events as in news.claims")] = []
    entities: Annotated[list[Entity], doc("the same events as in news.entities")] = []

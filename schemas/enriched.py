"""EnrichedArticle, the event of ``news.enriched``: an article with its entities and claims."""

from __future__ import annotations

from typing import Annotated

from schemas.article import Correction, Extractor
from schemas.base import Dated, Event, LanguageTag, Publisher, Rights, Span, Value, doc
from schemas.claim import Claim, ModelVersion
from schemas.entity import Entity
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

    item_id: Annotated[str, doc("the item that showed it")]
    article_id: Annotated[str, doc("the article")]
    revision_id: Annotated[str, doc("this content of it: the key")]
    source_id: Annotated[str, doc("the source that showed it")]
    native_id: Annotated[str, doc("the source's own identity of the item")]
    revision_number: Annotated[int, doc("from 1; 0 for a withdrawal")]
    previous_revision_id: Annotated[str | None, doc("what it follows")] = None
    reverts_to: Annotated[int | None, doc("number of the earlier revision with this content")] = None
    is_late: Annotated[bool, doc("older than the newest known: never current")] = False
    revision_kind: Annotated[RevisionKind, doc("what kind of change")]
    lane: Annotated[Lane, doc("live or backfill")] = "live"
    synthetic: Annotated[bool, doc("a canary")] = False
    attempt: Annotated[int, doc("1, and one more for each requeue")] = 1
    pub_status: Annotated[PubStatus, doc("as in ninjs")] = "usable"
    near_copy_of: Annotated[Relation | None, doc("the most similar content seen before")] = None
    publisher: Annotated[Publisher, doc("who published it")] = Publisher()
    url: Annotated[str | None, doc("link as the source gave it")] = None
    canonical_url: Annotated[str | None, doc("what the article is identified by")] = None
    alternates: Annotated[list[str], doc("other links to it")] = []
    title: Annotated[str | None, doc("headline")] = None
    description: Annotated[str | None, doc("standfirst or summary")] = None
    text: Annotated[str, doc("body as stored: offsets refer to it")] = ""
    text_sha256: Annotated[str, doc("of the text's UTF-8, hexadecimal")]
    text_basis: Annotated[TextBasis, doc("where the text is from")]
    truncated: Annotated[bool, doc("the text was longer")] = False
    extractor: Annotated[Extractor, doc("what made the text")]
    form: Annotated[Form, doc("what kind of writing it is")] = "article"
    part_of: Annotated[str | None, doc("article_id of the live blog it is an entry of")] = None
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
    story_id: Annotated[str | None, doc("cluster of articles on one event; null until tracked")] = None
    origin: Annotated[Origin | None, doc("who supplied it; null until tracked")] = None
    analysis: Annotated[Analysis, doc("whether anyone looked")]
    enrichment_id: Annotated[str, doc("UUIDv5 of revision, extractor, version, weights")]
    enricher: Annotated[ModelVersion, doc("what made entities and claims")]
    claim_ids: Annotated[list[str], doc("exactly this revision's claims")] = []
    claims: Annotated[list[Claim], doc("the same events as in news.claims")] = []
    entities: Annotated[list[Entity], doc("the same events as in news.entities")] = []

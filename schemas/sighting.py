"""Sighting, the event of ``news.sightings``: one item judged, with what it was compared with.

The topic is dedupe's own state: folding it from the start of the window gives the state back.
"""

from __future__ import annotations

from typing import Annotated

from schemas.article import Article, Fingerprints
from schemas.base import Count, Event, Publisher, Sha256, Share, Timestamp, Uri, Uuid, Value, doc
from schemas.limits import TITLE_CHARS, URL_CHARS
from schemas.vocabulary import Lane, RelationKind, RevisionKind, TextBasis, Verdict

__all__ = ["Origin", "Relation", "Sighting", "Standing", "UniqueArticle"]


class Relation(Value, kw_only=True, frozen=True):
    """How alike this content is to one seen before, with what differs.  "First seen here", never "the
    original".
    """

    article_id: Annotated[Uuid, doc("the article it is compared with")]
    revision_id: Annotated[Uuid, doc("the content it is compared with")]
    item_id: Annotated[Uuid, doc("the item that showed that content first")]
    kind: Annotated[RelationKind, doc("identical, near copy, excerpt of it, or contains it")]
    jaccard: Annotated[Share | None, doc("of the sets of word 3-shingles, exact, 0 to 1")] = None
    containment_of_this: Annotated[Share | None, doc("share of this content found in the other")] = None
    containment_of_other: Annotated[Share | None, doc("share of the other found in this")] = None
    numbers_changed: Annotated[list[str], doc("numbers that only one of the two has")] = []
    names_changed: Annotated[list[str], doc("names that only one of the two has")] = []
    negation_changed: Annotated[bool, doc("their negations differ")] = False
    unmatched_sentences: Annotated[
        list[Count], doc("sentences of this content with less than 0.8 of their shingles in the other")
    ] = []
    same_publisher: Annotated[bool, doc("both have one registrable domain")] = False
    publisher: Annotated[str | None, doc("registrable domain of the other's publisher")] = None
    first_seen_at: Annotated[Timestamp | None, doc("fetched_at of the item that showed it first")] = None
    lag_s: Annotated[float | None, doc("by how much this was seen later", unit="seconds")] = None


class Standing(Value, kw_only=True, frozen=True):
    """Where the item leaves its article, so that each sighting tells it without those before it."""

    current_number: Annotated[Count, doc("of the newest content that did not come late; 0 if withdrawn")]
    current_revision_id: Annotated[
        Uuid | None, doc("that content; after a withdrawal the last before it, null where none is known")
    ]
    current_at: Annotated[Timestamp, doc("newest fetched_at at which it was seen")]
    highest_number: Annotated[Count, doc("the highest revision number given so far")]
    url_is_link: Annotated[
        bool, doc("its canonical URL leads to the article from now on, as link_key does")
    ] = False
    first_number: Annotated[Count, doc("the number under which this content first came")]
    first_item_id: Annotated[Uuid, doc("the item that showed this content of the article first")]
    first_seen_at: Annotated[Timestamp, doc("fetched_at of that item")]


class Origin(Value, kw_only=True, frozen=True):
    """Who wrote or supplied a text first, so far as it shows."""

    name: Annotated[str | None, doc("wire service or publisher family")] = None
    basis: Annotated[str | None, doc("credit, dateline, byline, canonical, feed_source")] = None
    article_id: Annotated[Uuid | None, doc("its article, where seen")] = None


class Sighting(Event, kw_only=True, frozen=True):
    """One item judged: which article and revision it is, and whether it says anything new."""

    item_id: Annotated[Uuid, doc("the item judged")]
    native_id: Annotated[str, doc("the source's own identity of the item")]
    source_id: Annotated[str, doc("the source that showed it: a definition's id, or files: and a name")]
    link_key: Annotated[str, doc("key of the raw item: an alias of the article from now on")]
    article_id: Annotated[Uuid, doc("final")]
    revision_id: Annotated[Uuid, doc("of this content")]
    revision_number: Annotated[Count, doc("from 1; 0 where it has no number (a withdrawal)")]
    previous_revision_id: Annotated[Uuid | None, doc("the article's newest content before this")] = None
    revision_kind: Annotated[RevisionKind | None, doc("null where it is no new revision")] = None
    reverts_to: Annotated[Count | None, doc("number of the earlier revision with this content")] = None
    flags: Annotated[
        list[str],
        doc("late, minor, completed, identity_conflict, history_unknown, alias"),
    ] = []
    observed_at: Annotated[Timestamp, doc("fetched_at of the item; RFC 3339, UTC")]
    judged_record_at: Annotated[
        Timestamp, doc("append time of the input record, never before an earlier one's; RFC 3339, UTC")
    ]
    lane: Annotated[Lane, doc("live or backfill")] = "live"
    synthetic: Annotated[bool, doc("a canary")] = False
    title: Annotated[str | None, doc("as in the Article", max_chars=TITLE_CHARS)] = None
    url: Annotated[Uri | None, doc("canonical URL", max_chars=URL_CHARS)] = None
    publisher: Annotated[Publisher, doc("who published it")] = Publisher()
    published_at: Annotated[Timestamp | None, doc("as claimed; RFC 3339, UTC")] = None
    verdict: Annotated[Verdict, doc("what was decided; says where it goes, nothing else")]
    enrich: Annotated[bool, doc("whether it went to enrichment")]
    relations: Annotated[list[Relation], doc("evidence, nearest first")] = []
    window_start: Annotated[Timestamp, doc("before it nothing is known; RFC 3339, UTC")]
    content_hash: Annotated[Sha256, doc("SHA-256 over title, description and text as stored")]
    fingerprints: Annotated[
        Fingerprints, doc("as in the Article, without the sketch where it is exactly an owner's and known")
    ] = Fingerprints()
    extractor: Annotated[str, doc("name/version of what made the text", "trafilatura/2.3.1+1")]
    raw_hash: Annotated[Sha256, doc("SHA-256 of the raw body")]
    text_basis: Annotated[TextBasis, doc("where the text is from")]
    standing: Annotated[Standing | None, doc("where it leaves the article; dedupe always fills it")] = None
    story_id: Annotated[Uuid | None, doc("cluster of articles on one event; null until tracked")] = None
    origin: Annotated[Origin | None, doc("who supplied it; null until tracked")] = None


class UniqueArticle(Event, kw_only=True, frozen=True):
    """The event of ``news.unique``: an article that enrichment is worth doing for, and its sighting."""

    article: Annotated[Article, doc("as normalized; its article_id is only a proposal")]
    sighting: Annotated[Sighting, doc("its verdict; without fingerprints")]

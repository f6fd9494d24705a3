"""Article, the event of ``news.article``: an item made readable and comparable, not yet judged."""

from __future__ import annotations

from typing import Annotated

from schemas.base import (
    Count,
    Dated,
    Event,
    LanguageTag,
    Publisher,
    Rights,
    Sha256,
    Span,
    Timestamp,
    Uri,
    Uuid,
    Value,
    doc,
)
from schemas.limits import DESCRIPTION_CHARS, TEXT_CHARS, TITLE_CHARS, URL_CHARS
from schemas.vocabulary import CorrectionKind, Form, Lane, SourceKind, TextBasis

__all__ = ["Article", "Correction", "Extractor", "Fingerprints", "Sketch"]


class Extractor(Value, kw_only=True, frozen=True):
    """What made a text out of a body."""

    name: Annotated[str, doc("method", "trafilatura", "plain", "feed")]
    version: Annotated[str, doc("changes when its output may", "2.3.1+1")]


class Sketch(Value, kw_only=True, frozen=True):
    """What exact comparison needs of a text, without the text (about 2 KB for 400 words)."""

    shingles: Annotated[
        bytes,
        doc("one little-endian uint32 for each run of three casefolded \\w+ words, in text order; base64"),
    ] = b""
    sentences: Annotated[list[Count], doc("index in shingles of the first of each sentence")] = []
    numbers: Annotated[list[str], doc("the numbers in it, normalised, sorted, each once")] = []
    names: Annotated[list[str], doc("capitalised words that open no sentence, sorted, each once")] = []
    negations: Annotated[list[str], doc("not, no, never, … with the word after, in text order")] = []


class Fingerprints(Value, kw_only=True, frozen=True):
    """What copies are found by: of the casefolded words of the text alone, no title."""

    words: Annotated[Count, doc("how many words the text has", unit="words")] = 0
    exact: Annotated[Sha256 | None, doc("SHA-256 of the words; null under 30 words")] = None
    minhash: Annotated[
        bytes | None, doc("128 little-endian uint32 of the word 3-shingles, base64; null under 30 words")
    ] = None
    sketch: Annotated[Sketch | None, doc("null under 30 words, and where it is exactly an owner's")] = None


class Correction(Value, kw_only=True, frozen=True):
    """An explicit notice in the text that something was changed or withdrawn."""

    span: Annotated[Span, doc("the notice")]
    kind: Annotated[CorrectionKind, doc("what it says it is")]


class Article(Event, kw_only=True, frozen=True):
    """One item with its text extracted, its address canonicalised and its fingerprints taken."""

    item_id: Annotated[Uuid, doc("the item it was made of")]
    article_id: Annotated[Uuid, doc("proposed by URL; dedupe has the last word")]
    source_id: Annotated[str, doc("the source that showed it: a definition's id, or files: and a name")]
    source_kind: Annotated[SourceKind, doc("its connector")]
    native_id: Annotated[str, doc("the source's own identity of the item")]
    link_key: Annotated[str, doc("key of the raw item")]
    lane: Annotated[Lane, doc("live or backfill")] = "live"
    synthetic: Annotated[bool, doc("a canary")] = False
    fetched_at: Annotated[Timestamp, doc("when the item was seen; RFC 3339, UTC")]
    url: Annotated[str | None, doc("link as the source gave it")] = None
    canonical_url: Annotated[Uri | None, doc("what the article is identified by", max_chars=URL_CHARS)] = None
    alternates: Annotated[list[str], doc("other links to it: AMP, mobile, syndicated canonical")] = []
    publisher: Annotated[Publisher, doc("who published it")] = Publisher()
    title: Annotated[str | None, doc("headline; longer ones are trimmed", max_chars=TITLE_CHARS)] = None
    description: Annotated[
        str | None, doc("standfirst or summary; longer ones are trimmed", max_chars=DESCRIPTION_CHARS)
    ] = None
    text: Annotated[
        str,
        doc("body as stored: offsets refer to it; longer ones are trimmed and flagged", max_chars=TEXT_CHARS),
    ] = ""
    text_basis: Annotated[TextBasis, doc("where the text is from")]
    truncated: Annotated[bool, doc("the text was longer")] = False
    form: Annotated[Form, doc("what kind of writing it is")] = "article"
    part_of: Annotated[Uuid | None, doc("article_id of the live blog it is an entry of")] = None
    bylines: Annotated[list[str], doc("authors as named")] = []
    dateline: Annotated[Span | None, doc("place and date that open the text")] = None
    credits: Annotated[list[Span], doc("notices of who contributed or supplied copy")] = []
    corrections: Annotated[list[Correction], doc("explicit notices in the text")] = []
    published_at: Annotated[Dated, doc("first publication, as claimed")] = Dated()
    modified_at: Annotated[Dated, doc("last change, as claimed")] = Dated()
    language: Annotated[LanguageTag, doc("of the text")] = LanguageTag()
    rights: Annotated[Rights | None, doc("what the publisher asks of machines")] = None
    subjects: Annotated[list[str], doc("categories and keywords as given")] = []
    quality: Annotated[
        list[str],
        doc("what is wrong with the body: consent_wall, bot_check, paywall, listing, thin, repaired, …"),
    ] = []
    gone: Annotated[bool, doc("no body, after repeated 404 or 410")] = False
    raw_hash: Annotated[Sha256, doc("SHA-256 of the raw body; of no bytes where there is none")]
    content_hash: Annotated[Sha256, doc("SHA-256 over title, description and text as stored")]
    fingerprints: Annotated[Fingerprints, doc("what copies are found by")] = Fingerprints()
    extractor: Annotated[Extractor, doc("what made the text")]

"""What is copied, what is counted, and what happens to an article that is not read."""

from __future__ import annotations

import msgspec
import pytest

from schemas import Analysis, EnrichedArticle, LanguageTag, ModelVersion, Publisher, Relation, ids, wire
from schemas.limits import RECORD_BYTES, TEXT_CHARS
from schemas.vocabulary import MentionForm
from streams.enrich.drafts import ClaimDraft, EntityDraft, LinkDraft, Range, Reading
from streams.enrich.enricher import Enricher, failed
from streams.enrich.events import enriched
from streams.enrich.fake import FakeModel
from streams.enrich.keys import content_key, quote_key
from tests.unit.enrich.enrich_parts import SEEN, STORY, assert_true, unique

VERSION = ModelVersion(name="test", version="1", weights_sha256="ab")
DONE = Analysis(claims="done", entities="done")


def event_of(text: str, reading: Reading, **article: object) -> EnrichedArticle:
    event = enriched(
        unique(text, article=article), 1, version=VERSION, analysis=DONE, text=text, reading=reading
    )
    assert_true(event)
    return event


def at(text: str, words: str) -> Range:
    start = text.index(words)
    return Range(start, start + len(words))


def test_what_the_sighting_decides() -> None:
    relation = Relation(article_id="a", revision_id="r", item_id="i", kind="near_copy", jaccard=0.8)
    judged = unique(
        article_id="final",
        revision_id="revision",
        revision_number=3,
        previous_revision_id="second",
        reverts_to=1,
        revision_kind="substantive",
        flags=["late"],
        relations=[relation, msgspec.structs.replace(relation, jaccard=0.7)],
        lane="backfill",
        synthetic=True,
    )
    event = enriched(judged, 2, version=VERSION, analysis=DONE)
    assert (event.article_id, event.revision_id, event.revision_number) == ("final", "revision", 3)
    assert (event.previous_revision_id, event.reverts_to, event.is_late) == ("second", 1, True)
    assert (event.revision_kind, event.attempt, event.pub_status) == ("substantive", 2, "usable")
    assert (event.lane, event.synthetic) == ("backfill", True)
    assert event.near_copy_of == relation
    assert event.first_seen_at.value == SEEN
    assert event.text_sha256 == ids.sha256_hex(STORY)
    assert event.enrichment_id == ids.enrichment_id("revision", "test", "1", "ab")
    assert event.enricher == VERSION


def test_article_s_own_fields_are_copied() -> None:
    judged = unique(
        article={"publisher": Publisher(domain="example.org"), "subjects": ["roads"], "bylines": ["Cy Lund"]}
    )
    event = enriched(judged, 1, version=VERSION, analysis=DONE)
    for name in set(EnrichedArticle.__struct_fields__) & set(judged.article.__struct_fields__) - {
        "article_id"
    }:
        assert getattr(event, name) == getattr(judged.article, name), name


@pytest.mark.parametrize("how", ["verdict", "gone"])
def test_a_withdrawn_article_is_canceled_and_not_read(how: str) -> None:
    judged = (
        unique("", verdict="withdrawn", revision_number=0, revision_kind=None)
        if how == "verdict"
        else unique("", article={"gone": True})
    )
    (event,) = Enricher(FakeModel()).enrich([judged], [1])
    assert (event.pub_status, event.revision_kind) == ("canceled", "withdrawn")
    assert event.analysis == Analysis(claims="done", entities="done", reason="withdrawn")
    assert not event.claims
    assert not event.entities


def test_an_article_without_text_is_not_read() -> None:
    (event,) = Enricher(FakeModel()).enrich([unique(" \n")], [1])
    assert (event.pub_status, event.analysis.reason) == ("usable", "no_text")


@pytest.mark.parametrize(
    ("tag", "read"), [("en", True), ("en-GB", True), (None, True), ("de", False), ("zh-Hant", False)]
)
def test_other_languages_are_not_read(tag: str | None, read: bool) -> None:
    (event,) = Enricher(FakeModel()).enrich([unique(article={"language": LanguageTag(tag=tag)})], [1])
    assert event.analysis.claims == event.analysis.entities == ("done" if read else "unsupported_language")
    assert bool(event.claims) == read


def test_a_failed_article_says_so() -> None:
    event = failed(unique(), 3, "killed:memory")
    assert event.analysis == Analysis(claims="failed", entities="failed", reason="killed:memory")
    assert (event.attempt, event.text, event.claims, event.entities) == (3, STORY, [], [])
    assert event.enricher.name == "none"
    ours = Enricher(FakeModel()).failed(unique(), 3, "killed:memory")
    assert ours.enricher.name == "fake"
    assert ours.enrichment_id != event.enrichment_id


def test_salience_is_half_share_and_half_how_early() -> None:
    text = "Ada Quill met Bo Reed and Bo Reed left...."
    reading = Reading(
        entities=[
            EntityDraft(name="Ada Quill", name_key="k", type="person", mentions=[(Range(0, 9), "name")]),
            EntityDraft(
                name="Bo Reed",
                name_key="k",
                type="person",
                mentions=[(Range(14, 21), "name"), (Range(26, 33), "name")],
            ),
        ]
    )
    ada, bo = event_of(text, reading, title=None).entities
    assert ada.salience == round(0.5 / 3 + 0.5, 4)
    assert bo.salience == round(0.5 * 2 / 3 + 0.5 * (1 - 14 / len(text)), 4)


def test_title_and_description_name_entities_too() -> None:
    text = "Ada Quill left."
    mentions: list[tuple[Range, MentionForm]] = [(Range(0, 9), "name")]
    reading = Reading(
        entities=[EntityDraft(name="Ada Quill", name_key="k", type="person", mentions=mentions)]
    )
    (ada,) = event_of(text, reading, title="Mayor Ada Quill out", description="Why Ada Quill left").entities
    assert [(m.field, m.exact) for m in ada.mentions] == [
        ("title", "Ada Quill"),
        ("description", "Ada Quill"),
        ("text", "Ada Quill"),
    ]
    assert (ada.count, ada.salience) == (3, 1.0)


def test_a_claim_in_a_claim_has_its_chain() -> None:
    text = "The Gazette reported that the mayor said that it would rain."
    outer = ClaimDraft(
        content=[at(text, "the mayor said that it would rain")],
        context=[Range(0, len(text))],
        link=LinkDraft(
            cues=[at(text, "reported")],
            sources=[at(text, "The Gazette")],
        ),
    )
    inner = ClaimDraft(
        content=[at(text, "it would rain")],
        context=[Range(0, len(text))],
        link=LinkDraft(cues=[at(text, "said")], sources=[at(text, "the mayor")]),
    )
    first, second = event_of(text, Reading(claims=[inner, outer])).claims
    assert second.parent_claim_id == first.claim_id
    assert [(link.relation, link.cue_lemma) for link in second.chain] == [
        ("reports", "report"),
        ("says", "say"),
    ]
    assert [(link.relation, link.cue_lemma) for link in first.chain] == [("says", "report")]


def test_a_claim_stands_in_another_s_later_sentence_too() -> None:
    text = "“I was never told,” Ada Quill said. “The minister promised that it would hold.”"
    first, second = Range(0, text.index(" “The")), Range(text.index("“The"), len(text))
    outer = ClaimDraft(
        content=[at(text, "“I was never told,”"), at(text, "“The minister promised that it would hold.”")],
        context=[first, second],
        link=LinkDraft(cues=[at(text, "said")], sources=[at(text, "Ada Quill")]),
    )
    inner = ClaimDraft(
        content=[at(text, "it would hold")],
        context=[second],
        link=LinkDraft(cues=[at(text, "promised")], sources=[at(text, "The minister")]),
    )
    one, two = event_of(text, Reading(claims=[outer, inner])).claims
    assert (two.parent_claim_id, len(two.chain)) == (one.claim_id, 2)


@pytest.mark.parametrize(
    ("cue", "quoted", "negated", "expected"),
    [
        ("said", False, False, ("state", "affirmed", "certain", "neutral", "assertion")),
        ("denied", False, False, ("deny", "denied", "certain", "neutral", "assertion")),
        ("denied", True, False, ("deny", "affirmed", "certain", "neutral", "assertion")),
        ("estimated", False, False, ("estimate", "affirmed", "probable", "neutral", "assertion")),
        ("claimed", False, False, ("assert", "affirmed", "certain", "distancing", "assertion")),
        ("urged", False, False, ("demand", "affirmed", "n/a", "neutral", "directive")),
        ("said", False, True, ("state", "unknown", "uncommitted", "neutral", "assertion")),
    ],
)
def test_what_a_cue_commits_to(cue: str, quoted: bool, negated: bool, expected: tuple[str, ...]) -> None:
    text = f"“It rained,” she {cue}."
    content = [at(text, "It rained")]
    draft = ClaimDraft(
        content=content,
        verbatim=content if quoted else [],
        link=LinkDraft(cues=[at(text, cue)], negated=negated),
    )
    (claim,) = event_of(text, Reading(claims=[draft])).claims
    values = (claim.polarity, claim.certainty, claim.stance, claim.force)
    assert (claim.chain[-1].cue_class, *values) == expected
    assert claim.kind == ("direct" if quoted else "indirect")


def test_hedges_tense_and_condition_are_told() -> None:
    text = "She said it may rain if the wind turns."
    content = text.removeprefix("She said ").removesuffix(".")
    draft = ClaimDraft(content=[at(text, content)], link=LinkDraft(cues=[at(text, "said")]))
    (claim,) = event_of(text, Reading(claims=[draft])).claims
    assert [span.exact for span in claim.hedges] == ["may"]
    assert (claim.certainty, claim.tense, claim.conditional) == ("possible", "present", True)


def test_keys_are_the_same_across_outlets() -> None:
    assert content_key(["It’s ﬁne,", "she SAID"]) == content_key(["it's fine — she said."])
    assert content_key(["It is fine"]) != content_key(["It is not fine"])
    assert quote_key(["one two three four"]) is None
    assert quote_key(["One two, three", "four five"]) == content_key(["one two three four five"])


@pytest.mark.parametrize("wrong", [Range(-1, 3), Range(0, 99), Range(3, 3), Range(4, 2)])
def test_an_offset_outside_the_text_is_refused(wrong: Range) -> None:
    with pytest.raises(ValueError, match="outside"):
        event_of("A short text.", Reading(claims=[ClaimDraft(content=[wrong], link=LinkDraft())]))


def test_a_text_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="as long"):
        enriched(unique(), 1, version=VERSION, analysis=DONE, text=STORY + " ", reading=Reading())


@pytest.mark.timeout(600)
def test_more_claims_than_a_record_holds() -> None:
    text = "“Aye é.” " * (TEXT_CHARS // 27)
    (event,) = Enricher(FakeModel()).enrich([unique(text)], [1])
    assert_true(event)
    assert event.analysis == Analysis(claims="partial", entities="done", reason="record_limit")
    assert 1000 < len(event.claims) < TEXT_CHARS // 27
    assert len(wire.encode(event)) < RECORD_BYTES


def test_more_names_than_a_record_holds() -> None:
    text = "".join(
        f"so Ab{'abcdefghij'[i % 10]}{'k' * (i // 10 % 90)}{'m' * (i // 900)} " for i in range(6000)
    )[:TEXT_CHARS]
    (event,) = Enricher(FakeModel()).enrich([unique(text, article={"title": "T" * 1000})], [1])
    assert_true(event)
    assert event.analysis.claims == "done"
    assert event.analysis.entities in {"done", "partial"}
    assert len(wire.encode(event)) < RECORD_BYTES

"""Explained articles: numbered, in words, on a terminal and as a page that no text can break out of."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest
from lxml import html
from rich.console import Console

from newswire.explain.explained import explained, usual
from newswire.explain.page import page_of
from newswire.explain.terminal import print_explained
from schemas.base import Span
from schemas.claim import Claim
from schemas.enriched import Analysis, EnrichedArticle
from schemas.entity import Entity, Mention

EXAMPLES = Path(__file__).resolve().parents[3] / "schemas" / "examples"
WORDS = 'The Herald reported that Ana Ruiz had said <b>the dam</b> & "all below it" was safe.\n\nShe left.'


@pytest.fixture
def article() -> EnrichedArticle:
    """Return an article with a claim in a claim, and words that HTML would take for its own."""
    example = msgspec.json.decode(
        (EXAMPLES / "enriched_article.first.json").read_bytes(), type=EnrichedArticle
    )
    claim, entity = example.claims[0], example.entities[0]
    outer = _claim(
        claim, 'Ana Ruiz had said <b>the dam</b> & "all below it" was safe', "The Herald", "reported"
    )
    inner = _claim(claim, '<b>the dam</b> & "all below it" was safe', "Ana Ruiz", "said")
    inner = msgspec.structs.replace(
        inner,
        claim_id="11111111-1111-5111-8111-111111111111",
        parent_claim_id=outer.claim_id,
        chain=[msgspec.structs.replace(outer.chain[0], relation="reports"), *inner.chain],
    )
    named = msgspec.structs.replace(entity, name="Ana Ruiz", type="person", mentions=[_mention("Ana Ruiz")])
    return msgspec.structs.replace(
        example,
        title="Dam </title><script>alert(1)</script>",
        description=None,
        text=WORDS,
        claims=[inner, outer],
        entities=[named],
    )


def _span(words: str) -> Span:
    start = WORDS.index(words)
    return Span(field="text", start=start, end=start + len(words), exact=words)


def _mention(words: str) -> Mention:
    return Mention(**msgspec.structs.asdict(_span(words)))


def _claim(claim: Claim, content: str, source: str, cue: str) -> Claim:
    link = claim.chain[0]
    said = msgspec.structs.replace(
        link.sources[0], spans=[_span(source)], name=source, role=None, antecedent=[]
    )
    return msgspec.structs.replace(
        claim,
        content=[_span(content)],
        verbatim=[_span('"all below it"')],
        chain=[msgspec.structs.replace(link, cues=[_span(cue)], sources=[said])],
        hedges=[],
        said_at=None,
        addressee=[],
        channel=[],
        parent_claim_id=None,
    )


def test_a_claim_in_a_claim_is_numbered_within_it(article: EnrichedArticle):
    shown = explained(article)
    assert [(claim.number, claim.depth, claim.who, claim.cue) for claim in shown.claims] == [
        ("1", 0, "The Herald", "reported"),
        ("1.1", 1, "The Herald › Ana Ruiz", "said"),
    ]
    inside = next(piece for piece in shown.text if piece.text.startswith("<b>the dam"))
    assert inside.numbers("content") == ["1", "1.1"]
    assert "".join(piece.text for piece in shown.text) == WORDS


def test_who_reports_a_claim_is_marked_with_the_report_alone(article: EnrichedArticle):
    marked = {
        (role, piece.text): piece.numbers(role)  # type: ignore[arg-type]
        for piece in explained(article).text
        for role in ("source", "cue")
        if piece.numbers(role)  # type: ignore[arg-type]
    }
    assert marked == {
        ("source", "The Herald"): ["1"],
        ("cue", "reported"): ["1"],
        ("source", "Ana Ruiz"): ["1.1"],
        ("cue", "said"): ["1.1"],
    }


def test_a_claim_whose_parent_is_not_there_stands_by_itself(article: EnrichedArticle):
    article = msgspec.structs.replace(article, claims=article.claims[:1])
    shown = explained(article)
    assert [claim.number for claim in shown.claims] == ["1"]
    herald = next(piece for piece in shown.text if piece.text == "The Herald")
    assert herald.numbers("source") == ["1"]


def test_what_was_not_looked_for_is_told(article: EnrichedArticle):
    state = Analysis(claims="unsupported_language", entities="failed", reason="no_model")
    shown = explained(msgspec.structs.replace(article, analysis=state))
    assert shown.state == "claims unsupported_language, entities failed (no_model)"


def test_a_terminal_shows_claims_with_their_numbers_and_no_controls(article: EnrichedArticle):
    text = article.text.replace("She left.", "She\x1b[31m left.")
    out = io.StringIO()
    print_explained(Console(file=out, width=200), explained(msgspec.structs.replace(article, text=text)))
    printed = out.getvalue()
    assert "[1]Ana Ruiz had said [1.1]<b>the dam</b>" in printed
    assert "\x1b[31m" not in printed
    assert "1.1  The Herald › Ana Ruiz — said" in printed


@pytest.mark.parametrize(
    ("name", "value", "is_usual"),
    [("polarity", "affirmed", True), ("polarity", "denied", False), ("certainty", "certain", False)],
)
def test_a_terminal_tells_what_is_not_as_usual(name: str, value: str, is_usual: bool):
    assert usual(name, value) is is_usual


def test_a_page_holds_the_text_as_it_is_and_nothing_that_it_says_as_html(article: EnrichedArticle):
    page = html.document_fromstring(page_of([explained(article)]))
    (text,) = page.xpath("//div[@class='text']")
    assert text.text_content() == WORDS
    assert len(page.xpath("//script")) == 1
    assert page.xpath("//h1")[0].text_content() == article.title
    assert page.xpath("//title")[0].text_content() == article.title
    assert not page.xpath("//div[@class='text']//b")
    assert [button.get("data-claim") for button in page.xpath("//button")] == ["1", "1.1"]
    cue = page.xpath("//span[@data-cue='1.1']")
    assert [span.text_content() for span in cue] == ["said"]


def test_a_page_needs_nothing_from_elsewhere(article: EnrichedArticle):
    page = html.document_fromstring(page_of([explained(article)]))
    assert not page.xpath("//@src | //link | //img")
    assert not page.xpath("//@href")
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")


def test_a_page_of_nothing_says_so():
    assert "No article came through" in page_of([])


def test_entities_say_how_else_they_are_written(article: EnrichedArticle):
    entity: Entity = article.entities[0]
    also = msgspec.structs.replace(entity, mentions=[_mention("Ana Ruiz"), _mention("She")], country="ES")
    (shown,) = explained(msgspec.structs.replace(article, entities=[also])).entities
    assert shown.forms == ["She"]
    assert "ES" in shown.notes

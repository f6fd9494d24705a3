"""What a model is given of an article, and whose offsets come out of it: the headline's and the text's own."""

from __future__ import annotations

import pytest

from schemas import Span
from streams.enrich.drafts import Range
from streams.enrich.enricher import Enricher
from streams.enrich.events import enriched
from streams.enrich.given import given
from streams.enrich.spans import Spans
from tests.unit.enrich.enrich_parts import assert_true, unique
from tests.unit.enrich.test_enrich_events import DONE, VERSION

TEXT = "Mayor Ada Quill spoke on Tuesday.\nShe said the bridge would open."


@pytest.fixture(scope="module")
def enricher() -> Enricher:
    return Enricher.load()


@pytest.mark.parametrize(
    ("title", "before"),
    [
        ("Quill to open bridge", "Quill to open bridge\n\n"),
        ("Quill\nto open", "Quill to open\n\n"),
        (None, ""),
        (" ", ""),
        ("Mayor Ada Quill spoke", ""),
        ("MAYOR  ADA QUILL spoke on Tuesday.", ""),
    ],
)
def test_a_headline_stands_before_the_text_once(title: str | None, before: str) -> None:
    read = given(unique(TEXT, article={"title": title}).article)
    assert read.text == read.seen == before + TEXT
    assert read.shift == len(before)


def test_a_dateline_is_kept_from_the_model_behind_a_headline_too() -> None:
    text = "HARBOURTOWN, March 3 - The bridge is open."
    line = Span(field="text", start=0, end=20, exact=text[:20])
    read = given(unique(text, article={"title": "Open", "dateline": line}).article)
    assert read.text == f"Open\n\n{text}"
    assert read.seen.split() == ["Open", *"The bridge is open.".split()]
    assert len(read.seen) == len(read.text)


def test_spans_are_those_of_their_field() -> None:
    article = enriched(unique(TEXT, article={"title": "Bridge opens"}), 1, version=VERSION, analysis=DONE)
    spans = Spans(article, f"Bridge opens\n\n{TEXT}")
    assert (spans.cut(Range(0, 6)).field, spans.cut(Range(0, 6)).exact) == ("title", "Bridge")
    (mayor,) = spans.cut_all([Range(14, 19)])
    assert (mayor.field, mayor.start, mayor.exact) == ("text", 0, "Mayor")
    both = spans.cut_all([Range(7, 19)])
    assert [(span.field, span.exact) for span in both] == [("title", "opens"), ("text", "Mayor")]
    for wrong in (Range(12, 14), Range(-1, 3), Range(14, 14), Range(20, 15 + len(TEXT))):
        with pytest.raises(ValueError, match="lies outside"):
            spans.cut_all([wrong])
    with pytest.raises(ValueError, match="not as long"):
        Spans(article, f"Bridge\n\n{TEXT}")


def test_a_headline_s_claims_and_names_are_told_by_who_is_named_in_the_text(enricher: Enricher) -> None:
    title = "“We will open the bridge in May,” says Quill"
    (event,) = enricher.enrich([unique(TEXT, article={"title": title})], [1])
    assert_true(event)
    (claim,) = [claim for claim in event.claims if claim.content[0].field == "title"]
    assert "open the bridge in May" in claim.content[0].exact
    (source,) = claim.chain[-1].sources
    assert (source.name, source.spans[0].field, source.spans[0].exact) == ("Ada Quill", "title", "Quill")
    (ada,) = [entity for entity in event.entities if entity.name == "Ada Quill"]
    assert [(mention.field, mention.exact) for mention in ada.mentions] == [
        ("title", "Quill"),
        ("text", "Ada Quill"),
    ]


def test_claims_of_the_text_stand_where_they_stood_whatever_the_headline(enricher: Enricher) -> None:
    heads = ["Bridge", "What Ada Quill thinks of bridges"]
    first, second = (
        [span for claim in event.claims for span in claim.content if span.field == "text"]
        for event in enricher.enrich([unique(TEXT, article={"title": head}) for head in heads], [1, 1])
    )
    assert first == second != []

"""Enrichment as a whole: true, in order, the same whatever it is read together with."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import EnrichedArticle, wire
from schemas.limits import TEXT_CHARS
from streams.enrich.english import MAX_TOKENS, PIECE_CHARS, EnglishModel, prepared
from streams.enrich.enricher import Enricher
from streams.enrich.fake import FakeModel
from streams.enrich.models import ModelMissingError, load_model
from tests.support.models import RAISE
from tests.unit.enrich.enrich_parts import STORY, assert_true, unique

TEXTS = [
    STORY,
    "A flood closed the road to Norland on Monday. “It is deep,” said Bo Reed, a farmer.",
    "",
    STORY.replace("Quill", "Reed"),
    "Roads Agency officials denied that the piers were unsafe.\nThey said: “Nobody is at risk.”",
]


def enrich(enricher: Enricher, *texts: str) -> list[EnrichedArticle]:
    return enricher.enrich([unique(text, number=n) for n, text in enumerate(texts)], [1] * len(texts))


def test_the_story(enricher: Enricher) -> None:
    (event,) = enrich(enricher, STORY)
    assert_true(event)
    claims = [claim for claim in event.claims if claim.content[0].field == "text"]
    speakers = [claim.chain[-1].sources[0] for claim in claims]
    assert [s.name for s in speakers[:2]] == ["Ada Quill"] * 2
    assert [c.kind for c in claims[:3]] == ["indirect", "direct", "indirect"]
    assert [len(c.chain) for c in claims] == [1, 1, 1, 2, 1]
    assert speakers[3].name == "Norland Roads Agency"
    assert speakers[4].name == "Ada Quill"
    assert all(0 < (c.confidence or 0) < 1 for c in event.claims)
    by_name = {entity.name: entity for entity in event.entities}
    assert "Mayor" in by_name["Ada Quill"].titles
    agency = by_name["Norland Roads Agency"]
    assert [m.form for m in agency.mentions] == ["name", "acronym", "acronym"]
    assert {s.entity_id for s in speakers[:2]} == {by_name["Ada Quill"].entity_id}


def test_the_same_bytes_whatever_it_is_read_with(enricher: Enricher) -> None:
    together = [wire.encode(event) for event in enrich(enricher, *TEXTS)]
    again = [wire.encode(event) for event in enrich(enricher, *TEXTS)]
    alone = [wire.encode(enricher.enrich([unique(text, number=n)], [1])[0]) for n, text in enumerate(TEXTS)]
    assert together == again == alone


def test_results_are_in_order(enricher: Enricher) -> None:
    events = enricher.enrich([unique(text, number=n) for n, text in enumerate(TEXTS)], [1, 2, 3, 4, 5])
    assert [event.text for event in events] == TEXTS
    assert [event.attempt for event in events] == [1, 2, 3, 4, 5]
    assert enricher.enrich([], []) == []


def test_attempts_must_match(enricher: Enricher) -> None:
    with pytest.raises(ValueError, match="argument"):
        enricher.enrich([unique()], [1, 2])


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            "“",
            "”",
            '"',
            "‘",
            " said",
            " Ada Quill",
            " that",
            ",",
            ".",
            " told the BBC",
            "\n",
            "\n\n",
            " according to",
            " the US",
            " (NRA)",
            " Norland Roads Agency",
            " it would rain",
            " she",
            " He",
            " called",
            "’s",
            " 😀",
            " é",
            "\u00a0",
            "\u2028",
            " denied",
            " Mr",
            " -",
            " and",
            ":",
            "(",
            ")",
        ]
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FRAGMENTS)
def test_every_span_is_true(enricher: Enricher, fragments: list[str]) -> None:
    assert_true(enrich(enricher, "".join(fragments))[0])


@given(st.text(max_size=300))
def test_every_span_of_the_fake_is_true(text: str) -> None:
    assert_true(enrich(Enricher(FakeModel()), text)[0])


def test_a_text_in_pieces_keeps_its_offsets(model: EnglishModel, enricher: Enricher) -> None:
    filler = "The road to the bridge is closed and nobody knows for how long it will be. " * 20
    text = "\n".join([STORY, filler] * (2 * PIECE_CHARS // len(STORY + filler) + 3))
    assert len(text) > 2 * PIECE_CHARS
    (event,) = enrich(enricher, text)
    assert_true(event)
    (short,) = enrich(enricher, STORY)
    assert len(event.claims) >= len(short.claims) * text.count("Tuesday")
    assert max(claim.content[0].start for claim in event.claims) > 2 * PIECE_CHARS
    quill = next(entity for entity in event.entities if entity.name == "Ada Quill")
    assert quill.count >= 2 * text.count("Tuesday")


def test_a_text_of_full_length_that_is_no_writing(enricher: Enricher) -> None:
    (event,) = enrich(enricher, "x" * TEXT_CHARS)
    assert event.analysis.claims == "done"
    assert (event.claims, event.entities) == ([], [])


def test_more_tokens_than_are_read(model: EnglishModel, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_TOKENS * 4 > TEXT_CHARS, "English of the full length must be read whole"
    monkeypatch.setattr("streams.enrich.english.MAX_TOKENS", 60)
    monkeypatch.setattr("streams.enrich.english.PIECE_CHARS", 120)
    event, short = enrich(Enricher(model), STORY, "It rained.")
    assert_true(event)
    assert event.analysis.claims == event.analysis.entities == "partial"
    assert event.analysis.reason == "token_limit"
    assert event.claims
    assert short.analysis.claims == "done"


def test_the_vocabulary_is_bounded(model: EnglishModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.enrich.english.VOCABULARY", 0)
    (bounded,) = enrich(Enricher(model), "Zyxwville and Wvutsburg are far from Qponmtown, said Ms Ihgfedcba.")
    assert "Qponmtown" not in model._nlp.vocab
    # The usual bound may be passed by what other tests have read with this model.
    monkeypatch.setattr("streams.enrich.english.VOCABULARY", 10**9)
    (free,) = enrich(Enricher(model), "Zyxwville and Wvutsburg are far from Qponmtown, said Ms Ihgfedcba.")
    assert "Qponmtown" in model._nlp.vocab
    assert wire.encode(bounded) == wire.encode(free)


def test_paragraphs_begin_sentences(model: EnglishModel) -> None:
    doc = prepared(model._nlp, "A heading\nsmall letters\n\n“and”\n")
    assert [t.text for t in doc if t.is_sent_start] == ["A", "small", "“"]


def test_a_missing_model_says_what_to_do() -> None:
    with pytest.raises(ModelMissingError, match=r"en_core_web_xl.*no model: there are english, fake"):
        Enricher.load("en_core_web_xl")
    with pytest.raises(ModelMissingError, match="no_such_module"):
        Enricher.load("no_such_module:factory")
    with pytest.raises(ModelMissingError, match="no_such_factory"):
        Enricher.load("tests.support.models:no_such_factory")
    with pytest.raises(ModelMissingError, match="makes no model but object"):
        Enricher.load("builtins:object")


def test_models_by_name() -> None:
    assert load_model("fake").version.name == "fake"
    crashing = Enricher.load("tests.support.models:crashing")
    assert crashing.version.name == "crashing"
    assert enrich(crashing, STORY)[0].analysis.claims == "done"
    with pytest.raises(KeyError):
        enrich(crashing, f"{STORY} {RAISE}")


def test_version_names_weights(model: EnglishModel) -> None:
    assert model.version.name == "english"
    assert len(model.version.weights_sha256 or "") == 64
    assert model.languages == {"en"}


def test_the_pure_part_needs_neither_kafka_nor_a_model() -> None:
    code = (
        "import sys, streams.enrich.enricher, streams.enrich.fake\n"
        "heavy = {'faust', 'aiokafka', 'kafka', 'spacy', 'numpy', 'newswire'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

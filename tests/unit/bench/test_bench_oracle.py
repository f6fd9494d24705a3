"""Attributes are scored on gold's own spans, so that nothing but them can be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.evaluation.oracle import AskedText, asked_texts, cue_words, judged_spans, training_cues
from bench.evaluation.oracle_section import oracle_section
from bench.evaluation.samples import AbsentError
from bench.scoring.claims import Attribution
from streams.enrich.drafts import Model
from streams.enrich.models import load_model
from tests.support.require import require_shared

TEXT = """Ada Quill, the mayor of Harbourtown, denied that the bridge was closed.
She said it "might open in May".
"""


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("english")


def said(content: str, cue: str, source: str) -> Attribution:
    pieces = {"content": content, "cue": cue, "source": source}
    spans = {role: ((TEXT.index(p), TEXT.index(p) + len(p)),) for role, p in pieces.items()}
    return Attribution(content=spans["content"], cue=spans["cue"], source=spans["source"])


DENIED = said("the bridge was closed", "denied", "Ada Quill, the mayor of Harbourtown,")
MIGHT = said('it "might open in May"', "said", "She")


def test_attributes_are_told_of_given_spans(model: Model) -> None:
    asked = AskedText(TEXT, [MIGHT, DENIED], {0: {"certainty": "possible"}, 1: {"polarity": "denied"}})
    might, denied = judged_spans(model, asked)
    assert might.pair.gold == {"certainty": "possible"}
    assert (might.cue, might.pair.guess["cue_class"]) == ("said", "state")
    assert might.pair.guess["certainty"] == "possible"
    assert (denied.cue, denied.pair.guess["cue_class"], denied.pair.guess["polarity"]) == (
        "denied",
        "deny",
        "denied",
    )
    # "She" is who spoke before, though that claim stands behind in the list.
    assert [one.pair.guess["source_type"] for one in (might, denied)] == ["named_person", "named_person"]
    assert might.in_table
    assert denied.in_table


def test_only_claims_that_were_drawn_are_judged(model: Model) -> None:
    asked = AskedText(TEXT, [MIGHT, DENIED], {1: {"polarity": "denied"}})
    assert [one.cue for one in judged_spans(model, asked)] == ["denied"]


def test_a_cue_of_marks_alone_has_no_words() -> None:
    assert cue_words("Quill: we\nopen.", ((5, 6),)) == ""
    assert cue_words("Quill Did\nsay: we", ((6, 9), (10, 13))) == "did say"


def test_without_the_texts_nothing_is_scored(model: Model, tmp_path: Path) -> None:
    with pytest.raises(AbsentError, match="absent"):
        oracle_section(model, tmp_path)


@pytest.mark.shared
def test_three_hundred_claims_are_drawn_always_the_same() -> None:
    data = require_shared("polnear/dev").parents[1]
    texts = asked_texts(data)
    assert sum(len(asked.values) for asked in texts) == 300
    assert [asked.values for asked in texts] == [asked.values for asked in asked_texts(data)]
    assert all(
        asked.claims[place].values in ({}, values)
        for asked in texts
        for place, values in asked.values.items()
    )
    assert "said" in training_cues(data)

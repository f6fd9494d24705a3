from __future__ import annotations

import pytest

from schemas.vocabulary import CLOSED_LISTS
from streams.enrich.cues import CLASSES, CUES, ClassValues


def test_every_class_and_value_is_on_the_closed_lists() -> None:
    assert {cue.cue_class for cue in CUES.values()} <= set(CLOSED_LISTS["CueClass"])
    assert set(CLASSES) <= set(CLOSED_LISTS["CueClass"])
    for values in (*CLASSES.values(), ClassValues()):
        assert values.certainty in CLOSED_LISTS["Certainty"]
        assert values.polarity in CLOSED_LISTS["Polarity"]
        assert values.stance in CLOSED_LISTS["Stance"]
        assert values.force in CLOSED_LISTS["Force"]


@pytest.mark.parametrize(
    ("form", "lemma", "cue_class"),
    [
        ("said", "say", "state"),
        ("denies", "deny", "deny"),
        ("denied", "deny", "deny"),
        ("announced", "announce", "announce"),
        ("admitting", "admit", "admit"),
        ("stresses", "stress", "state"),
        ("written", "write", "state"),
        ("estimates", "estimate", "estimate"),
        ("conveys", None, None),
    ],
)
def test_inflected_forms(form: str, lemma: str | None, cue_class: str | None) -> None:
    cue = CUES.get(form)
    assert (cue and cue.lemma, cue and cue.cue_class) == (lemma, cue_class)


def test_no_form_stands_for_two_verbs() -> None:
    assert all(form.islower() and form.isascii() for form in CUES)
    lemmas = {cue.lemma for cue in CUES.values()}
    assert all(CUES[lemma].lemma == lemma for lemma in lemmas)

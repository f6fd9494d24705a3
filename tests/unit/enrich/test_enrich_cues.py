"""The table of cues: its values are the contract's, no row stands twice, its forms are English."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from schemas.vocabulary import CLOSED_LISTS
from streams.enrich.cues import CLASSES, CUES, find_cues, read_cues
from streams.enrich.inflection import plural_of, verb_forms
from streams.enrich.tables import read_table

ATTRIBUTES = {"certainty": "Certainty", "polarity": "Polarity", "stance": "Stance", "force": "Force"}
POS = {"verb", "noun", "adjective", "adverb", "preposition", "phrase"}
WHEN = {"", "negated", "passive", "to", "question", "quoted"}


def test_every_class_has_its_values() -> None:
    assert set(CLASSES) == set(CLOSED_LISTS["CueClass"])
    for values in CLASSES.values():
        for name, closed in ATTRIBUTES.items():
            assert getattr(values, name) in CLOSED_LISTS[closed]
        assert values.negated_certainty in CLOSED_LISTS["Certainty"]
        assert values.negated_polarity in CLOSED_LISTS["Polarity"]


def test_every_row_is_on_the_closed_lists() -> None:
    rows = read_table("cues")
    assert len(rows) > 800
    for row in rows:
        assert row["pos"] in POS, row
        assert row["when"] in WHEN, row
        assert row["class"] in CLOSED_LISTS["CueClass"], row
        for name, closed in ATTRIBUTES.items():
            assert row[name] in {"", *CLOSED_LISTS[closed]}, row
        assert row["sure"] in {"", "yes"}, row


def test_no_row_stands_twice_and_all_are_in_order() -> None:
    keys = [(row["cue"], row["pos"], row["when"]) for row in read_table("cues")]
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    assert keys == sorted(keys)
    assert all(cue == " ".join(cue.lower().split()) for cue, _, _ in keys)


def test_every_class_but_the_two_without_a_word_has_cues() -> None:
    classes = {row.cue_class for entry in read_cues() for row in entry.rows.values()}
    assert set(CLASSES) - classes == {"none"}


def test_what_a_row_leaves_empty_is_its_classs() -> None:
    entries = {(entry.lemma, entry.pos): entry for entry in read_cues()}
    assert entries["insist", "verb"].rows[""].values == CLASSES["assert"]
    know = entries["know", "verb"].rows[""].values
    assert know == msgspec.structs.replace(CLASSES["believe"], certainty="certain")


@pytest.mark.parametrize("name", ["markers", "cue_classes"])
def test_the_other_tables_have_no_row_twice(name: str) -> None:
    keys = [tuple(row.values())[:2] for row in read_table(name)]
    assert len(set(keys)) == len(keys) > 20


def test_markers_have_values_of_the_closed_lists() -> None:
    allowed = {
        "hedge": {"probable", "possible"},
        "stance": {"distancing", "endorsing"},
        "condition": {""},
        "negation": {""},
        "imperative": {""},
        "refusal": {"", "negation"},
    }
    rows = read_table("markers")
    assert {row["kind"] for row in rows} == set(allowed)
    assert all(row["value"] in allowed[row["kind"]] for row in rows)


@pytest.mark.parametrize(
    ("form", "lemma", "cue_class"),
    [
        ("said", "say", "state"),
        ("denies", "deny", "deny"),
        ("denied", "deny", "deny"),
        ("announced", "announce", "announce"),
        ("admitting", "admit", "admit"),
        ("stresses", "stress", "state"),
        ("written", "write", "report"),
        ("estimates", "estimate", "estimate"),
        ("agreeing", "agree", "state"),
        ("conveys", None, None),
    ],
)
def test_a_sure_verb_is_known_by_every_form(form: str, lemma: str | None, cue_class: str | None) -> None:
    cue = CUES.get(form)
    assert (cue and cue.lemma, cue and cue.cue_class) == (lemma, cue_class)


def test_no_form_stands_for_two_sure_verbs() -> None:
    assert all(form.islower() and form.isascii() for form in CUES)
    assert all(CUES[lemma].lemma == lemma for lemma in {cue.lemma for cue in CUES.values()})


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("state", "state states stated stating"),
        ("deny", "deny denies denied denying"),
        ("plan", "plan plans planned planning"),
        ("weigh", "weigh weighs weighed weighing"),
        ("stress", "stress stresses stressed stressing"),
        ("agree", "agree agrees agreed agreeing"),
        ("convey", "convey conveys conveyed conveying"),
    ],
)
def test_regular_verbs(verb: str, forms: str) -> None:
    assert verb_forms(verb) == forms.split()
    assert verb_forms("say", "says said saying") == ["say", "says", "said", "saying"]


def test_plurals() -> None:
    assert [plural_of(noun) for noun in ("claim", "inquiry", "survey", "speech")] == [
        "claims",
        "inquiries",
        "surveys",
        "speeches",
    ]


@pytest.mark.parametrize(
    ("words", "lemmas"),
    [
        ("has made it quite clear", ["make clear"]),
        ("ruled out", ["rule out", "rule"]),
        ("threw her weight behind", ["throw one's weight behind"]),
        ("conveyed", ["convey"]),
        ("the weather", []),
    ],
)
def test_cues_are_found_among_words(words: str, lemmas: list[str]) -> None:
    found = [match.entry.lemma for match in find_cues(words.split()) if match.entry.pos == "verb"]
    assert [lemma for lemma in found if lemma in lemmas] == lemmas
    assert bool(found) == bool(lemmas)

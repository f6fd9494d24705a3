"""Exact comparison against sets of words, and what differs."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Sketch
from streams.dedupe.compare import compare, jaccard_bound, shingles_of
from streams.dedupe.relations import likeness
from streams.fingerprints import fingerprint
from tests.unit.dedupe.dedupe_parts import prose

hashes = st.lists(st.integers(0, 40), max_size=60)


def sketch(values: list[int], **facts: list[str] | list[int]) -> Sketch:
    return Sketch(shingles=struct.pack(f"<{len(values)}I", *values), **facts)


@given(hashes, hashes)
def test_as_sets_compare(ours: list[int], theirs: list[int]) -> None:
    found = compare(shingles_of(sketch(ours)), shingles_of(sketch(theirs)).kept())
    a, b = set(ours), set(theirs)
    assert found is not None
    assert found.jaccard == (len(a & b) / len(a | b) if a | b else 0)
    assert found.containment_of_this == (len(a & b) / len(a) if a else 0)
    assert found.containment_of_other == (len(a & b) / len(b) if b else 0)
    assert found.jaccard <= jaccard_bound(len(a), len(b)) or not a | b


@given(hashes, hashes, st.floats(0, 1))
def test_below_what_is_asked_for_is_nothing(ours: list[int], theirs: list[int], least: float) -> None:
    all_of_it = compare(shingles_of(sketch(ours)), shingles_of(sketch(theirs)).kept())
    found = compare(shingles_of(sketch(ours)), shingles_of(sketch(theirs)).kept(), at_least=least)
    assert all_of_it is not None
    assert found == (all_of_it if all_of_it.jaccard >= least else None)


def compared(ours: str, theirs: str):
    this, other = fingerprint(ours).sketch, fingerprint(theirs).sketch
    assert this is not None
    assert other is not None
    return compare(shingles_of(this), shingles_of(other).kept())


def test_what_differs() -> None:
    text = prose(60) + " On Monday Maria Rossi paid 40 and never asked why."
    other = text.replace("Maria", "Carla").replace("40", "41").replace("never", "then")
    found = compared(text, other)
    assert found.names_changed == ["Carla", "Maria"]
    assert found.numbers_changed == ["40", "41"]
    assert found.negation_changed
    assert not found.same_facts
    assert found.unmatched_sentences == [6]
    assert compared(text, text).same_facts


def test_negations_in_another_order_are_the_same() -> None:
    one, two = prose(40, seed=1) + " They never came.", prose(40, seed=2) + " It was not so."
    assert not compared(f"{one} {two}", f"{two} {one}").negation_changed


def test_a_new_sentence_does_not_mark_its_neighbours() -> None:
    sentences = [prose(10, seed=i) for i in range(8)]
    added = [*sentences[:4], prose(10, seed="new"), *sentences[4:]]
    assert compared(" ".join(added), " ".join(sentences)).unmatched_sentences == [4]
    assert compared(" ".join(sentences), " ".join(added)).unmatched_sentences == []


def test_a_sentence_of_two_words_is_judged_by_what_begins_in_it() -> None:
    before, after = prose(30, seed=1), prose(30, seed=2)
    found = compared(f"{before} Bake woxi. {after}", f"{before} Suku tama. {after}")
    assert found.unmatched_sentences == [3]


@pytest.mark.parametrize(
    "damaged",
    [
        Sketch(shingles=b"12345"),
        sketch([1, 2, 3], sentences=[0, 3]),
        sketch([1, 2, 3], sentences=[1, 1]),
        sketch([1, 2, 3], sentences=[-1]),
    ],
)
def test_a_damaged_sketch_is_refused(damaged: Sketch) -> None:
    with pytest.raises(ValueError):
        shingles_of(damaged)


def test_no_sentences_is_one_sentence() -> None:
    found = compare(shingles_of(sketch([1, 2, 3, 4])), shingles_of(sketch([5])).kept())
    assert found is not None
    assert found.unmatched_sentences == [0]


def test_likeness() -> None:
    short, long = prose(40, seed=1), prose(40, seed=1) + " " + prose(200, seed=2)
    assert likeness(compared(short, long), 0.7) == "excerpt_of"
    assert likeness(compared(long, short), 0.7) == "contains"
    assert likeness(compared(long, long), 0.7) == "near_copy"
    assert likeness(compared(short, prose(40, seed=3)), 0.7) is None
    half = prose(40, seed=1) + " " + prose(20, seed=4)
    assert likeness(compared(half, short + " " + prose(20, seed=5)), 0.7) is None

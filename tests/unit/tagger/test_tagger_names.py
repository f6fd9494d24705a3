from __future__ import annotations

import pytest

from streams.enrich.drafts import Range
from streams.tagger.labels import ENTITY
from streams.tagger.names import read_events, read_names
from streams.tagger.pieces import PieceReader
from tests.unit.tagger.tagger_parts import SURE, made


def names(reader: PieceReader, text: str, tags: dict[str, str]) -> list[tuple[str, str]]:
    pieces = reader.read(text)
    found = read_names(text, pieces, made(text, pieces, {"entity": tags}, {}))
    return [(text[at.start : at.end], type_) for at, type_ in found]


def test_names_with_their_types(reader: PieceReader) -> None:
    text = "Ada Quill of Norland won."
    tags = {"Ada Quill": "B-person I-person", "Norland": "B-place"}
    assert names(reader, text, tags) == [("Ada Quill", "person"), ("Norland", "place")]


def test_what_has_no_capital_is_no_name(reader: PieceReader) -> None:
    assert names(reader, "the harbour of Norland", {"harbour": "B-place", "Norland": "B-place"}) == [
        ("Norland", "place")
    ]


def test_a_form_has_one_type_in_a_text(reader: PieceReader) -> None:
    text = "Norland won. In Norland, (Norland) is glad"
    tags = {"Norland won": "B-organisation O", "Norland,": "B-place O", "Norland)": "B-place O"}
    assert names(reader, text, tags) == [("Norland", "place")] * 3


def test_a_surname_is_its_bearers(reader: PieceReader) -> None:
    text = "Ada Quill won. Quill is glad"
    tags = {"Ada Quill": "B-person I-person", "Quill is": "B-place O"}
    assert names(reader, text, tags) == [("Ada Quill", "person"), ("Quill", "person")]


@pytest.mark.parametrize("tag", ["I-place", "B-organisation"])
def test_a_name_is_one_where_its_words_nearly_agree(reader: PieceReader, tag: str) -> None:
    text = "The Norland Roads Agency won"
    pieces = reader.read(text)
    tags = {"Norland Roads Agency": f"B-organisation I-organisation {tag}"}
    scores = made(text, pieces, {"entity": tags}, {})
    (agency,) = pieces.words_in(Range(18, 24))
    scores.of("entity")[agency, ENTITY.tags.index("I-organisation")] = SURE - 0.5
    (found,) = read_names(text, pieces, scores)
    assert (text[slice(*found.at)], found.type) == ("Norland Roads Agency", "organisation")


def test_what_goes_on_begins_somewhere(reader: PieceReader) -> None:
    text = "She met Ada Quill today"
    pieces = reader.read(text)
    scores = made(text, pieces, {"entity": {"Ada Quill": "I-person I-person"}}, {})
    (ada,) = pieces.words_in(Range(8, 11))
    scores.of("entity")[ada, ENTITY.tags.index("B-person")] = SURE - 0.5
    assert [text[slice(*name.at)] for name in read_names(text, pieces, scores)] == ["Ada Quill"]


def test_events_are_named_beside_names_that_they_hold(reader: PieceReader) -> None:
    text = "The Norland Games of 1908, and some games"
    pieces = reader.read(text)
    scores = made(
        text, pieces, {"event": {"Norland Games": "B I", "games": "B"}, "entity": {"Norland": "B-place"}}, {}
    )
    assert [text[slice(*at)] for at in read_events(text, pieces, scores)] == ["Norland Games"]

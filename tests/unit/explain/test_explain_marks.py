"""Marked text: cut without loss, every mark where it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.explain.marks import Mark, Piece, beginnings, marks_of, pieces_of
from schemas.base import Span


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[Mark]]:
    text = draw(st.text(min_size=1, max_size=30))
    marks = []
    for _ in range(draw(st.integers(0, 8))):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        role = draw(st.sampled_from(["content", "cue", "source", "entity"]))
        marks.append(Mark(start, end, role, draw(st.sampled_from(["1", "2", "2.1"]))))
    return text, marks


@given(marked())
def test_the_pieces_are_the_text_and_every_mark_holds_where_it_is(given_: tuple[str, list[Mark]]):
    text, marks = given_
    pieces = pieces_of(text, marks)
    assert "".join(piece.text for piece in pieces) == text
    for mark in marks:
        inside = [piece for piece in pieces if mark in piece.marks]
        assert "".join(piece.text for piece in inside) == text[mark.start : mark.end]
        assert inside[0].start == mark.start
    assert {mark for piece in pieces for mark in piece.marks} == set(marks)


def test_the_longest_mark_stands_first():
    outer, inner = Mark(0, 9, "content", "1"), Mark(3, 6, "content", "1.1")
    pieces = pieces_of("abcdefghi", [inner, outer])
    assert pieces == [
        Piece(0, "abc", (outer,)),
        Piece(3, "def", (outer, inner)),
        Piece(6, "ghi", (outer,)),
    ]
    assert pieces[1].numbers("content") == ["1", "1.1"]


def test_content_in_two_pieces_begins_once():
    marks = [Mark(0, 2, "content", "1"), Mark(4, 6, "content", "1"), Mark(4, 5, "content", "2")]
    assert beginnings(pieces_of("abcdef", marks)) == {0: ["1"], 4: ["2"]}


def test_no_text_has_no_pieces():
    assert pieces_of("", []) == []


@pytest.mark.parametrize(("start", "end"), [(0, 0), (2, 1), (-1, 2), (0, 4)])
def test_a_mark_that_is_no_part_of_the_text_is_an_error(start: int, end: int):
    with pytest.raises(ValueError, match="no part of a text of 3 characters"):
        pieces_of("abc", [Mark(start, end, "cue", "1")])


def test_spans_of_another_field_are_left_out():
    spans = [
        Span(field="text", start=0, end=1, exact="a"),
        Span(field="title", start=1, end=2, exact="b"),
    ]
    assert marks_of(spans, "cue", "1", "title") == [Mark(1, 2, "cue", "1")]

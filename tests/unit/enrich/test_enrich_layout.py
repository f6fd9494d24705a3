from __future__ import annotations

import textwrap

from hypothesis import given
from hypothesis import strategies as st

from streams.enrich.layout import model_text, pieces

PARAGRAPHS = [
    (
        "The harbour council voted on Tuesday to close the northern pier for repairs that are expected to take "
        "the better part of two years, and set aside nine million for the work."
    ),
    (
        "Fishermen who land their catch there said they had not been asked. Several of them left the meeting "
        "before the vote was taken and gathered outside in the rain."
    ),
    "The council will hear them again in the spring, its chairwoman said.",
]


def wrapped(width: int, indent: str) -> str:
    return "\n".join(textwrap.fill(p, width, initial_indent=indent) for p in PARAGRAPHS)


def test_wrapped_lines_are_joined_and_indented_paragraphs_kept() -> None:
    for width in (50, 65, 78):
        text = wrapped(width, "    ")
        joined = model_text(text)
        assert len(joined) == len(text)
        assert [line.strip() for line in joined.split("\n")] == PARAGRAPHS


def test_wrapped_lines_with_blank_lines_between_paragraphs() -> None:
    text = "\n\n".join(textwrap.fill(p, 60) for p in PARAGRAPHS)
    assert [line for line in model_text(text).split("\n") if line] == PARAGRAPHS


def test_wrapped_lines_with_nothing_between_paragraphs() -> None:
    joined = model_text(wrapped(56, ""))
    assert joined.split("\n") == PARAGRAPHS


def test_a_short_line_within_a_paragraph_that_is_set_off() -> None:
    text = "Norland Transit\n" + wrapped(60, "    ").lstrip()
    assert model_text(text).startswith(
        "Norland Transit The harbour council voted on Tuesday to close the northern"
    )


def test_one_line_left_long_does_not_hide_what_the_others_were_wrapped_at() -> None:
    credit = (
        "(Our correspondent in Harbourtown can be reached at the address given on the third page, as ever)"
    )
    joined = model_text(wrapped(50, "    ") + "\n    Reporting by Ada Quill\n" + credit)
    assert [line.strip() for line in joined.split("\n")] == [*PARAGRAPHS, "Reporting by Ada Quill", credit]
    first = model_text(credit + "\n" + wrapped(50, "    "))
    assert [line.strip() for line in first.split("\n")] == [credit, *PARAGRAPHS]


def test_paragraphs_of_one_line_each_stay_apart() -> None:
    text = "\n".join(PARAGRAPHS)
    assert model_text(text) == text
    short = "One short line.\nAnother line here.\nA third line follows it.\nAnd the fourth one ends."
    assert model_text(short) == short


def test_a_list_is_no_wrapped_text() -> None:
    text = "Gold: Ada Quill, Norland, two minutes and four seconds\nSilver: Bo Reed\nBronze: Cy Lund"
    assert model_text(text) == text


def test_blanks_and_debris() -> None:
    assert model_text("a\u00a0b\tc\r\nd\u2028e") == "a b c \nd\ne"
    debris = "x" * 5000
    assert model_text(f"Before {debris} after.") == f"Before {' ' * 5000} after."


@given(st.text(max_size=400))
def test_every_other_code_point_stays_where_it_was(text: str) -> None:
    seen = model_text(text)
    assert len(seen) == len(text)
    for before, after in zip(text, seen, strict=True):
        assert before == after or (before.isspace() and after in " \n") or len(text) >= 400


@given(st.text(alphabet="ab. \n", max_size=300), st.integers(5, 50))
def test_pieces_cover_the_text(text: str, limit: int) -> None:
    cut = pieces(text, limit)
    assert "".join(text[p.start : p.end] for p in cut) == text
    assert all(p.end - p.start <= limit for p in cut)
    assert all(p.start < p.end for p in cut) or not text


def test_pieces_end_where_paragraphs_or_sentences_end() -> None:
    text = "First one.\nSecond one.\nThird one. Fourth one."
    assert [text[p.start : p.end] for p in pieces(text, 24)] == [
        "First one.\nSecond one.\n",
        "Third one. Fourth one.",
    ]
    assert [text[p.start : p.end] for p in pieces(text, 12)] == [
        "First one.\n",
        "Second one.\n",
        "Third one. ",
        "Fourth one.",
    ]

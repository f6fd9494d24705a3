from __future__ import annotations

import pytest

from streams.tagger.marks import COUNT, IN, LOWER, MARK, NO_LETTER, OUT, TITLE, UPPER, marks_of


def marks(text: str, *pieces: str) -> list[tuple[int, int]]:
    at = 0
    ranges = []
    for piece in pieces:
        at = text.index(piece, at)
        ranges.append((at, at + len(piece)))
        at += len(piece)
    return [divmod(mark, 4) for mark in marks_of(text, ranges)]


@pytest.mark.parametrize(("opening", "closing"), [("“", "”"), ('"', '"'), ("``", "''")])
def test_what_stands_in_quotation_marks(opening: str, closing: str) -> None:
    text = f"She: {opening}we Won{closing} NATO"
    assert marks(text, "She", opening, "we", "Won", closing, "NATO") == [
        (OUT, TITLE),
        (MARK, NO_LETTER),
        (IN, LOWER),
        (IN, TITLE),
        (MARK, NO_LETTER),
        (OUT, UPPER),
    ]


def test_a_quotation_that_nothing_closes_lasts_to_the_end() -> None:
    assert marks("“we 12", "“", "we", "12") == [(MARK, NO_LETTER), (IN, LOWER), (IN, NO_LETTER)]


def test_one_capital_is_a_title_and_all_marks_are_within_the_count() -> None:
    assert marks("A b", "A", "b") == [(OUT, TITLE), (OUT, LOWER)]
    assert 4 * MARK + NO_LETTER == COUNT - 1

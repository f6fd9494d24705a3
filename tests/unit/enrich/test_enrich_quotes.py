from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.enrich.quotes import find_quotes


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("“We won,” she said. “At last.”", ["We won", "At last."]),
        ('"We won," she said. "At last."', ["We won", "At last."]),
        ("``We won,'' she said.", ["We won"]),
        ("„Wir“ and «nous».", ["Wir", "nous"]),
        ('a 3" pipe and "a quote"', ["a quote"]),
        ('He said "no".', ["no"]),
        ("'We won,' she said. 'At last.'", ["We won", "At last."]),
        ("‘It’s the ministers’ plan,’ she said.", ["It’s the ministers’ plan"]),
        ("In '98 the ministers' plan was theirs. 'We won,' she said.", ["We won"]),
        ("In '98 he said “no”.", ["no"]),
        ("“He said: ‘Never.’ Then he left,” she said.", ["He said: ‘Never.’ Then he left"]),
        ("the ministers' plan", []),
        ("nothing here", []),
        ("empty “” marks", []),
        ("a lone ” mark", []),
    ],
)
def test_what_stands_in_the_marks(text: str, inside: list[str]) -> None:
    assert [text[q.inner.start : q.inner.end] for q in find_quotes(text)] == inside


def test_a_quotation_ends_with_its_paragraph() -> None:
    text = "“One paragraph.\n“And another.”\n“Never closed.\nPlain."
    quotes = find_quotes(text)
    assert [text[q.inner.start : q.inner.end] for q in quotes] == [
        "One paragraph.",
        "And another.",
        "Never closed.",
    ]
    assert [(q.closed, q.resumed) for q in quotes] == [(False, True), (True, False), (False, False)]


@given(st.text(alphabet="ab “”\"«»'`,.\n", max_size=60))
def test_quotations_are_in_order_and_apart(text: str) -> None:
    quotes = find_quotes(text)
    for quote in quotes:
        assert quote.outer.contains(quote.inner)
        assert quote.inner.start < quote.inner.end
        assert "\n" not in text[quote.outer.start : quote.outer.end]
    for one, other in itertools.pairwise(quotes):
        assert one.outer.end <= other.outer.start

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from streams.enrich.quotes import find_quotes
from streams.enrich.sentences import to_sentences


def texts(text: str, starts: list[int]) -> list[str]:
    return [text[s.at.start : s.at.end] for s in to_sentences(text, starts, find_quotes(text))]


def test_no_sentence_begins_within_a_quotation() -> None:
    text = "“We won. At last,” she said. Then she left."
    starts = [text.index(word) for word in ("“", "We", "At", "Then")]
    assert texts(text, starts) == ["“We won. At last,” she said.", "Then she left."]


def test_a_mark_belongs_to_its_quotation() -> None:
    text = 'He left. "We won." She stayed.'
    assert texts(text, [0, text.index("We"), text.rindex('"'), text.index("She")]) == [
        "He left.",
        '"We won."',
        "She stayed.",
    ]


def test_a_paragraph_ends_a_sentence() -> None:
    text = "A heading\nA sentence.\n\n“A quotation"
    sentences = to_sentences(text, [0], find_quotes(text))
    assert [text[s.at.start : s.at.end] for s in sentences] == ["A heading", "A sentence.", "“A quotation"]
    assert [s.paragraph for s in sentences] == [0, 1, 3]
    assert [len(s.quotes) for s in sentences] == [0, 0, 1]


@given(st.text(alphabet='aB .“”"\n', max_size=60), st.lists(st.integers(0, 60), max_size=8))
def test_every_quotation_lies_in_one_sentence(text: str, starts: list[int]) -> None:
    quotes = find_quotes(text)
    sentences = to_sentences(text, sorted(s for s in starts if s < len(text)), quotes)
    assert [q for s in sentences for q in s.quotes] == quotes
    for sentence in sentences:
        assert all(sentence.at.start <= q.outer.start < sentence.at.end for q in sentence.quotes)
    for one, other in itertools.pairwise(sentences):
        assert one.at.end <= other.at.start

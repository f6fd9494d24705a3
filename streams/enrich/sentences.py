"""Sentences as attribution sees them: what stands in quotation marks never ends one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from streams.enrich.drafts import Range
from streams.enrich.quotes import Quote

__all__ = ["Sentence", "stripped", "to_sentences"]

_MARGIN = " \n\t,;:–—-"


class Sentence(NamedTuple):
    """One sentence of the text with the quotations in it."""

    at: Range
    quotes: tuple[Quote, ...]
    paragraph: int


def stripped(text: str, at: Range) -> Range:
    """Return *at* without the blanks, commas and dashes around what it holds; empty where nothing is left."""
    start, end = at
    while start < end and text[start] in _MARGIN:
        start += 1
    while end > start and text[end - 1] in _MARGIN:
        end -= 1
    return Range(start, max(start, end))


def to_sentences(text: str, starts: Sequence[int], quotes: Sequence[Quote]) -> list[Sentence]:
    """Build the sentences of a text from where a parser sees them begin (code points, ascending).

    A beginning within a quotation is none; one between a mark and its quotation is at the mark; the end of
    a paragraph is the end of a sentence.
    """
    opens = [q.outer.start for q in quotes]
    begins = {0}
    for start in starts:
        last = bisect_right(opens, start) - 1
        if last < 0 or start >= quotes[last].outer.end:
            begins.add(start)
        elif start <= quotes[last].inner.start:
            begins.add(quotes[last].outer.start)
        elif quotes[last].closed and start >= quotes[last].inner.end:
            begins.add(quotes[last].outer.end)
    line = text.find("\n")
    while line >= 0:
        begins.add(line + 1)
        line = text.find("\n", line + 1)
    edges = [*sorted(begin for begin in begins if begin < len(text)), len(text)]
    sentences: list[Sentence] = []
    paragraph = 0
    following = 0
    for begin, end in pairwise(edges):
        at = stripped(text, Range(begin, end))
        if at.start < at.end:
            first = following
            while following < len(quotes) and quotes[following].outer.start < end:
                following += 1
            sentences.append(Sentence(at, tuple(quotes[first:following]), paragraph))
        if text[begin:end].endswith("\n"):
            paragraph += 1
    return sentences

"""The words beside a cue that change what it commits to, from ``tables/markers.tsv``: hedges, conditions,
negations, refusals, adverbs of the publication's stance.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from typing import Final, Literal, NamedTuple

from streams.enrich.drafts import Range
from streams.enrich.tables import read_table

__all__ = ["Marker", "MarkerKind", "Word", "find_markers", "value_of", "words_in"]

MarkerKind = Literal["hedge", "condition", "negation", "refusal", "stance", "imperative"]
_WORD: Final = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


class Word(NamedTuple):
    """One word, in lower case and with typewriter apostrophes, and where it stands."""

    lower: str
    at: Range


class Marker(NamedTuple):
    """Where the text has a marker, and what the table says of it."""

    at: Range
    value: str


def words_in(text: str, within: Range, most: int | None = None) -> list[Word]:
    """Return the words of a piece of the text, in order; *most* of them."""
    return [
        Word(found.group().lower().replace("’", "'"), Range(*found.span()))
        for found in islice(_WORD.finditer(text, *within), most)
    ]


def value_of(word: str, kind: MarkerKind) -> str | None:
    """Return what the table says of *word* as a marker of *kind*; null where it is none."""
    return _table(kind).get(word)


def find_markers(text: str, within: Range, kind: MarkerKind) -> list[Marker]:
    """Find the markers of one kind in a piece of the text, in order; the longest at each place."""
    piece = text[within.start : within.end].lower().replace("’", "'")
    pattern = _pattern(kind)
    if len(piece) != within.end - within.start:  # a capital whose small letter is two code points
        piece = text[within.start : within.end].replace("’", "'")
    return [
        Marker(
            Range(*found.span()).moved(within.start), _table(kind)[" ".join(found.group().lower().split())]
        )
        for found in pattern.finditer(piece)
    ]


@cache
def _table(kind: MarkerKind) -> dict[str, str]:
    return {row["marker"]: row["value"] for row in read_table("markers") if row["kind"] == kind}


@cache
def _pattern(kind: MarkerKind) -> re.Pattern[str]:
    longest = sorted(_table(kind), key=len, reverse=True)
    words = "|".join(re.escape(marker).replace(r"\ ", r"\s+") for marker in longest)
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)

"""Which of the table's cues a claim's cue is, where its words hold several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from streams.enrich.cues import CueMatch, find_cues

__all__ = ["best_cue"]

_DETERMINERS: Final = frozenset(
    "a an the his her its their our my your this these those any no such some of with despite amid by in "
    "following after about for on over into at under from new public repeated recent earlier first latest".split()
)
_LIGHT: Final = frozenset(
    "express voice issue make give raise offer reiterate repeat file release publish sign post deliver".split()
)
"""Verbs that leave what is meant to the noun behind them: "issued a denial"."""
_RANKS: Final = {"phrase": 0, "verb": 0, "adjective": 1, "noun": 2, "preposition": 3, "adverb": 4}


def best_cue(lower: Sequence[str], first: int, behind: int, previous: str) -> CueMatch | None:
    """Return the cue that the words from *first* to *behind* are: a verb rather than a noun, the last rather than
    the first ("was quoted as saying"), the longest at its place.  *previous* is the word before *first*.
    """
    found = [match for match in find_cues(lower) if first <= match.start < behind]
    whole = [match for match in found if not any(_is_part(match, of=other) for other in found)]
    last_noun = max((match.start for match in whole if match.entry.pos == "noun"), default=-1)

    def rank(match: CueMatch) -> tuple[int, int]:
        before = previous if match.start == first else lower[match.start - 1]
        named = (before in _DETERMINERS or before.endswith(("'s", "s'"))) and not lower[match.start].endswith(
            "ing"
        )
        order = _RANKS[match.entry.pos]
        if match.entry.pos == "verb":
            order += 4 if named else 0
            order += 3 if match.entry.lemma in _LIGHT and last_noun > match.start else 0
        return order, -match.start

    return min(whole, key=rank, default=None)


def _is_part(match: CueMatch, *, of: CueMatch) -> bool:
    return of.start <= match.start and match.end <= of.end and of.end - of.start > match.end - match.start

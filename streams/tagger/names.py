"""Names out of scores, made to agree throughout a text."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.enrich.drafts import Range
from streams.tagger.labels import ENTITY, ENTITY_TYPES, EVENT, OUTSIDE, EntityType, Head
from streams.tagger.pieces import Pieces
from streams.tagger.scores import Scores
from streams.tagger.viterbi import best_path

__all__ = ["Name", "read_events", "read_names"]

BEGIN_AGAIN: Final = 1.0
"""Taken from the score of a name that begins right behind another one: most often it is one name."""
PLAIN: Final = 7.0
"""A word that is no name by so much is none in whatever chain; chains end there, and reading them costs little."""
_NEVER: Final = -10_000.0
_CAPITAL: Final = re.compile(r"[^\W\d_a-z]|\d")


class Name(NamedTuple):
    """One name in the text, as code points."""

    at: Range
    type: EntityType


def read_names(text: str, pieces: Pieces, scores: Scores) -> list[Name]:
    """Return the names of one text, in text order, none overlapping another."""
    words = pieces.words()
    types = {type_: type_ for type_ in ENTITY_TYPES}
    found = [
        Name(pieces.span(first, last), types[kind])
        for first, last, kind in _spans(words, scores.of(ENTITY.name)[words], ENTITY)
        if kind in types
    ]
    return _agreed(text, [name for name in found if _CAPITAL.search(text, *name.at)])


def read_events(text: str, pieces: Pieces, scores: Scores) -> list[Range]:
    """Return where the text names events, in text order, none overlapping another."""
    words = pieces.words()
    found = [
        pieces.span(first, last) for first, last, _ in _spans(words, scores.of(EVENT.name)[words], EVENT)
    ]
    return [at for at in found if _CAPITAL.search(text, *at)]


def _spans(words: Sequence[int], scores: NDArray[np.float32], head: Head) -> list[tuple[int, int, str]]:
    """Read names off the best chain of tags in which each begins and goes on as one type: first and last word,
    type.
    """
    spans: list[tuple[int, int, str]] = []
    open_ = np.flatnonzero(scores[:, OUTSIDE] - scores[:, 1:].max(1) < PLAIN)
    transitions = _transitions(head)
    for run in np.split(open_, np.flatnonzero(np.diff(open_) > 1) + 1):
        path = best_path(_log_shares(scores[run]), transitions, transitions[OUTSIDE])
        for number, tag in zip(run.tolist(), path, strict=True):
            name, _, kind = head.tags[tag].partition("-")
            if name == "B":
                spans.append((words[number], words[number], kind))
            elif name == "I":
                spans[-1] = (spans[-1][0], words[number], kind)
    return spans


@cache
def _transitions(head: Head) -> NDArray[np.float64]:
    """Return what a tag of the row costs before one of the column."""
    costs = np.zeros((len(head.tags), len(head.tags)))
    for row, before in enumerate(head.tags):
        for column, tag in enumerate(head.tags):
            if tag.startswith("I") and (row == OUTSIDE or before[1:] != tag[1:]):
                costs[row, column] = _NEVER
            elif tag.startswith("B") and row != OUTSIDE:
                costs[row, column] = -BEGIN_AGAIN
    return costs


def _log_shares(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    lowered = scores.astype(np.float64) - scores.max(1, keepdims=True)
    shares: NDArray[np.float64] = lowered - np.log(np.exp(lowered).sum(1, keepdims=True))
    return shares


def _agreed(text: str, names: Sequence[Name]) -> list[Name]:
    """Give every form the type that it has most often, and a surname that of the person who bears it."""
    votes: dict[str, Counter[EntityType]] = defaultdict(Counter)
    forms = [" ".join(text[at.start : at.end].split()) for at, _ in names]
    for form, name in zip(forms, names, strict=True):
        votes[form][name.type] += 1
    surnames = {
        form.rpartition(" ")[2]
        for form in votes
        if " " in form and votes[form].most_common(1)[0][0] == "person"
    }
    return [
        Name(name.at, "person" if form in surnames else votes[form].most_common(1)[0][0])
        for form, name in zip(forms, names, strict=True)
    ]

r"""Claims matched one to one by the words of their contents, and what the matches are counted into.

A word is ``\w+`` and known by where it starts.  Matching is greedy by word IoU, the highest first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

__all__ = [
    "PAIRED_AT",
    "THRESHOLDS",
    "Attribution",
    "Overlap",
    "Spans",
    "count",
    "kind_of",
    "matched",
    "overlaps",
    "paired",
    "places_paired",
    "words",
]

Spans = tuple[tuple[int, int], ...]
"""Pieces of a text: first code point and the one after the last."""

THRESHOLDS: Final = (0.3, 0.5, 0.8, 1.0)
"""Least word IoU of two contents that are taken for one; 1.0 is exact, but for marks."""

PAIRED_AT: Final = 0.5
"""Word IoU from which two claims are one, where what is said of them is compared."""

_WORD: Final = re.compile(r"\w+")
_MARK: Final = re.compile(r"[“”\"]")


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """One claim, whoever says that it is there: a reader, a published set or an extractor."""

    content: Spans
    cue: Spans = ()
    source: Spans = ()
    nested: bool = False
    """It stands in the content of another."""
    values: Mapping[str, str] = {}
    """Kind, certainty and what else is from a closed list; empty where nothing is said of them."""
    originators: tuple[str, ...] = ()
    """Names of who uttered it."""
    verbatim: Spans = ()
    confidence: float | None = None


class Overlap(msgspec.Struct, frozen=True, order=True):
    """Two claims that share words of their contents, by their places in the lists compared."""

    iou: float
    gold: int
    guess: int


def words(text: str, spans: Spans) -> frozenset[int]:
    """Return where the words of some pieces start."""
    return frozenset(match.start() for start, end in spans for match in _WORD.finditer(text, start, end))


def overlaps(text: str, gold: Sequence[Attribution], guess: Sequence[Attribution]) -> list[Overlap]:
    """Return all pairs that share a word of their contents, in the order that they are matched in."""
    gold_words = [words(text, claim.content) for claim in gold]
    guess_words = [words(text, claim.content) for claim in guess]
    pairs = [
        Overlap(len(g & p) / len(g | p), i, j)
        for i, g in enumerate(gold_words)
        for j, p in enumerate(guess_words)
        if g & p
    ]
    return sorted(pairs, reverse=True)


def matched(pairs: Sequence[Overlap], threshold: float) -> list[tuple[int, int]]:
    """Match one to one those of *pairs* that reach a word IoU of *threshold*; return (gold, guess)."""
    taken: dict[int, int] = {}
    for pair in pairs:
        if pair.iou >= threshold and pair.gold not in taken and pair.guess not in taken.values():
            taken[pair.gold] = pair.guess
    return list(taken.items())


def paired(
    text: str, gold: Sequence[Attribution], guess: Sequence[Attribution]
) -> list[tuple[Attribution, Attribution]]:
    """Return the claims that are one at word IoU 0.5, nested or not; those without content by their cues."""
    return [(gold[i], guess[j]) for i, j in places_paired(text, gold, guess)]


def places_paired(
    text: str, gold: Sequence[Attribution], guess: Sequence[Attribution]
) -> list[tuple[int, int]]:
    """Return the places in the two lists of what `paired` returns."""
    anchored = (
        [msgspec.structs.replace(c, content=c.content or c.cue) for c in side] for side in (gold, guess)
    )
    return matched(overlaps(text, *anchored), PAIRED_AT)


def count(text: str, gold: Sequence[Attribution], guess: Sequence[Attribution]) -> Counter[str]:
    """Count one document: ``gold``, ``guess``, and for each threshold

    - ``tp@0.5``, of which ``joint@0.5``: source and cue share a word, too, or neither side has one;
    - ``source@0.5`` of ``of_source@0.5``: of the matched whose gold has one, those that share a word of it;
      the same of the cue;
    - ``indirect@0.5`` of ``of_indirect@0.5``: of gold's claims of that kind, those found.

    Claims without content are passed over, as a guess without a word is.
    """
    gold = [claim for claim in gold if claim.content]
    guess = [claim for claim in guess if words(text, claim.content)]
    counts = Counter(gold=len(gold), guess=len(guess))
    pairs = overlaps(text, gold, guess)
    for threshold in THRESHOLDS:
        found = matched(pairs, threshold)
        counts[f"tp@{threshold}"] += len(found)
        for i, j in found:
            joint = True
            for role in ("source", "cue"):
                wanted, had = (words(text, getattr(claim, role)) for claim in (gold[i], guess[j]))
                counts[f"of_{role}@{threshold}"] += bool(wanted)
                counts[f"{role}@{threshold}"] += bool(wanted & had)
                joint = joint and (bool(wanted & had) or not (wanted or had))
            counts[f"joint@{threshold}"] += joint
        indirect = {i for i, claim in enumerate(gold) if kind_of(text, claim) == "indirect"}
        counts[f"of_indirect@{threshold}"] += len(indirect)
        counts[f"indirect@{threshold}"] += len(indirect & {i for i, _ in found})
    return counts


def kind_of(text: str, claim: Attribution) -> str:
    """Return a claim's kind; where nobody says it, a crude rule on the marks in and around it tells."""
    if "kind" in claim.values:
        return claim.values["kind"]
    start, end = claim.content[0][0], claim.content[-1][1]
    marks = _MARK.findall(text, max(0, start - 2), end + 2)
    opens = _MARK.search(text, max(0, start - 2), start + 1)
    closes = _MARK.search(text, end - 1, end + 2)
    if not marks:
        return "indirect"
    return "direct" if opens and closes and len(marks) == 2 else "mixed"

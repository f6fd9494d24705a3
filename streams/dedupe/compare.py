"""Compare two contents exactly, by their sketches.

Sets of 32-bit hashes of word 3-shingles stand for the texts: Jaccard is the share of the shingles of both
that both have, containment the share of one's that the other has (Broder 1997).
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from schemas.article import Sketch

__all__ = ["Comparison", "KeptSketch", "Shingles", "compare", "jaccard_bound", "shingles_of"]

Hashes = npt.NDArray[np.uint32]

_CROSSING: Final = 2
"""So many of a sentence's shingles reach into the next one, and change with it."""


class KeptSketch(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What is kept of a content that others are compared with."""

    hashes: bytes
    """Its set of shingle hashes: little-endian uint32, ascending, each once."""
    numbers: list[str]
    names: list[str]
    negations: list[str]


class Shingles(msgspec.Struct, frozen=True, gc=False):
    """A sketch made ready to be compared."""

    ordered: Hashes
    """In text order."""
    unique: Hashes
    """Ascending, each once."""
    sentences: list[int]
    sketch: Sketch

    def kept(self) -> KeptSketch:
        """Return what is to be kept of it."""
        sketch = self.sketch
        return KeptSketch(self.unique.tobytes(), sketch.numbers, sketch.names, sketch.negations)


class Comparison(msgspec.Struct, frozen=True, gc=False):
    """How alike two contents are and what differs; the fields are those of `schemas.Relation`."""

    jaccard: float
    containment_of_this: float
    containment_of_other: float
    numbers_changed: list[str]
    names_changed: list[str]
    negation_changed: bool
    unmatched_sentences: list[int]

    @property
    def same_facts(self) -> bool:
        """Numbers, names and negations are the same."""
        return not (self.numbers_changed or self.names_changed or self.negation_changed)


def shingles_of(sketch: Sketch) -> Shingles:
    """Make a sketch ready to be compared.

    Raises:
        ValueError: its hashes are no uint32, or its sentences do not begin one after the other in them.
    """
    ordered = np.frombuffer(sketch.shingles, dtype="<u4")
    sentences = sketch.sentences
    last = -1
    for start in sentences:
        if start <= last:
            raise ValueError("the sentences of a sketch must follow one another")
        last = start
    if last >= len(ordered):
        raise ValueError("a sentence of a sketch begins after its last shingle")
    unique = ordered.copy()
    unique.sort()
    if len(unique) > 1:
        first = np.empty(len(unique), dtype=bool)
        first[0] = True
        np.not_equal(unique[1:], unique[:-1], out=first[1:])
        unique = unique[first]
    return Shingles(ordered, unique, sentences, sketch)


def jaccard_bound(size: int, other: int) -> float:
    """Return what the Jaccard similarity of two sets of these sizes can be at most."""
    return min(size, other) / max(size, other, 1)


def compare(this: Shingles, other: KeptSketch, *, at_least: float = 0.0) -> Comparison | None:
    """Compare a content with one seen before; null where their Jaccard similarity is below *at_least*."""
    theirs = np.frombuffer(other.hashes, dtype="<u4")
    shared = _count(this.unique, theirs)
    union = len(this.unique) + len(theirs) - shared
    jaccard = shared / union if union else 0.0
    if jaccard < at_least:
        return None
    sketch = this.sketch
    return Comparison(
        jaccard=jaccard,
        containment_of_this=shared / len(this.unique) if shared else 0.0,
        containment_of_other=shared / len(theirs) if shared else 0.0,
        numbers_changed=_only_one_has(sketch.numbers, other.numbers),
        names_changed=_only_one_has(sketch.names, other.names),
        negation_changed=_differ(sketch.negations, other.negations),
        unmatched_sentences=_unmatched(this, theirs),
    )


def matched(shingles: Hashes, theirs: Hashes) -> npt.NDArray[np.bool_]:
    """Tell for each of *shingles* whether it is one of *theirs* (ascending)."""
    if not len(theirs):
        return np.zeros(len(shingles), dtype=bool)
    places = theirs.searchsorted(shingles)
    found: npt.NDArray[np.bool_] = theirs.take(places, mode="clip") == shingles
    return found


def _count(ours: Hashes, theirs: Hashes) -> int:
    return int(np.count_nonzero(matched(ours, theirs)))


def _only_one_has(ours: list[str], theirs: list[str]) -> list[str]:
    return [] if ours == theirs else sorted(set(ours) ^ set(theirs))


def _differ(ours: list[str], theirs: list[str]) -> bool:
    # Paragraphs set in another order negate the same things.
    return ours != theirs and Counter(ours) != Counter(theirs)


def _unmatched(this: Shingles, theirs: Hashes) -> list[int]:
    """Return the sentences with less than 0.8 of their shingles in the other content.

    A sentence's shingles are those that lie wholly in it, since the two that reach into the next sentence
    change with that one; only a sentence too short to have one of its own is judged by those that begin
    in it.
    """
    starts = np.array(this.sentences or [0], dtype=np.intp)
    ends = np.append(starts[1:], len(this.ordered))
    ends[:-1] -= np.where(ends[:-1] - starts[:-1] > _CROSSING, _CROSSING, 0)
    sums = np.concatenate(([0], np.cumsum(matched(this.ordered, theirs))))
    found = sums[ends] - sums[starts]
    lacking = 5 * found < 4 * (ends - starts)
    return [int(i) for i in np.flatnonzero(lacking)]

"""Spans off tags that are chosen word by word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.tagger.labels import BEGIN, INSIDE, OUTSIDE

__all__ = ["Words", "read_spans"]


class Words(NamedTuple):
    """First and last word of a span, as pieces."""

    first: int
    last: int


def read_spans(words: Sequence[int], scores: NDArray[np.float32]) -> list[Words]:
    """Read spans off the best tag of each word; one that goes on from nothing begins there.

    Args:
        words: the pieces that open a word.
        scores: [words, 3], of outside, begin and inside.

    """
    spans: list[Words] = []
    before = OUTSIDE
    for word, tag in zip(words, scores.argmax(1).tolist(), strict=True):
        if tag == BEGIN or (tag == INSIDE and before == OUTSIDE):
            spans.append(Words(word, word))
        elif tag == INSIDE:
            spans[-1] = Words(spans[-1].first, word)
        before = tag
    return spans

"""The best chain of tags."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["best_path"]


def best_path(
    scores: NDArray[np.float64], transitions: NDArray[np.float64], start: NDArray[np.float64]
) -> list[int]:
    """Return the tags with the highest sum of scores and transitions, one a word.

    Args:
        scores: [words, tags].
        transitions: [tags, tags], from the tag of the row to that of the column.
        start: [tags], of the first word's tag.

    """
    if not len(scores):
        return []
    # With so few tags plain numbers are twice as fast as arrays.
    rows, into = scores.tolist(), transitions.T.tolist()
    tags = range(len(into))
    best = [one + other for one, other in zip(start.tolist(), rows[0], strict=True)]
    came_from: list[list[int]] = []
    for row in rows[1:]:
        back: list[int] = []
        reached: list[float] = []
        for score, moves in zip(row, into, strict=True):
            origin, most = 0, best[0] + moves[0]
            for tag in tags:
                worth = best[tag] + moves[tag]
                if worth > most:
                    origin, most = tag, worth
            back.append(origin)
            reached.append(most + score)
        best = reached
        came_from.append(back)
    path = [best.index(max(best))]
    for back in reversed(came_from):
        path.append(back[path[-1]])
    return path[::-1]

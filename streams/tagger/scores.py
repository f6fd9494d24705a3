"""A whole text's scores, put together from windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.tagger.labels import POINTERS, columns, width
from streams.tagger.network import TagNetwork
from streams.tagger.pieces import CLASSIFY, Pieces
from streams.tagger.windows import Window, windows_over

__all__ = ["PIECES_PER_BATCH", "Pointing", "Scores", "score"]

PIECES_PER_BATCH: Final = 2_048
"""Padding counted in; larger batches are no faster on one thread."""
MOST_PADDING: Final = 0.1
"""Share of a batch's length by which its shortest window may be padded: what is padded is computed all the same."""


_NUMBERS: Final = {head.name: number for number, head in enumerate(POINTERS)}


class Pointing(NamedTuple):
    """Where one piece points, as probabilities."""

    first: int
    """The piece that the second probability is of; the others follow."""
    probabilities: NDArray[np.float64]
    """The first is that it points nowhere."""


class Scores(msgspec.Struct, kw_only=True):
    """What the network says of one text."""

    tags: NDArray[np.float32]
    """[pieces, columns]: one row a piece, every head's tags side by side."""
    windows: list[Window]
    origins: NDArray[np.float32]
    """[pieces, pointers, width]: from where each piece points."""
    targets: list[NDArray[np.float32]]
    """For each window [1 + seen, pointers, width]: at what is pointed, nowhere first.  A pointer's score is the
    product of an origin and a target."""

    def of(self, head: str) -> NDArray[np.float32]:
        """Return the scores of one head's tags, [pieces, tags]."""
        return self.tags[:, columns()[head]]

    def pointing(self, pointer: str, piece: int) -> Pointing:
        """Return where *piece* points."""
        number = next(i for i, window in enumerate(self.windows) if piece < window.core.end)
        window = self.windows[number]
        which = _NUMBERS[pointer]
        row = (self.targets[number][:, which] @ self.origins[piece, which]).astype(np.float64)
        grown = np.exp(row - row.max())
        return Pointing(window.seen.start, grown / grown.sum())


def score(network: TagNetwork, pieces: Pieces) -> Scores:
    """Score one text.

    Only windows of the same text share a batch: the network rounds by the largest value in a batch, and a
    text's reading must not depend on its neighbours.
    """
    windows = windows_over(pieces.units)
    tags = np.zeros((len(pieces), width()), np.float32)
    origins = np.zeros((len(pieces), len(POINTERS), 0), np.float32)
    targets = [origins] * len(windows)
    for batch in _batches(windows):
        given = _laid_out(pieces, [windows[number].seen for number in batch])
        scored, points_from, points_at = network.scores(*given)
        if not origins.size:
            origins = np.zeros((len(pieces), *points_from.shape[2:]), np.float32)
        for row, number in enumerate(batch):
            seen, core = windows[number]
            inside = slice(1 + core.start - seen.start, 1 + core.end - seen.start)
            tags[core.start : core.end] = scored[row, inside]
            origins[core.start : core.end] = points_from[row, inside]
            targets[number] = points_at[row, : 1 + seen.end - seen.start]
    return Scores(tags=tags, windows=windows, origins=origins, targets=targets)


def _batches(windows: Sequence[Window]) -> Iterator[list[int]]:
    """Give windows by number, those of like length together."""
    batch: list[int] = []
    shortest = 0
    for number in sorted(range(len(windows)), key=lambda i: (windows[i].seen.end - windows[i].seen.start, i)):
        size = 1 + windows[number].seen.end - windows[number].seen.start
        if batch and (size * (len(batch) + 1) > PIECES_PER_BATCH or shortest < size * (1 - MOST_PADDING)):
            yield batch
            batch = []
        if not batch:
            shortest = size
        batch.append(number)
    if batch:
        yield batch


def _laid_out(
    pieces: Pieces, seen: Sequence[tuple[int, int]]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    length = 1 + max(end - start for start, end in seen)
    ids = np.zeros((len(seen), length), np.int64)
    marks = np.zeros_like(ids)
    mask = np.zeros((len(seen), length), np.float32)
    for row, (start, end) in enumerate(seen):
        size = end - start
        ids[row, 0] = CLASSIFY
        ids[row, 1 : size + 1] = pieces.ids[start:end]
        marks[row, 1 : size + 1] = pieces.marks[start:end]
        mask[row, : size + 1] = 1
    return ids, marks, mask

"""Networks and scores made by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from streams.tagger.labels import CHAINS, HEADS, POINTERS, columns, width
from streams.tagger.network import NetworkFacts
from streams.tagger.pieces import Pieces
from streams.tagger.scores import Scores
from streams.tagger.windows import windows_over

FREE = NetworkFacts(
    version="test",
    heads={head.name: list(head.tags) for head in HEADS},
    pointers=[head.name for head in POINTERS],
    transitions={head.name: np.zeros((len(head.tags), len(head.tags))).tolist() for head in CHAINS},
    start={head.name: [0.0] * len(head.tags) for head in CHAINS},
)
SURE = 10.0


class FunctionNetwork:
    """Scores a window by a function of its input; remembers what was asked."""

    facts = FREE

    def __init__(self, function: Callable[..., tuple[NDArray[np.float32], ...]]) -> None:
        self._function = function
        self.asked: list[tuple[int, int]] = []

    def scores(
        self, ids: NDArray[np.int64], marks: NDArray[np.int64], mask: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], ...]:
        self.asked.append((ids.shape[0], ids.shape[1]))
        return self._function(ids, marks, mask)


def made(
    text: str, pieces: Pieces, tags: dict[str, dict[str, str]], points: dict[tuple[str, str], str | None]
) -> Scores:
    """Make scores that say *tags* (by head: of each phrase its tags, apart by blanks, one a word) and that
    point, by pointer and origin, at a word or nowhere; all else is outside.
    """
    scores = np.zeros((len(pieces), width()), np.float32)
    for head in HEADS:
        mine = scores[:, columns()[head.name]]
        mine[:, 0] = 1
        for phrase, wanted in tags.get(head.name, {}).items():
            for i, tag in zip(words_of(text, pieces, phrase), wanted.split(), strict=True):
                mine[i, head.tags.index(tag)] = SURE
    windows = windows_over(pieces.units)
    origins = np.zeros((len(pieces), len(POINTERS), len(points)), np.float32)
    targets = [
        np.zeros((1 + w.seen.end - w.seen.start, len(POINTERS), len(points)), np.float32) for w in windows
    ]
    names = [head.name for head in POINTERS]
    for point, ((pointer, origin), target) in enumerate(points.items()):
        (i,) = words_of(text, pieces, origin)
        number = next(n for n, w in enumerate(windows) if i < w.core.end)
        seen = windows[number].seen
        place = 0 if target is None else 1 + words_of(text, pieces, target)[0] - seen.start
        origins[i, names.index(pointer), point] = SURE
        targets[number][place, names.index(pointer), point] = 1
    return Scores(tags=scores, windows=windows, origins=origins, targets=targets)


def words_of(text: str, pieces: Pieces, phrase: str) -> list[int]:
    start = text.index(phrase)
    return [i for i in pieces.words() if start <= pieces.starts[i] < start + len(phrase)]

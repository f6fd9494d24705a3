from __future__ import annotations

from itertools import pairwise, product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streams.tagger.viterbi import best_path


@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_no_path_is_better(words: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores, moves, start = rng.normal(size=(words, 3)), rng.normal(size=(3, 3)), rng.normal(size=3)

    def worth(path: tuple[int, ...]) -> float:
        steps = sum(moves[a, b] for a, b in pairwise(path))
        return float(start[path[0]] + sum(scores[range(words), list(path)]) + steps)

    assert best_path(scores, moves, start) == list(max(product(range(3), repeat=words), key=worth))


def test_of_no_words_no_tags() -> None:
    assert best_path(np.zeros((0, 4)), np.zeros((4, 4)), np.zeros(4)) == []

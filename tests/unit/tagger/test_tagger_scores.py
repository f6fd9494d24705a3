from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.tagger.labels import POINTERS, width
from streams.tagger.pieces import CLASSIFY, PieceReader
from streams.tagger.scores import PIECES_PER_BATCH, score
from tests.unit.tagger.tagger_parts import FunctionNetwork


def by_id(
    ids: NDArray[np.int64], marks: NDArray[np.int64], mask: NDArray[np.float32]
) -> tuple[NDArray[np.float32], ...]:
    """Tags that name the piece, pointers that name both ends."""
    assert (ids[:, 0] == CLASSIFY).all()
    assert (mask[:, 0] == 1).all()
    tags = np.repeat((ids + 1000 * marks)[..., None], width(), 2).astype(np.float32)
    own = (ids / 500).astype(np.float32)
    points_at = np.repeat(np.stack([own, np.ones_like(own)], -1)[:, :, None], len(POINTERS), 2)
    signs = np.array([-1 if "source" in head.name else 1 for head in POINTERS], np.float32)
    points_from = np.stack([np.broadcast_to(signs, (*ids.shape, len(signs))), 3 * own[..., None] * signs], -1)
    return tags, points_from, points_at


def test_every_piece_has_its_own_scores(reader: PieceReader) -> None:
    pieces = reader.read("\n".join(["Ada Quill said: “We won.” She is glad."] * 150))
    network = FunctionNetwork(by_id)
    scores = score(network, pieces)
    wanted = np.array(pieces.ids) + 1000 * np.array(pieces.marks)
    assert (scores.tags == wanted[:, None]).all()
    assert len(scores.windows) > 5
    assert len(network.asked) > 1
    assert all(rows * length <= PIECES_PER_BATCH for rows, length in network.asked)


def test_pointers_are_read_from_the_window_that_a_piece_is_the_core_of(reader: PieceReader) -> None:
    pieces = reader.read("\n".join(["Ada Quill said: “We won.” She is glad."] * 60))
    scores = score(FunctionNetwork(by_id), pieces)
    assert len(scores.windows) > 1
    for number, piece in ((0, 3), (-1, len(pieces) - 5)):
        seen = scores.windows[number].seen
        first, probabilities = scores.pointing("cue", piece)
        assert first == seen.start
        assert len(probabilities) == 1 + seen.end - seen.start
        assert abs(probabilities.sum() - 1) < 1e-9
        targets = np.array([CLASSIFY, *pieces.ids[seen.start : seen.end]])
        ratio = np.log(probabilities[1:] / probabilities[0])
        assert np.allclose(ratio, (targets[1:] - targets[0]) / 500, atol=1e-4)
        # The other pointer's scores are the negative ones.
        assert np.allclose(
            np.log(
                scores.pointing("source", piece).probabilities[1:]
                / scores.pointing("source", piece).probabilities[0]
            ),
            -ratio,
            atol=1e-4,
        )

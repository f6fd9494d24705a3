"""A linear-chain conditional random field over the words of a window."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["negative_log_likelihood"]


def negative_log_likelihood(
    scores: Tensor, tags: Tensor, present: Tensor, transitions: Tensor, start: Tensor
) -> Tensor:
    """Return −log p(tags | scores) of every row, [b].

    Args:
        scores: [b, w, k], of every tag at every word.
        tags: [b, w], in [0, k) wherever *present*.
        present: [b, w] bool; in each row true first and false behind it.
        transitions: [k, k], from the tag of the row to that of the column.
        start: [k], of the first word's tag.

    """
    rows = present.float()
    chosen = scores.gather(2, tags[..., None])[..., 0]
    moves = transitions[tags[:, :-1], tags[:, 1:]]
    path = start[tags[:, 0]] + (chosen * rows).sum(1) + (moves * rows[:, 1:]).sum(1)
    alpha = start + scores[:, 0]
    for at, here in zip(scores.unbind(1)[1:], present.unbind(1)[1:], strict=True):
        longer = torch.logsumexp(alpha[:, :, None] + transitions, 1) + at
        alpha = torch.where(here[:, None], longer, alpha)
    return torch.logsumexp(alpha, 1) - path

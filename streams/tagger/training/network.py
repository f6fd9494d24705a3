"""The network to be trained: one encoder, a linear head for all tags, pointers from contents to cues and sources."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from streams.tagger.labels import CHAINS, POINTERS, width
from streams.tagger.training.encoder import WIDTH, Encoder

__all__ = ["Network", "Outputs"]

POINTER_WIDTH: Final = 128


class Outputs(NamedTuple):
    """Of windows of *l* pieces."""

    tags: Tensor
    """[b, l, `labels.width()`]: a score for every tag of every head."""
    pointers: tuple[Tensor, ...]
    """For each of `labels.POINTERS` [b, l, l]: a score for pointing from the row's piece at the column's."""


class Network(nn.Module):
    """Scores tags and pointers; the tags of contents are chains with transitions of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.tags = nn.Linear(WIDTH, width())
        nn.init.normal_(self.tags.weight, 0, 0.02)
        nn.init.zeros_(self.tags.bias)
        size = POINTER_WIDTH * len(POINTERS)
        self.points_from = nn.Linear(WIDTH, size)
        self.points_at = nn.Linear(WIDTH, size)
        for layer in (self.points_from, self.points_at):
            nn.init.normal_(layer.weight, 0, 0.03)
        sizes = {head.name: len(head.tags) for head in CHAINS}
        self.transitions = nn.ParameterDict({name: torch.zeros(k, k) for name, k in sizes.items()})
        self.start = nn.ParameterDict({name: torch.zeros(k) for name, k in sizes.items()})

    def forward(self, ids: Tensor, marks: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        """Score [b, l] pieces: tags, then each pointer, as `Outputs` has them.

        Args:
            ids: int64.
            marks: int64, see `streams.tagger.marks`.
            mask: float, 1 for pieces and 0 for padding.

        """
        return self.heads(self.encoder(ids, marks, mask))

    def heads(self, x: Tensor) -> tuple[Tensor, ...]:
        """Score what is encoded."""
        tags, points_from, points_at = self.parts(x)
        origins, targets = (points.split(POINTER_WIDTH, -1) for points in (points_from, points_at))
        pointers = [origin @ target.transpose(1, 2) for origin, target in zip(origins, targets, strict=True)]
        return (tags, *pointers)

    def parts(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Score the tags of what is encoded; return, too, from where and at what its pieces point, each
        [b, l, pointers × `POINTER_WIDTH`]: a pointer's score is their product.
        """
        return self.tags(x), self.points_from(x) / math.sqrt(POINTER_WIDTH), self.points_at(x)

    def scored(self, ids: Tensor, marks: Tensor, mask: Tensor) -> Outputs:
        """Score, named, and in single precision whatever it was computed in."""
        tags, *pointers = self(ids, marks, mask)
        return Outputs(tags.float(), tuple(pointer.float() for pointer in pointers))

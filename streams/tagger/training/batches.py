"""Windows of examples, gathered into batches of about as many pieces each."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor

from streams.enrich.drafts import Range
from streams.tagger.labels import HEADS, POINTERS
from streams.tagger.pieces import CLASSIFY
from streams.tagger.training.examples import UNKNOWN, Example, Pointed
from streams.tagger.windows import MAX_PIECES

__all__ = ["Batch", "collate", "make_batches"]

SHORTEST: Final = 60
"""The first window of a text is at most so long or longer, by chance, so that windows part elsewhere in
every epoch."""


class Batch(NamedTuple):
    """Windows side by side: *b* of them, *l* pieces with the opening one, *w* words; padded at the end."""

    ids: Tensor
    """[b, l] int64."""
    marks: Tensor
    """[b, l] int64."""
    mask: Tensor
    """[b, l] float32: 1 for pieces, 0 for padding."""
    words: Tensor
    """[b, w] int64: places in [0, l) of the pieces that open a word."""
    is_word: Tensor
    """[b, w] bool."""
    labels: dict[str, Tensor]
    """By head, [b, w] int64; `UNKNOWN` in the padding and where nobody annotated."""
    pointers: Tensor
    """[n, 2 + `POINTERS`] int64: row, place of a content's first piece, and for each pointer the place that it
    should point at; place 0 says that there is none, or none in this window, `UNKNOWN` that the content is
    of another layer."""


def make_batches(
    examples: Sequence[Example], pieces_per_batch: int, rng: random.Random
) -> list[list[tuple[Example, Range]]]:
    """Pack every example into windows, anew at each call, and windows of like length into batches."""
    windows = [(example, window) for example in examples for window in _packed(example.pieces.units, rng)]
    rng.shuffle(windows)
    windows.sort(key=lambda one: (one[1].end - one[1].start) // 4)
    batches: list[list[tuple[Example, Range]]] = [[]]
    longest = 0
    for example, window in windows:
        longest = max(longest, window.end - window.start + 1)
        if batches[-1] and longest * (len(batches[-1]) + 1) > pieces_per_batch:
            batches.append([])
            longest = window.end - window.start + 1
        batches[-1].append((example, window))
    rng.shuffle(batches)
    return batches


def _packed(units: Sequence[Range], rng: random.Random) -> list[Range]:
    windows: list[Range] = []
    limit = rng.randint(SHORTEST, MAX_PIECES)
    for unit in units:
        if windows and unit.end - windows[-1].start <= limit:
            windows[-1] = Range(windows[-1].start, unit.end)
        else:
            limit = MAX_PIECES if windows else limit
            windows.append(unit)
    return windows


def collate(batch: Sequence[tuple[Example, Range]]) -> Batch:
    """Lay windows side by side."""
    b = len(batch)
    length = 1 + max(window.end - window.start for _, window in batch)
    opens = [
        [i for i in range(window.start, window.end) if example.pieces.opens_word[i]]
        for example, window in batch
    ]
    w = max(1, *(len(row) for row in opens))
    ids = torch.zeros(b, length, dtype=torch.long)
    marks = torch.zeros_like(ids)
    mask = torch.zeros(b, length)
    words = torch.zeros(b, w, dtype=torch.long)
    is_word = torch.zeros(b, w, dtype=torch.bool)
    labels = {head.name: torch.full((b, w), UNKNOWN) for head in HEADS}
    pointers: list[list[int]] = []
    for row, ((example, window), pieces) in enumerate(zip(batch, opens, strict=True)):
        size = window.end - window.start
        ids[row, 0] = CLASSIFY
        ids[row, 1 : size + 1] = torch.tensor(example.pieces.ids[window.start : window.end])
        marks[row, 1 : size + 1] = torch.tensor(example.pieces.marks[window.start : window.end])
        mask[row, : size + 1] = 1
        words[row, : len(pieces)] = torch.tensor(pieces, dtype=torch.long) - (window.start - 1)
        is_word[row, : len(pieces)] = True
        for name, tags in labels.items():
            tags[row, : len(pieces)] = torch.tensor(
                [example.labels[name][i] for i in pieces], dtype=torch.long
            )
        pointers += [
            [row, *_places(pointed, window)]
            for pointed in example.pointers
            if window.start <= pointed.content < window.end
        ]
    found = torch.tensor(pointers, dtype=torch.long).view(-1, 2 + len(POINTERS))
    return Batch(ids, marks, mask, words, is_word, labels, found)


def _places(pointed: Pointed, window: Range) -> list[int]:
    targets = {pointed.layer.cue: pointed.cue, pointed.layer.source: pointed.source}
    return [
        pointed.content - window.start + 1,
        *(_place(targets[head], window) if head in targets else UNKNOWN for head in POINTERS),
    ]


def _place(target: int, window: Range) -> int:
    return target - window.start + 1 if window.start <= target < window.end else 0

"""The training loop: a fixed list of steps, saved now and then, taken up again where it was left."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch
from torch import nn

from streams.tagger.training.batches import collate, make_batches
from streams.tagger.training.examples import Example
from streams.tagger.training.losses import losses_of
from streams.tagger.training.network import Network

__all__ = ["EpochMaker", "Progress", "Recipe", "train"]

EpochMaker = Callable[[int, random.Random], Sequence[Example]]
"""Gives the examples of an epoch by its number, from 0."""


class Recipe(NamedTuple):
    """What a training depends on beside its data."""

    seed: int = 1
    epochs: float = 3
    """What the rates' fall is laid out for; of the last one perhaps only a part is seen."""
    ends_after: float | None = None
    """Epochs after which the training ends all the same, its rates not fallen to the last."""
    encoder_rate: float = 2e-4
    heads_rate: float = 1e-3
    warm_up: float = 0.06
    """Share of all steps in which the rates rise; they fall linearly in the others."""
    last_rate: float = 0.02
    """Share of the highest rate that is never gone under."""
    pieces_per_batch: int = 1_536
    clip: float = 1.0
    weight_decay: float = 0.01
    half_precision: bool = False
    """Multiply matrices in bfloat16: half the time on processors that can (AVX512_BF16, AMX)."""

    @property
    def run(self) -> float:
        """Epochs that are run."""
        return self.ends_after or self.epochs


class Progress(NamedTuple):
    """What is said of the last steps."""

    step: int
    steps: int
    losses: tuple[float, ...]
    """Means of content, tags and pointers."""
    pieces_per_second: float


SAVE_EVERY: Final = 200
REPORT_EVERY: Final = 50


def train(
    network: Network,
    recipe: Recipe,
    make_epoch: EpochMaker,
    checkpoint: Path,
    report: Callable[[Progress], None],
) -> None:
    """Train *network* in place, from *checkpoint* where there is one, and leave the result there.

    Every epoch's batches follow from the recipe's seed alone, so that a training broken off and taken up
    again sees what it would have seen.
    """
    torch.manual_seed(recipe.seed)
    plan = list(_steps(recipe, make_epoch))
    steps = len(plan) * recipe.epochs / recipe.run
    optimizer = _optimizer(network, recipe)
    first = _resume(checkpoint, network, optimizer)
    network.train()
    sums, pieces, began = torch.zeros(3), 0, time.monotonic()
    for step, windows in enumerate(plan[first:], first + 1):
        _set_rates(optimizer, recipe, step / steps)
        batch = collate(windows)
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.half_precision):
            outputs = network.scored(batch.ids, batch.marks, batch.mask)
        losses = losses_of(network, outputs, batch)
        optimizer.zero_grad()
        losses.total().backward()
        nn.utils.clip_grad_norm_(network.parameters(), recipe.clip)
        optimizer.step()
        sums += torch.stack(losses).detach()
        pieces += int(batch.mask.sum())
        if step % REPORT_EVERY == 0 or step == len(plan):
            count = (step - first - 1) % REPORT_EVERY + 1
            speed = pieces / (time.monotonic() - began)
            report(Progress(step, len(plan), tuple((sums / count).tolist()), speed))
            sums, pieces, began = torch.zeros(3), 0, time.monotonic()
        if step % SAVE_EVERY == 0 or step == len(plan):
            _save(checkpoint, network, optimizer, step)
    network.eval()


def _steps(recipe: Recipe, make_epoch: EpochMaker) -> Iterator[Any]:
    for epoch in range(math.ceil(recipe.run)):
        rng = random.Random(f"{recipe.seed}/{epoch}")
        batches = make_batches(make_epoch(epoch, rng), recipe.pieces_per_batch, rng)
        yield from batches[: round(len(batches) * min(1.0, recipe.run - epoch))]


def _optimizer(network: Network, recipe: Recipe) -> torch.optim.AdamW:
    network.encoder.freeze_embeddings()
    learnt = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
    pretrained = [p for name, p in learnt if name.startswith(("encoder.layers", "encoder.norm"))]
    new = [p for name, p in learnt if not name.startswith(("encoder.layers", "encoder.norm"))]
    groups = [
        {"params": pretrained, "highest": recipe.encoder_rate},
        {"params": new, "highest": recipe.heads_rate},
    ]
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=recipe.weight_decay, fused=True)


def _set_rates(optimizer: torch.optim.AdamW, recipe: Recipe, done: float) -> None:
    share = done / recipe.warm_up if done < recipe.warm_up else max(recipe.last_rate, 1 - done)
    for group in optimizer.param_groups:
        group["lr"] = group["highest"] * share


def _save(path: Path, network: Network, optimizer: torch.optim.AdamW, step: int) -> None:
    scratch = path.with_suffix(".part")
    torch.save({"network": network.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, scratch)
    scratch.replace(path)


def _resume(path: Path, network: Network, optimizer: torch.optim.AdamW) -> int:
    """Take over what was saved; return how many steps were done."""
    if not path.is_file():
        return 0
    saved = torch.load(path, weights_only=True)
    network.load_state_dict(saved["network"])
    optimizer.load_state_dict(saved["optimizer"])
    return int(saved["step"])

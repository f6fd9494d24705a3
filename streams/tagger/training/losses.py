"""How far the network's scores are from what was annotated."""

from __future__ import annotations

from typing import Final, NamedTuple

from torch import Tensor
from torch.nn import functional

from streams.tagger.labels import CHAINS, HEADS, LAYERS, POINTERS, columns
from streams.tagger.training.batches import Batch
from streams.tagger.training.crf import negative_log_likelihood
from streams.tagger.training.examples import UNKNOWN
from streams.tagger.training.network import Network, Outputs

__all__ = ["Losses", "losses_of"]

BESIDE_CHAIN: Final = 0.3
"""Weight of plain cross-entropy on the content's tags beside the chain's: it learns faster so."""
PADDING: Final = -10_000.0


class Losses(NamedTuple):
    """Per word of the batch, in nats."""

    content: Tensor
    tags: Tensor
    """All other heads together."""
    pointers: Tensor

    def total(self) -> Tensor:
        """Return what is minimised."""
        return self.content + self.tags + self.pointers


def losses_of(network: Network, outputs: Outputs, batch: Batch) -> Losses:
    """Compare; what nobody annotated counts nothing, and each head counts per word annotated for it."""
    k = outputs.tags.shape[-1]
    scores = outputs.tags.gather(1, batch.words[..., None].expand(-1, -1, k))
    where = columns()
    none = scores.sum() * 0.0
    content = tags = none
    for head in HEADS:
        known = batch.labels[head.name]
        if bool((known == UNKNOWN).all()):
            continue
        mine = scores[..., where[head.name]]
        if head in CHAINS:
            content = content + _chain_loss(network, head.name, mine, known, batch.is_word)
        else:
            tags = tags + functional.cross_entropy(mine.flatten(0, 1), known.flatten(), ignore_index=UNKNOWN)
    return Losses(content, tags, _pointer_loss(outputs, batch) if len(batch.pointers) else none)


def _chain_loss(network: Network, head: str, scores: Tensor, labels: Tensor, is_word: Tensor) -> Tensor:
    rows = (labels[:, 0] != UNKNOWN).nonzero()[:, 0]
    mine, known, present = scores[rows], labels[rows], is_word[rows]
    chain = negative_log_likelihood(
        mine, known.clamp(min=0), present, network.transitions[head], network.start[head]
    ).sum()
    plain = functional.cross_entropy(mine[present], known[present])
    return chain / present.sum() + BESIDE_CHAIN * plain


def _pointer_loss(outputs: Outputs, batch: Batch) -> Tensor:
    row, origin = batch.pointers[:, 0], batch.pointers[:, 1]
    away = (1.0 - batch.mask[row]) * PADDING
    total = outputs.tags.sum() * 0.0
    for layer in LAYERS:
        words = (batch.labels[layer.content.name] != UNKNOWN).sum().clamp(min=1)
        for head in (layer.cue, layer.source):
            number = POINTERS.index(head)
            scores = outputs.pointers[number][row, origin] + away
            lost = functional.cross_entropy(
                scores, batch.pointers[:, 2 + number], ignore_index=UNKNOWN, reduction="sum"
            )
            total = total + lost / words
    return total

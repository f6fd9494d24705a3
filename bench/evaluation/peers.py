"""The peers for entities, asked for the same texts in the same run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import msgspec

from bench.evaluation.corenlp import corenlp_mentions
from bench.evaluation.entity_tables import Mentions
from bench.evaluation.samples import AbsentError, Sample
from bench.evaluation.stock import MODEL, stock_mentions

__all__ = ["Answers", "Peer", "asked", "peers"]


class Peer(Protocol):
    """Names entities; nationalities and the like are of the type *demonyms*, or left out."""

    def __call__(self, samples: Sequence[Sample], *, demonyms: str | None) -> Sequence[Mentions]: ...


class Answers(msgspec.Struct, frozen=True):
    """What was named by each system, and in words who could not be asked."""

    systems: dict[str, Sequence[Mentions]]
    absent: list[str]


def peers(corenlp: Path | None = None) -> Mapping[str, Peer]:
    """Return the peers by name; CoreNLP only where its folder is given."""
    stock: dict[str, Peer] = {f"spaCy {MODEL}": stock_mentions}
    if corenlp is None:
        return stock
    return stock | {"CoreNLP 3-class": partial(corenlp_mentions, folder=corenlp)}


def asked(
    others: Mapping[str, Peer],
    samples: Sequence[Sample],
    ours: Sequence[Mentions],
    *,
    demonyms: str | None,
) -> Answers:
    """Ask all peers, and put our own answers before theirs."""
    answers = Answers({"newswire": ours}, [])
    for name, peer in others.items():
        try:
            answers.systems[name] = peer(samples, demonyms=demonyms)
        except AbsentError as absent:
            answers.absent.append(f"{name} was not asked: {absent}.")
    return answers

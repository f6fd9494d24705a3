"""Texts with what is known of them, from each set that is at hand."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from bench.gold.attributions import attribution, entities, mentions
from bench.gold.checking import GOLD, load
from bench.scoring.claims import Attribution
from streams.tagger.training.ieer import held_back, read_ieer
from streams.tagger.training.polnear import read_polnear

__all__ = ["AbsentError", "Sample", "gold_samples", "ieer_samples", "polnear_samples", "shared_data"]

ROOT: Final = Path(__file__).resolve().parents[2]


class AbsentError(Exception):
    """A set is not at hand; the message says what is missing."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One text; what is null is not known of it."""

    name: str
    text: str
    claims: list[Attribution] | None = None
    mentions: Mapping[tuple[int, int], str] | None = None
    """Type of the entity by every place that names one."""
    entities: frozenset[tuple[str, str]] | None = None
    """Name and type of every entity."""


def shared_data() -> Path:
    """Return where the shared research data would be: in ``NEWSWIRE_SHARED``, or beside the project."""
    return Path(os.environ.get("NEWSWIRE_SHARED") or ROOT.parent / "shared") / "data"


def gold_samples(articles: Sequence[str], root: Path = GOLD) -> list[Sample]:
    """Return articles of the gold set as adjudicated; the headline is part of the text, as in a plain file.

    Raises:
        AbsentError: they are not adjudicated yet.
        ValueError: labels have an error.

    """
    missing = [a for a in articles if not (root / "labels" / "gold" / f"{a}.yaml").exists()]
    if missing or not articles:
        raise AbsentError(f"{len(missing)} of {len(articles)} articles are not adjudicated yet")
    samples = []
    for article in articles:
        placed, problems = load(article, "gold", root)
        errors = [problem for problem in problems if not problem.warning]
        if errors:
            raise ValueError(str(errors[0]))
        claims = [attribution(claim, placed.entities) for claim in placed.claims]
        samples.append(
            Sample(
                name=article,
                text=placed.text,
                claims=claims,
                mentions=mentions(placed),
                entities=entities(placed),
            )
        )
    return samples


def polnear_samples(data: Path, split: str = "dev") -> list[Sample]:
    """Return a split of PolNeAR, each document as its first annotator saw it.

    Raises:
        AbsentError: it is not there.

    """
    folder = data / "polnear" / split
    if not folder.is_dir():
        raise AbsentError(f"shared data polnear/{split} is absent")
    return [
        Sample(
            name=document.name,
            text=document.text,
            claims=[
                Attribution(content=one.content, cue=one.cue, source=one.source)
                for one in document.attributions or ()
            ],
        )
        for document in read_polnear(folder)
    ]


def ieer_samples(data: Path) -> list[Sample]:
    """Return every third document of IEER's newswire, which nothing is trained on.

    Raises:
        AbsentError: it is not there.

    """
    folder = data / "ner" / "ieer"
    if not folder.is_dir():
        raise AbsentError("shared data ner/ieer is absent")
    _, documents = held_back(read_ieer(folder))
    return [
        Sample(name=d.name, text=d.text, mentions={name.at: name.type for name in d.names or ()})
        for d in documents
    ]

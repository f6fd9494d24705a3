"""Texts of others with our labels beside them: BBC and Reuters news, with all that is said of it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bench.evaluation.named import fullest
from bench.evaluation.samples import ROOT, AbsentError, Sample
from bench.gold.standoff import StandoffClaim, StandoffText, read_standoff, text_of
from bench.scoring.claims import Attribution

__all__ = [
    "CALIBRATION",
    "DENSE_CALIBRATION",
    "STANDOFF",
    "is_wire",
    "labelled_texts",
    "standoff_claim",
    "standoff_samples",
]

STANDOFF: Final = ROOT / "seeds" / "standoff"
CALIBRATION: Final = STANDOFF / "calibration.jsonl"
"""Texts drawn at random that nothing is trained on nor judged by."""
DENSE_CALIBRATION: Final = STANDOFF / "calibration-dense.jsonl"
"""The same, drawn for what is nested in them."""


def labelled_texts(labels: Path, data: Path) -> list[tuple[StandoffText, str]]:
    """Return the labels of a file, each with its text.

    Raises:
        AbsentError: a text is not there.
        ValueError: a text is another than the one that was read.

    """
    read = read_standoff(labels)
    absent = sorted({one.file.partition("/")[0] for one in read if not (data / one.file).exists()})
    if absent:
        raise AbsentError(f"shared data {' and '.join(absent)} is absent")
    return [(one, text_of(one, data)) for one in read]


def standoff_samples(data: Path, labels: Path = STANDOFF / "evaluation.jsonl") -> list[Sample]:
    """Return the texts of a file of labels.

    Raises:
        AbsentError: they are not there.

    """
    return [
        Sample(
            name=one.file if one.record is None else f"{one.file}#{one.record}",
            text=text,
            claims=[standoff_claim(claim, one, text) for claim in one.claims],
            mentions={span: entity.type for entity in one.entities for span in entity.mentions},
            entities=frozenset((fullest(text, entity.mentions), entity.type) for entity in one.entities),
        )
        for one, text in labelled_texts(labels, data)
    ]


def is_wire(sample: Sample) -> bool:
    """Tell whether a text came over a wire."""
    return sample.name.startswith("reuters")


def standoff_claim(claim: StandoffClaim, labels: StandoffText, text: str) -> Attribution:
    """Return a claim as one that can be matched."""
    return Attribution(
        content=tuple(claim.content),
        cue=tuple(claim.cue),
        source=tuple(claim.source),
        nested=claim.parent is not None,
        values=claim.attributes,
        originators=_originators(claim, labels, text),
    )


def _originators(claim: StandoffClaim, labels: StandoffText, text: str) -> tuple[str, ...]:
    """Return who is named.  Names of several together, and those that a line's end parts, have no place as
    they were written: these are what the source itself names.
    """
    if claim.originator is not None:
        return (text[slice(*claim.originator)],)
    if not claim.attributes.get("source_type", "").startswith("named_"):
        return ()
    return tuple(
        " ".join(text[start:end].split())
        for entity in labels.entities
        for start, end in entity.mentions
        if any(first <= start and end <= last for first, last in claim.source)
    )

"""Which figures are held to a floor or an aim, or belong beside those that are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from bench.evaluation.claim_tables import Pair, Scored, layers, valued
from bench.evaluation.desk_tables import desk_shares
from bench.evaluation.entity_tables import NAMED, Mentions, Names, document_f1, entity_f1
from bench.evaluation.found import judged, kept, wrong_persons
from bench.evaluation.held import Held
from bench.scoring.figures import (
    calibration_error,
    calibration_noise,
    counted,
    macro_f1,
    majority,
    pooled,
    pooled_pairs,
)

__all__ = [
    "Limits",
    "attribute_figures",
    "desk_figures",
    "document_figure",
    "entity_figures",
    "nested_figure",
    "outer_figures",
    "polnear_figures",
    "trust_figures",
]

Limits = tuple[float | None, float | None]
"""Floor and aim, per cent."""


class _Wanted(NamedTuple):
    told: str
    counted: tuple[str, ...]
    floor: float | None
    aim: float | None
    peers: str = "–"


_F1: Final = ("guess", "gold")
_POLNEAR: Final = (
    _Wanted("content F1 at word IoU 0.3", ("tp@0.3", *_F1), 82, 85, "rules 53.7, annotators 82.2"),
    _Wanted("content F1 at word IoU 0.5", ("tp@0.5", *_F1), 78, 81, "rules 48.7, annotators 79.4"),
    _Wanted("content F1 at word IoU 0.8", ("tp@0.8", *_F1), 68, 74, "rules 36.0, annotators 72.8"),
    _Wanted("recall of indirect contents at 0.5", ("indirect@0.5", "of_indirect@0.5"), 70, 76, "rules 24"),
    _Wanted(
        "source hit on those matched at 0.3",
        ("source@0.3", "of_source@0.3"),
        92,
        95,
        "rules 80, annotators 96.0",
    ),
    _Wanted("joint F1 at 0.5", ("joint@0.5", *_F1), None, None),
)
_NESTED: Final = ("tp@0.5", *_F1)
_MISATTRIBUTION_CEILING: Final = 2
_CALIBRATION_CEILING: Final = 0.05
PUBLISHED_CONFIDENCE: Final[float | None] = 0.9
"""The confidence from which on the documentation vouches for who is named; null while it names none."""


def polnear_figures(name: str, scored: Sequence[Scored]) -> list[Held]:
    """Return what outer claims are held to on PolNeAR."""
    counts = dict(layers(scored))["outer"]
    return [
        Held(
            name=f"{name}: {wanted.told}",
            estimate=counted(counts, *wanted.counted),
            floor=wanted.floor,
            aim=wanted.aim,
            peers=wanted.peers,
        )
        for wanted in _POLNEAR
    ]


def outer_figures(name: str, scored: Sequence[Scored], limits: Limits = (None, None)) -> list[Held]:
    """Return content F1 of outer claims, with floor and aim."""
    estimate = counted(dict(layers(scored))["outer"], "tp@0.5", *_F1)
    told = f"{name}: outer content F1 at word IoU 0.5"
    return [Held(name=told, estimate=estimate, floor=limits[0], aim=limits[1])]


def nested_figure(name: str, scored: Sequence[Scored], peers: str = "–") -> list[Held]:
    """Return what nested claims are held to; nothing where gold has none."""
    counts = dict(layers(scored))
    if "nested" not in counts:
        return []
    estimate = counted(counts["nested"], *_NESTED)
    told = f"{name}: nested content F1 at word IoU 0.5"
    return [Held(name=told, estimate=estimate, floor=60, peers=peers)]


def desk_figures(name: str, scored: Sequence[Scored]) -> list[Held]:
    """Return what a desk feels: names, sources and quotations on the claims found, and what may be trusted."""
    shares = [
        Held(name=f"{name}: {told}", estimate=one.estimate) for told, one in desk_shares(scored).items()
    ]
    return [*shares, *trust_figures(name, scored)]


def trust_figures(
    name: str, scored: Sequence[Scored], threshold: float | None = PUBLISHED_CONFIDENCE, *, held: bool = False
) -> list[Held]:
    """Return wrong persons at the published confidence, how much is left there, and the calibration error.

    They are *held* to their limits on all texts together: of as few claims as one set has, chance alone makes a
    calibration error above the limit, and one wrong person is two in a hundred.
    """
    at = "at any confidence: no threshold is published" if threshold is None else f"from {threshold} on"
    wrong = Held(
        name=f"{name}: a wrong person is named, {at}",
        estimate=wrong_persons(scored, threshold),
        floor=_MISATTRIBUTION_CEILING if held else None,
        at_most=True,
    )
    left = Held(name=f"{name}: claims left, {at}", estimate=kept(scored, threshold))
    sure = [judged(one) for one in scored]
    confidences = [confidence for one in sure for confidence, _ in one]
    error = Held(
        name=f"{name}: expected calibration error",
        estimate=pooled(sure, calibration_error),
        floor=_CALIBRATION_CEILING if held else None,
        at_most=True,
        percent=False,
        peers=f"by chance alone {calibration_noise(confidences):.3f}" if confidences else "–",
    )
    return [wrong, *([left] if threshold is not None else []), error]


def attribute_figures(name: str, pairs: Sequence[Sequence[Pair]], attributes: Iterable[str]) -> list[Held]:
    """Return macro-F1 of each attribute; its peer guesses the most common value every time."""
    figures = []
    for attribute in attributes:
        values = [valued(one, attribute) for one in pairs]
        tally = Counter(pair for one in values for pair in one)
        figures.append(
            Held(
                name=f"{name}: {attribute}, macro-F1",
                estimate=pooled_pairs(values, macro_f1),
                peers=f"most common value {_value(macro_f1(majority(tally)))}",
            )
        )
    return figures


def entity_figures(
    name: str,
    gold: Sequence[Mentions],
    systems: Mapping[str, Sequence[Mentions]],
    limits: Limits = (None, None),
) -> list[Held]:
    """Return what persons, organisations and places are held to, by exact span and type; the first of
    *systems* is ours, the others are its peers.
    """
    ours, *others = [(system, entity_f1(NAMED, gold, guess)) for system, guess in systems.items()]
    return [
        Held(
            name=f"{name}: F1 of persons, organisations and places",
            estimate=ours[1],
            floor=limits[0],
            aim=limits[1],
            peers=", ".join(f"{peer} {_value(f1.value)}" for peer, f1 in others) or "–",
        )
    ]


def document_figure(name: str, gold: Sequence[Names], systems: Mapping[str, Sequence[Names]]) -> Held:
    """Return F1 of persons, organisations and places, each once a document; the first of *systems* is ours."""
    ours, *others = [(system, document_f1(gold, guess)) for system, guess in systems.items()]
    return Held(
        name=f"{name}: F1 of a document's entities, name and type",
        estimate=ours[1],
        peers=", ".join(f"{peer} {_value(f1.value)}" for peer, f1 in others) or "–",
    )


def _value(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"

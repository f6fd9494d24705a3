"""Agreement beyond chance, means over classes, calibration, and how far chance may have moved a figure."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, Final, TypeVar

import msgspec
import numpy as np

__all__ = [
    "Estimate",
    "bootstrapped",
    "calibration_error",
    "calibration_noise",
    "counted",
    "kappa",
    "macro_f1",
    "majority",
    "pooled",
    "pooled_pairs",
    "share",
    "share_equal",
]

D = TypeVar("D")
Pairs = Sequence[tuple[str, str]]
"""Labels of the same things: gold and guess, or one reader's and the other's."""
Tally = Mapping[tuple[str, str], int]
"""How often each pair of labels stands there; none that does not."""

ROUNDS: Final = 1000
SEED: Final = 20261128
BINS: Final = 10


class Estimate(msgspec.Struct, frozen=True):
    """A figure with its 95 % interval; all null where there is nothing to count."""

    value: float | None
    low: float | None = None
    high: float | None = None

    def text(self, *, percent: bool = True, digits: int | None = None) -> str:
        """Write it for a table: ``78.7 (76.1–81.0)``; other than per cent with two *digits* unless told."""
        if self.value is None:
            return "–"
        scale = 100 if percent else 1
        digits = digits or (1 if percent else 2)
        text = f"{self.value * scale:.{digits}f}"
        if self.low is None or self.high is None:
            return text
        return f"{text} ({self.low * scale:.{digits}f}–{self.high * scale:.{digits}f})"


def bootstrapped(documents: Sequence[D], statistic: Callable[[Sequence[D]], float | None]) -> Estimate:
    """Return a statistic over all documents, with the percentile interval of 1,000 draws of whole documents
    (Efron and Tibshirani 1993); the same draws every time.
    """
    value = statistic(documents)
    if value is None or len(documents) < 2:
        return Estimate(value)
    draws = np.random.default_rng(SEED).integers(0, len(documents), (ROUNDS, len(documents)))
    drawn = [statistic([documents[i] for i in draw]) for draw in draws]
    low, high = np.percentile([one for one in drawn if one is not None], [2.5, 97.5])
    return Estimate(value, float(low), float(high))


def pooled(documents: Sequence[Sequence[D]], statistic: Callable[[Sequence[D]], float | None]) -> Estimate:
    """Return a statistic over what all documents hold together, with its interval."""
    return bootstrapped(documents, lambda drawn: statistic(list(chain.from_iterable(drawn))))


def pooled_pairs(documents: Sequence[Pairs], statistic: Callable[[Tally], float | None]) -> Estimate:
    """Return a statistic of the labels that all documents hold together, with its interval, as `pooled` would."""
    kinds = list(dict.fromkeys(chain.from_iterable(documents)))
    place = {kind: i for i, kind in enumerate(kinds)}
    counts = np.zeros((len(documents), len(kinds)), int)
    for row, one in zip(counts, documents, strict=True):
        for pair in one:
            row[place[pair]] += 1

    def of_drawn(drawn: Sequence[Any]) -> float | None:
        together = np.sum(drawn, axis=0) if len(drawn) else []
        return statistic({kind: int(count) for kind, count in zip(kinds, together, strict=False) if count})

    return bootstrapped(list(counts), of_drawn)


def counted(counts: Sequence[Counter[str]], right: str, *of: str) -> Estimate:
    """Return ``right / of`` summed over documents, with its interval; of two, F1 of guess and gold."""

    def ratio(drawn: Sequence[Counter[str]]) -> float | None:
        whole = sum(one[name] for one in drawn for name in of)
        return len(of) * sum(one[right] for one in drawn) / whole if whole else None

    return bootstrapped(counts, ratio)


def share(held: Sequence[bool]) -> float | None:
    """Return the share that is true."""
    return sum(held) / len(held) if held else None


def share_equal(tally: Tally) -> float | None:
    """Return the share of pairs whose two labels are equal."""
    return _equal(tally) / sum(tally.values()) if tally else None


def kappa(tally: Tally) -> float | None:
    """Return agreement beyond chance (Cohen 1960): null where chance alone explains all there is."""
    if not tally:
        return None
    ours, theirs = _first(tally), _second(tally)
    whole = sum(tally.values())
    by_chance = sum(ours[label] * theirs[label] for label in ours) / whole**2
    return (_equal(tally) / whole - by_chance) / (1 - by_chance) if by_chance < 1 else None


def macro_f1(tally: Tally) -> float | None:
    """Return the mean F1 of the classes that occur in gold, the first of each pair."""
    gold, guess = _first(tally), _second(tally)
    scores = [2 * tally.get((label, label), 0) / (gold[label] + guess[label]) for label in gold]
    return sum(scores) / len(scores) if scores else None


def majority(tally: Tally) -> Tally:
    """Return the pairs of who always guesses the most common class of gold."""
    if not tally:
        return {}
    gold = _first(tally)
    ((most, _),) = gold.most_common(1)
    return {(label, most): count for label, count in gold.items()}


def _equal(tally: Tally) -> int:
    return sum(count for (a, b), count in tally.items() if a == b)


def _first(tally: Tally) -> Counter[str]:
    labels: Counter[str] = Counter()
    for (label, _), count in tally.items():
        labels[label] += count
    return labels


def _second(tally: Tally) -> Counter[str]:
    return _first(Counter({(b, a): count for (a, b), count in tally.items()}))


def calibration_error(judged: Sequence[tuple[float, bool]]) -> float | None:
    """Return the expected calibration error of (confidence, right) in ten bins of equal width (Guo 2017)."""
    if not judged:
        return None
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for confidence, right in judged:
        bins[min(int(confidence * BINS), BINS - 1)].append((confidence, right))
    # |mean confidence - accuracy| weighted by size is |sum of confidences - number right| of each bin
    off = sum(abs(sum(c for c, _ in inside) - sum(r for _, r in inside)) for inside in bins)
    return off / len(judged)


def calibration_noise(confidences: Sequence[float]) -> float:
    """Return the calibration error that claims with these confidences would have on average if confidence were
    perfect: chance alone moves so few off it.
    """
    chance = random.Random(SEED)
    errors = [
        calibration_error([(confidence, chance.random() < confidence) for confidence in confidences])
        for _ in range(ROUNDS)
    ]
    return sum(error for error in errors if error is not None) / ROUNDS

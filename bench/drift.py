"""What a long run's samples say of one figure: where it was, where it ended, how fast it grew on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

__all__ = ["Drift", "drift_of", "slope"]

ENDS: Final = 0.1
"""Share of the samples at either end that its first and last value are the median of."""
MOST_COMPARED: Final = 1000
"""Samples that are compared with each other; of more of them every second, third … is taken."""


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """One figure over a run."""

    first: float
    last: float
    most: float
    per_s: float
    """Its slope: what it grew by in a second, by the median of all pairs of samples."""

    @property
    def grown(self) -> float:
        """What it grew by from the first tenth of the run to the last."""
        return self.last - self.first


def slope(seconds: Sequence[float], values: Sequence[float]) -> float:
    """Return the median slope between any two samples (Theil 1950, Sen 1968).

    A line of least squares is tilted by one step at the end of a run, as where an allocator takes a larger
    arena; this one only by what grows in most of it.

    Raises:
        ValueError: there are fewer than two samples.
    """
    if len(values) < 2:
        raise ValueError("a slope needs two samples")
    step = -(-len(values) // MOST_COMPARED)
    x, y = np.asarray(seconds, dtype=float)[::step], np.asarray(values, dtype=float)[::step]
    one, other = np.triu_indices(len(x), k=1)
    return float(np.median((y[other] - y[one]) / (x[other] - x[one])))


def drift_of(seconds: Sequence[float], values: Sequence[float]) -> Drift:
    """Sum up the samples of one figure, taken at these seconds of the run, in order."""
    part = max(1, round(len(values) * ENDS))
    return Drift(
        first=float(np.median(values[:part])),
        last=float(np.median(values[-part:])),
        most=float(max(values)),
        per_s=slope(seconds, values),
    )

"""The figures of the first table: measured, beside what peers reach, and the floor and aim each is held to."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bench.figures import Figure
from bench.scoring.figures import Estimate
from bench.scoring.markdown import table

__all__ = ["Held", "floor_table"]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One figure, as a share of 1; floor and aim are per cent where it is shown so."""

    name: str
    estimate: Estimate
    floor: float | None = None
    """The least that it must be, or, with *at_most*, what it must stay below; null where none is set."""
    aim: float | None = None
    at_most: bool = False
    percent: bool = True
    peers: str = "–"
    """What others reach on the same texts, or have published."""

    @property
    def figure(self) -> Figure | None:
        """It as every benchmark reports its figures; null where nothing could be measured."""
        value = self.estimate.value
        if value is None:
            return None
        return Figure(
            name=self.name,
            value=100 * value if self.percent else value,
            unit="%" if self.percent else "",
            floor=self.floor,
            at_most=self.at_most,
        )

    @property
    def verdict(self) -> str:
        """How it stands to its floor and aim, in words."""
        if self.floor is None:
            return ""
        figure = self.figure
        if figure is None:
            return "not measured"
        if self.aim is not None and msgspec.structs.replace(figure, floor=self.aim).met:
            return "aim met"
        return "met" if figure.met else "missed"

    def row(self) -> list[str]:
        """Return the cells of its row."""
        limits = [self._limit(limit) for limit in (self.floor, self.aim)]
        measured = self.estimate.text(percent=self.percent, digits=1 if self.percent else 3)
        return [self.name, measured, self.peers, *limits, self.verdict]

    def _limit(self, limit: float | None) -> str:
        if limit is None:
            return "–"
        return f"{'<' if self.at_most else '≥'} {limit:.{0 if self.percent else 2}f}"


def floor_table(figures: Sequence[Held]) -> str:
    """Return all figures beside their peers, floors and aims."""
    return table(["figure", "measured", "peers", "floor", "aim", ""], [figure.row() for figure in figures])

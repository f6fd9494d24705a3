"""The figures that a benchmark ends with: what was measured, and the floor it is held against."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

__all__ = ["FIGURES_FILE", "Figure", "read_figures", "report"]

FIGURES_FILE: Final = "BENCH_FIGURES"
"""Environment variable: the file that figures are appended to, as JSON lines.  Unset, they go nowhere."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of a benchmark."""

    name: str
    value: float
    unit: str = "×"
    """``×`` is a ratio to the peer in the same run."""
    floor: float | None = None
    """The least that it must be, or, with *at_most*, what it must stay below; null where none is set."""
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Whether it keeps to its floor."""
        if self.floor is None:
            return True
        return self.value < self.floor if self.at_most else self.value >= self.floor

    def text(self, number: float) -> str:
        """Write a number as this figure's values are written."""
        digits = 0 if abs(number) >= 1000 else 2
        return f"{number:,.{digits}f} {self.unit}"

    @property
    def wanted(self) -> str:
        """Its floor in words."""
        if self.floor is None:
            return "–"
        return f"{'<' if self.at_most else '≥'} {self.text(self.floor)}"


def report(figures: Iterable[Figure]) -> None:
    """Append figures to the file that whoever runs all benchmarks reads."""
    path = os.environ.get(FIGURES_FILE)
    if path:
        with Path(path).open("ab") as file:
            file.writelines(msgspec.json.encode(figure) + b"\n" for figure in figures)


def read_figures(path: Path) -> list[Figure]:
    """Read what was reported to a file; there is none where no benchmark came so far."""
    if not path.exists():
        return []
    return [msgspec.json.decode(line, type=Figure) for line in path.read_bytes().splitlines()]

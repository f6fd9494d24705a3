"""What a dashboard is made of, before it is Grafana's: boards of rows of panels, as their authors think of them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import msgspec

__all__ = [
    "AUDITED_WITHIN_S",
    "BUDGET",
    "CANARY_WITHIN_S",
    "LE",
    "OURS",
    "Board",
    "Colour",
    "Kind",
    "Limit",
    "Panel",
    "Query",
    "Row",
    "Unit",
    "quantile",
]

_VALUES: Final = tomllib.loads(
    (Path(__file__).resolve().parents[2] / "prometheus" / "mixin" / "config.toml").read_text("utf-8")
)
OURS: Final = _VALUES["newswire"]
"""Which series are newswire's own: the same matcher as in the rules."""
BUDGET: Final = float(_VALUES["slo_budget"])
"""Share of live items that may be late."""
LE: Final = _VALUES["slo_bucket"]
"""The bound, seconds, within which a live item is in time, as the histogram writes it."""
AUDITED_WITHIN_S: Final = float(_VALUES["audit_age_s"])
CANARY_WITHIN_S: Final = float(_VALUES["canary_s"])

Kind = Literal["lines", "area", "number", "bars", "heatmap"]
"""Lines or stacked areas over time; the last value, alone or as bars; a histogram's buckets over time."""
Colour = Literal["green", "yellow", "orange", "red"]
Unit = Literal["none", "short", "percentunit", "s", "bytes", "Bps", "cps"]
"""Grafana's own units: a count, a share of 1, seconds, bytes, bytes per second, events per second."""


class Query(msgspec.Struct, frozen=True):
    """One expression, and how its series are called: ``{{label}}`` stands for a label's value."""

    expr: str
    legend: str = ""


class Limit(msgspec.Struct, frozen=True):
    """From this value on a panel has this colour."""

    value: float
    colour: Colour = "red"


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """One picture."""

    title: str
    description: str
    """What it shows, and what it means when it is not as usual."""
    unit: Unit
    queries: tuple[Query, ...]
    kind: Kind = "lines"
    limits: tuple[Limit, ...] = ()
    below: Colour = "green"
    """The colour below all limits."""
    width: int = 8
    """In Grafana's columns; a board has 24."""
    height: int = 8
    lowest: float | None = 0
    highest: float | None = None
    """The ends of the scale, where it has any by nature."""


class Row(msgspec.Struct, frozen=True):
    """Panels on one matter."""

    title: str
    panels: tuple[Panel, ...]


class Board(msgspec.Struct, frozen=True):
    """One dashboard; *name* is its file's, and its uid in Grafana is made of it."""

    name: str
    title: str
    description: str
    rows: tuple[Row, ...]

    @property
    def panels(self) -> Iterator[Panel]:
        """All panels, from left to right and from top to bottom."""
        for row in self.rows:
            yield from row.panels


def quantile(share: float, histogram: str, matchers: str = "", *, by: str = "") -> str:
    """Return the expression of a quantile of a histogram of ours; it is nothing where nothing was observed."""
    labels = ", ".join(each for each in (by, "le") if each)
    within = f"{OURS},{matchers}" if matchers else OURS
    return f"histogram_quantile({share}, sum by ({labels}) (rate({histogram}_bucket{{{within}}}[$__rate_interval])))"

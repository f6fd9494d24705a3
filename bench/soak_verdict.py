"""Whether a soak's figures stay flat: its rows, each with its limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from bench.drift import Drift, drift_of
from bench.soak_looks import Look, Looks

__all__ = ["Row", "rows_of", "sum_rows"]

TEN_MINUTES_S: Final = 600.0
MEMORY_LIMIT: Final = 1.0
"""MiB that a process's memory may grow by in ten minutes."""
COUNT_LIMIT: Final = 2.0
"""Files and threads that a process may have more at the end than at the begin."""
LAG_LIMIT_S: Final = 5.0
"""A lag may grow by less than what comes in this time."""
RATE_LIMIT: Final = 0.98
"""Share of the rate at which items have to be fed for a run to count."""


class Row(msgspec.Struct, frozen=True):
    """One figure, in words, and whether it keeps to its limit; null where it has none."""

    what: str
    first: str
    last: str
    most: str
    growth: str
    limit: str
    kept: bool | None

    def cells(self) -> tuple[str, ...]:
        """Return the row as the table shows it."""
        verdict = {None: "–", True: "flat", False: "GROWS"}[self.kept]
        return self.what, self.first, self.last, self.most, self.growth, self.limit, verdict


def rows_of(looks: Looks, rate: float) -> list[Row]:
    """Return the rows of all processes, fed at a rate (items/s)."""
    return [row for name, seen in looks.by_process.items() for row in _rows(name, looks.seconds, seen, rate)]


def _rows(name: str, seconds: Sequence[float], seen: Sequence[Look], rate: float) -> list[Row]:
    def drift(field: str) -> Drift:
        return drift_of(seconds, [getattr(look, field) for look in seen])

    rows = [_memory(f"{name}: memory", drift("rss"))]
    if drift("state_mib").most:
        rows.append(_memory(f"{name}: its state, by its own account", drift("state_mib"), judged=False))
        rows.append(_count(f"{name}: contents known", drift("owners"), judged=False))
        rows.append(_count(f"{name}: local files open", drift("state_files"), judged=False))
    if drift("children_rss").most:
        rows.append(_memory(f"{name}: memory of its children", drift("children_rss")))
    rows.append(_count(f"{name}: open files", drift("files")))
    rows.append(_count(f"{name}: threads", drift("threads")))
    if name != "ingest":
        rows.append(_lag(f"{name}: lag", drift("lag"), seconds[-1] - seconds[0], rate))
    return rows


def _memory(what: str, drift: Drift, *, judged: bool = True) -> Row:
    per = drift.per_s * TEN_MINUTES_S
    return Row(
        f"{what}, MiB",
        *(f"{value:,.1f}" for value in (drift.first, drift.last, drift.most)),
        f"{per:+.2f} in 10 min",
        f"< {MEMORY_LIMIT:g} in 10 min" if judged else "–",
        per < MEMORY_LIMIT if judged else None,
    )


def _count(what: str, drift: Drift, *, judged: bool = True) -> Row:
    return Row(
        what,
        *(f"{value:,.0f}" for value in (drift.first, drift.last, drift.most)),
        f"{drift.grown:+,.0f}",
        f"< {COUNT_LIMIT:g}" if judged else "–",
        drift.grown < COUNT_LIMIT if judged else None,
    )


def _lag(what: str, drift: Drift, seconds: float, rate: float) -> Row:
    grown, limit = drift.per_s * seconds, LAG_LIMIT_S * rate
    return Row(
        f"{what}, records",
        *(f"{value:,.0f}" for value in (drift.first, drift.last, drift.most)),
        f"{grown:+,.0f}",
        f"< {limit:,.0f}",
        grown < limit,
    )


def sum_rows(sent: int, ended: Mapping[str, int], fed: float, wanted: float) -> list[Row]:
    """Return the rows of the whole: items that were sent and how they ended, and the rate they were fed at."""
    missing, dead = sent - sum(ended.values()), ended.get("dead_letter", 0)
    return [
        Row("items without an outcome", "", "", f"{missing:,}", "", "0", missing == 0),
        Row("dead letters", "", "", f"{dead:,}", "", "0", dead == 0),
        Row(
            "items fed, of the rate that was wanted",
            *("", "", f"{fed / wanted:.0%}", "", f"≥ {RATE_LIMIT:.0%}", fed >= RATE_LIMIT * wanted),
        ),
    ]

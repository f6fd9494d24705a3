"""Claims against gold: contents with their sources and cues, and what is said of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from bench.gold.labels import ATTRIBUTES
from bench.scoring.claims import THRESHOLDS, Attribution, count, paired
from bench.scoring.figures import counted, macro_f1, majority, pooled_pairs, share_equal
from bench.scoring.markdown import table

__all__ = ["Pair", "Scored", "attribute_table", "content_table", "layers", "valued", "values_table"]

_COLUMNS: Final = (
    *(f"F1 {threshold}" for threshold in THRESHOLDS),
    "joint F1 0.5",
    "recall 0.5, indirect",
    "source hit 0.3",
    "cue hit 0.3",
)


class Pair(NamedTuple):
    """What gold says of a claim and what was extracted, by attribute."""

    gold: Mapping[str, str]
    guess: Mapping[str, str]


class Scored(msgspec.Struct, frozen=True):
    """One text with the claims of gold and those extracted."""

    text: str
    gold: list[Attribution]
    guess: list[Attribution]

    def pairs(self) -> list[tuple[Attribution, Attribution]]:
        """Return the claims of gold that were found, each with what was extracted."""
        return paired(self.text, self.gold, self.guess)


def layers(scored: Sequence[Scored]) -> list[tuple[str, list[Counter[str]]]]:
    """Count outer claims and nested ones apart, document by document; nested only where gold has any."""
    named = [("outer", False)]
    if any(claim.nested for one in scored for claim in one.gold):
        named.append(("nested", True))
    return [
        (
            name,
            [
                count(one.text, *([c for c in side if c.nested is nested] for side in (one.gold, one.guess)))
                for one in scored
            ],
        )
        for name, nested in named
    ]


def content_table(
    scored: Sequence[Scored],
    published: Sequence[Sequence[str]] = (),
    parts: Mapping[str, Sequence[Scored]] | None = None,
) -> str:
    """Return the table of contents with sources and cues, of all documents and then of each of *parts*;
    *published* are rows of others' figures.
    """
    rows = _content_rows("", scored)
    for name, part in (parts or {}).items():
        rows += _content_rows(f"{name}: ", part)
    return table(["content at word IoU", "gold / found", *_COLUMNS], [*rows, *published])


def _content_rows(prefix: str, scored: Sequence[Scored]) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = []
    for name, counts in layers(scored):
        sizes = " / ".join(str(sum(one[side] for one in counts)) for side in ("gold", "guess"))
        figures = [counted(counts, f"tp@{threshold}", "guess", "gold") for threshold in THRESHOLDS]
        figures.append(counted(counts, "joint@0.5", "guess", "gold"))
        figures += [counted(counts, key, f"of_{key}") for key in ("indirect@0.5", "source@0.3", "cue@0.3")]
        rows.append([f"{prefix}{name} claims", sizes, *(figure.text() for figure in figures)])
    return rows


def attribute_table(scored: Sequence[Scored]) -> str:
    """Return the table of the attributes of the claims found."""
    return values_table([[Pair(g.values, p.values) for g, p in one.pairs()] for one in scored])


def values_table(pairs: Sequence[Sequence[Pair]], names: Iterable[str] = ATTRIBUTES) -> str:
    """Return, for each attribute, macro-F1 and accuracy beside always guessing the most common value; what
    gold leaves open is passed over.
    """
    rows = []
    for name in names:
        values = [valued(one, name) for one in pairs]
        tally = Counter(pair for one in values for pair in one)
        rows.append(
            [
                name,
                f"{tally.total()}, {len({gold for gold, _ in tally})}",
                pooled_pairs(values, macro_f1).text(),
                _percent(macro_f1(majority(tally))),
                pooled_pairs(values, share_equal).text(),
                _percent(share_equal(majority(tally))),
            ]
        )
    columns = [
        "attribute",
        "claims, values",
        "macro-F1",
        "most common value",
        "accuracy",
        "most common value",
    ]
    return table(columns, rows)


def valued(pairs: Sequence[Pair], name: str) -> list[tuple[str, str]]:
    """Return an attribute's values, gold's and ours, wherever gold has one."""
    return [(pair.gold[name], pair.guess[name]) for pair in pairs if name in pair.gold]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"

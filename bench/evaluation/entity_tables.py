"""Entities against gold: exact span and type of every place that names one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from bench.scoring.figures import Estimate, counted
from bench.scoring.markdown import table

__all__ = ["NAMED", "Mentions", "Names", "document_f1", "document_table", "entity_f1", "entity_table"]

NAMED: Final = ("person", "organisation", "place")
"""The types of entities that are held to a floor, and that other sets and systems have, too."""
Mentions = Mapping[tuple[int, int], str]
Names = frozenset[tuple[str, str]]


def entity_table(
    types: Sequence[str], gold: Sequence[Mentions], systems: Mapping[str, Sequence[Mentions]]
) -> str:
    """Return precision, recall and F1 of each system, and F1 by type; other types than *types* are left out."""
    rows = []
    for name, guesses in systems.items():
        counts = [_counts(types, g, p) for g, p in zip(gold, guesses, strict=True)]
        figures = [counted(counts, "tp", side) for side in ("guess", "gold")]
        figures.append(counted(counts, "tp", "guess", "gold"))
        figures += [counted(counts, f"tp_{kind}", f"guess_{kind}", f"gold_{kind}") for kind in types]
        rows.append([name, *(figure.text() for figure in figures)])
    sizes = Counter(kind for mentions in gold for kind in mentions.values() if kind in types)
    columns = ["exact span and type", "P", "R", "F1", *(f"{kind} ({sizes[kind]})" for kind in types)]
    return table(columns, rows)


def entity_f1(types: Sequence[str], gold: Sequence[Mentions], guess: Sequence[Mentions]) -> Estimate:
    """Return F1 by exact span and type over the entities of *types*."""
    return counted([_counts(types, g, p) for g, p in zip(gold, guess, strict=True)], "tp", "guess", "gold")


def document_f1(gold: Sequence[Names], guess: Sequence[Names]) -> Estimate:
    """Return F1 of entities, each counted once a document by name and type."""
    return counted(_named(gold, guess), "tp", "guess", "gold")


def document_table(gold: Sequence[Names], systems: Mapping[str, Sequence[Names]]) -> str:
    """Return each system's precision, recall and F1 of entities, each counted once a document by name and type."""
    rows = []
    for name, guesses in systems.items():
        counts = _named(gold, guesses)
        figures = [counted(counts, "tp", side) for side in ("guess", "gold")]
        figures.append(counted(counts, "tp", "guess", "gold"))
        rows.append([name, *(figure.text() for figure in figures)])
    size = sum(map(len, gold))
    return table([f"entities of a document, name and type ({size})", "P", "R", "F1"], rows)


def _named(gold: Sequence[Names], guess: Sequence[Names]) -> list[Counter[str]]:
    return [Counter(gold=len(g), guess=len(p), tp=len(g & p)) for g, p in zip(gold, guess, strict=True)]


def _counts(types: Sequence[str], gold: Mentions, guess: Mentions) -> Counter[str]:
    counts: Counter[str] = Counter()
    for side, mentions in (("gold", gold), ("guess", guess)):
        for span, kind in mentions.items():
            if kind in types:
                counts.update((side, f"{side}_{kind}"))
                if side == "guess" and gold.get(span) == kind:
                    counts.update(("tp", f"tp_{kind}"))
    return counts

"""The page of figures: a section for each set that is at hand, and the names of those that are not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from bench.evaluation.held import Held, floor_table
from bench.evaluation.samples import AbsentError

__all__ = ["Page", "Section", "page"]

_INTRODUCTION: Final = """# Evaluation

What the enrich stage extracts, against what readers have labelled.  `make eval` writes this page; figures are
per cent, with 95 % intervals from 1,000 draws of whole documents in brackets.

- Contents are matched one to one by the words they share (word IoU); nested claims are scored apart.
- *Joint*: source and cue share a word with gold's, too.  *Hit*: of the matched, those that share a word.
- Attributes, names and quotations are compared on claims matched at 0.5, outer and nested.  A name is right
  if it is gold's or a part of it; of several who speak jointly not all need be named, and nobody else may be.
- Texts go in as plain files: the headline is part of the text.
- *Peers* name entities in the same run, on the same texts (CoreNLP where `make eval CORENLP=.train/corenlp` asks
  it); what rules and annotators reach on PolNeAR is published, and readers are those of our own labels, before
  they were adjudicated.
"""
_LIMITS: Final = """Speed is measured apart, by `python -m bench enrich`; networks of several seeds are scored by
`python -m bench.evaluation.seeds`, which writes `docs/seeds.md`.  The set that floor and aim of entities in news
were set on, UNER English PUD, is not at hand: BBC and Reuters texts stand in for it, labelled by another
guideline."""


class Section(msgspec.Struct, frozen=True):
    """What is said of one set, and the figures in it that belong into the first table."""

    body: str
    figures: list[Held] = []


class Page(msgspec.Struct, frozen=True):
    """What is written, the figures of its first table, and the sections that lack data."""

    text: str
    figures: list[Held]
    absent: list[str]


def page(sections: Mapping[str, Callable[[], Section]], *, extractor: str) -> Page:
    """Write the page; a section whose data is not at hand says so, and what is missing."""
    bodies: list[str] = []
    figures: list[Held] = []
    absent: list[str] = []
    for title, section in sections.items():
        try:
            scored = section()
        except AbsentError as error:
            absent.append(title)
            scored = Section(f"Not scored: {error}.")
        bodies.append(f"## {title}\n\n{scored.body}")
        figures += scored.figures
    first = [f"## All figures\n\n{floor_table(figures)}\n\n{_LIMITS}"] if figures else []
    parts = [_INTRODUCTION, f"Extractor: {extractor}.", *first, *bodies]
    return Page("\n\n".join(part.strip() for part in parts) + "\n", figures, absent)

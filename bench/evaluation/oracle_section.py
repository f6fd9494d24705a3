"""The section on attributes of claims whose spans are given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from bench.evaluation.claim_tables import Pair, values_table
from bench.evaluation.floors import attribute_figures
from bench.evaluation.held import Held
from bench.evaluation.oracle import ASKED, Judged, asked_texts, judged_spans, training_cues
from bench.evaluation.report import Section
from bench.evaluation.standoff_samples import STANDOFF
from bench.scoring.figures import pooled, share
from streams.enrich.drafts import Model

__all__ = ["oracle_section"]

_NAME: Final = "attributes on gold's spans"
_INTRODUCTION: Final = (
    "Content, cue and source are gold's: {} claims drawn at random, 150 of PolNeAR's development part and the"
    " others of BBC and Reuters texts.  Values on which PolNeAR's two readers differed are left out."
)


def oracle_section(model: Model, data: Path, folder: Path = STANDOFF) -> Section:
    """Score attributes on gold's spans, cues apart that nothing was trained on has."""
    known = training_cues(data, folder)
    judged = [judged_spans(model, asked) for asked in asked_texts(data, folder)]
    unseen = _only(judged, lambda one: bool(one.cue) and one.cue not in known)
    covered = {
        told: pooled([[one.in_table for one in text] for text in of], share)
        for told, of in (("all", _only(judged, lambda one: bool(one.cue))), ("unseen", unseen))
    }
    drawn = sum(map(len, judged))
    body = "\n\n".join(
        [
            _INTRODUCTION.format(drawn),
            values_table(_pairs(judged), ASKED),
            f"Cues that stand nowhere, word for word, in what is trained on: {sum(map(len, unseen))} claims.",
            values_table(_pairs(unseen), ASKED),
            f"The table of cues has {covered['all'].text()} of the cues, {covered['unseen'].text()} of the unseen.",
        ]
    )
    coverage = Held(name=f"{_NAME}: cues that the table has", estimate=covered["all"])
    figures = [*attribute_figures(_NAME, _pairs(judged), ASKED), coverage]
    return Section(body, [*figures, *attribute_figures(f"{_NAME}, unseen cues", _pairs(unseen), ASKED)])


def _only(judged: Sequence[Sequence[Judged]], holds: Callable[[Judged], bool]) -> list[list[Judged]]:
    return [[one for one in text if holds(one)] for text in judged]


def _pairs(judged: Sequence[Sequence[Judged]]) -> list[list[Pair]]:
    return [[one.pair for one in text] for text in judged]

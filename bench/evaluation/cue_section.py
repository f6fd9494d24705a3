"""The section on the table of cues: how much of what attributes in the training data it has, and what it and the
sentence make of the training labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from bench.evaluation.claim_tables import Pair, values_table
from bench.evaluation.report import Section
from bench.evaluation.samples import polnear_samples
from bench.evaluation.standoff_samples import STANDOFF, standoff_samples
from bench.scoring.claims import Attribution, Spans
from bench.scoring.figures import pooled, share
from bench.scoring.markdown import table
from streams.enrich.attributes import Attributes, attributes_of
from streams.enrich.drafts import Range

__all__ = ["MarkedCue", "coverage_table", "cue_section", "marked_cue"]

TOLD: Final = ("cue_class", "certainty", "polarity", "stance", "force")
"""What is told from the cue and the sentence alone."""
_GIVEN: Final = (
    "What the table and the sentence make of spans as a reader marked them.  The table was made with these labels in"
    " sight: what is wrong here is known to be so, and text that nobody saw fares worse."
)


class MarkedCue(msgspec.Struct, frozen=True):
    """A claim with spans as a reader marked them."""

    words: str
    """Of the cue; empty where there is none."""
    found: Attributes
    values: Mapping[str, str]
    """What the reader said of it."""


def cue_section(data: Path, labels: Path = STANDOFF / "training.jsonl") -> Section:
    """Tell how much the table has of the cues of what is trained on, and what it makes of the training labels.

    Raises:
        bench.evaluation.samples.AbsentError: the texts are not there.

    """
    samples = {
        "BBC and Reuters, training": standoff_samples(data, labels),
        "PolNeAR, train": polnear_samples(data, "train"),
    }
    marked = {
        name: [[marked_cue(s.text, claim) for claim in s.claims or ()] for s in of]
        for name, of in samples.items()
    }
    told, _ = marked.values()
    values = [
        [Pair(cue.values, {name: getattr(cue.found, name) for name in TOLD}) for cue in one] for one in told
    ]
    return Section(f"{coverage_table(marked)}\n\n{_GIVEN}\n\n{values_table(values, TOLD)}")


def marked_cue(text: str, claim: Attribution) -> MarkedCue:
    """Look up what a reader marked."""
    content, cue, source = map(_ranges, (claim.content, claim.cue, claim.source))
    return MarkedCue(
        words=" ".join(" ".join(text[at.start : at.end] for at in cue).lower().split()),
        found=attributes_of(text, content, cue, source, quoted=claim.values.get("kind") == "direct"),
        values=claim.values,
    )


def coverage_table(sets: Mapping[str, Sequence[Sequence[MarkedCue]]]) -> str:
    """Return what share of marked cues the table has: of all, and of what is worded differently."""
    rows = []
    for name, documents in sets.items():
        cues = [[cue for cue in one if cue.words] for one in documents]
        wordings = {cue.words: cue.found.in_table for one in cues for cue in one}
        held = pooled([[cue.found.in_table for cue in one] for one in cues], share)
        known = share([*wordings.values()])
        rows.append(
            [
                name,
                str(sum(map(len, cues))),
                held.text(),
                str(len(wordings)),
                "–" if known is None else f"{100 * known:.1f}",
            ]
        )
    return table(["cues that readers marked", "cues", "in the table", "wordings", "in the table"], rows)


def _ranges(spans: Spans) -> list[Range]:
    return [Range(*span) for span in spans]

"""What a desk feels: is it the right name, is the quotation exact, does confidence mean what it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from bench.evaluation.claim_tables import Scored
from bench.evaluation.found import Found, found_in, judged, kept, wrong_persons
from bench.scoring.figures import Estimate, calibration_error, pooled, share
from bench.scoring.markdown import table
from bench.scoring.marks import quoted_words

__all__ = ["Share", "confidence_table", "desk_shares", "desk_table"]

_WORDINGS: Final = {
    "name": "source is a name",
    "pronoun": "source is a pronoun",
    "description": "source is a role or description",
    "none": "no source in the sentence",
}
_LEVELS: Final = (0.0, 0.5, 0.7, 0.8, 0.9)


class Share(NamedTuple):
    """How many of some claims a thing holds for."""

    claims: int
    estimate: Estimate


def desk_shares(scored: Sequence[Scored]) -> dict[str, Share]:
    """Return how names, sources and quotations are, over the claims found."""
    found = [found_in(one) for one in scored]
    named = [[f for f in one if f.gold.originators] for one in found]
    shares = {"named originator right": _share(named, lambda f: f.right)}
    for wording, told in _WORDINGS.items():
        of_kind = [[f for f in one if f.wording == wording] for one in named]
        shares[f"named originator right, {told}"] = _share(of_kind, lambda f: f.right)
    bare = [[f for f in one if not f.gold.source and not f.gold.originators] for one in found]
    shares["a source is given where there is none"] = _share(
        bare, lambda f: bool(f.guess.source or f.guess.originators)
    )
    quoted = [[f for f in one if quoted_words(f.text, f.gold.content)] for one in found]
    shares["words in quotation marks exact"] = _share(quoted, lambda f: f.exact_quotation)
    return shares


def desk_table(scored: Sequence[Scored]) -> str:
    """Return the table of names and quotations over the claims found."""
    persons = [[f for f in found_in(one) if f.names_person] for one in scored]
    wrong = {"a person is named, and it is the wrong one": _share(persons, lambda f: not f.right)}
    shares = desk_shares(scored) | wrong
    rows = [[name, str(one.claims), one.estimate.text()] for name, one in shares.items()]
    return table(["of the claims found", "claims", "share"], rows)


def _share(asked: Sequence[Sequence[Found]], holds: Callable[[Found], bool]) -> Share:
    judged = [[holds(one) for one in found] for found in asked]
    return Share(sum(map(len, judged)), pooled(judged, share))


def confidence_table(scored: Sequence[Scored]) -> str:
    """Return, by least confidence, how much is left and how often a wrong person is named, and the
    calibration error; words where the extractor gives no confidence.
    """
    of_all = [judged(one) for one in scored]
    if not any(of_all):
        return "The extractor gives no confidence: nothing to calibrate."
    rows = []
    for level in _LEVELS:
        right = pooled([[held for confidence, held in one if confidence >= level] for one in of_all], share)
        figures = (kept(scored, level), right, wrong_persons(scored, level))
        rows.append([f"{level:.1f}", *(figure.text() for figure in figures)])
    columns = ["confidence at least", "of all found", "content and originator right", "wrong person named"]
    error = pooled(of_all, calibration_error)
    return f"{table(columns, rows)}\n\nExpected calibration error: {error.text(percent=False)}."

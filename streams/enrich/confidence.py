"""How sure it is that a claim's content and originator are right: what the tagger made of it and how its source was
resolved, weighed by a table that is fitted to labelled texts (``bench/calibration.py``).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, Literal

from streams.enrich.drafts import ClaimDraft, Evidence
from streams.enrich.resolved import How, ResolvedSource
from streams.enrich.tables import read_table

__all__ = ["PARTS", "Features", "Part", "confidence_of", "features_of", "probability_of"]

Part = Literal["content", "originator"]
"""What must be right: the content, and if it is, who is said to have uttered it."""
PARTS: Final[tuple[Part, ...]] = ("content", "originator")
Features = Mapping[Part, Mapping[str, float]]
"""What is weighed for each part, by name."""

_FURTHEST: Final = 6.0
"""Log-odds beyond which a probability says no more."""
_LENGTH: Final = 60
"""Code points of a usual content."""
_MOST_RIVALS: Final = 3
_GUESSED: Final[frozenset[How]] = frozenset(("before", "subject", "focus", "bearer"))
"""How it was found out who is meant, where the source neither names him nor stands for who spoke last."""


def confidence_of(
    draft: ClaimDraft, sources: Sequence[ResolvedSource], *, nested: bool, known_cue: bool
) -> float | None:
    """Return the probability that content and originator are right; null where nobody weighed the parts."""
    found = features_of(draft, sources, nested=nested, known_cue=known_cue)
    if found is None:
        return None
    weights = _weights()
    return round(probability_of(found, weights), 3)


def probability_of(features: Features, weights: Mapping[str, Mapping[str, float]]) -> float:
    """Return the probability that all parts are right, by weights of each part and feature."""
    probability = 1.0
    for part in PARTS:
        odds = sum(weights[part][name] * value for name, value in features[part].items())
        probability /= 1 + math.exp(-odds)
    return probability


def features_of(
    draft: ClaimDraft, sources: Sequence[ResolvedSource], *, nested: bool, known_cue: bool
) -> Features | None:
    """Return what the table weighs, by part and name; null where nobody weighed the parts.  *known_cue* tells
    whether the table of cues has the claim's.
    """
    evidence = draft.evidence
    if evidence is None:
        return None
    shared = _shared(draft, evidence, nested=nested)
    length = sum(at.end - at.start for at in draft.content)
    first = sources[0] if sources else None
    is_person = first is not None and first.type == "named_person"
    name = first.name if first is not None else None
    return {
        "content": {
            **shared,
            "within": _log_odds(evidence.within),
            "end": _log_odds(evidence.end),
            "no_cue": float(not draft.link.cues),
            "quoted": float(bool(draft.verbatim)),
            "length": math.log(max(1, length) / _LENGTH),
            "unknown_cue": float(bool(draft.link.cues) and not known_cue),
        },
        "originator": {
            **shared,
            "unnamed": float(first is not None and bool(first.spans) and name is None),
            "unresolved": float(first is not None and first.type == "unresolved"),
            "other": float(first is not None and first.type == "other"),
            "role": float(first is not None and first.type == "role"),
            "spoke": float(first is not None and first.how == "spoke"),
            "guessed": float(first is not None and first.how in _GUESSED),
            "body": float(name is not None and not is_person),
            "single": float(is_person and " " not in (name or "")),
            "rivals": float(min(first.rivals, _MOST_RIVALS)) if first is not None and name else 0.0,
        },
    }


def _shared(draft: ClaimDraft, evidence: Evidence, *, nested: bool) -> dict[str, float]:
    """Return what tells of both parts."""
    return {
        "always": 1.0,
        "begin": _log_odds(evidence.begin),
        "cue": _log_odds(evidence.cue) if draft.link.cues else 0.0,
        "source": _log_odds(evidence.source) if draft.link.sources else 0.0,
        "no_source": float(not draft.link.sources),
        "nested": float(nested),
    }


def _log_odds(probability: float) -> float:
    inside = min(max(probability, 1e-9), 1 - 1e-9)
    return max(-_FURTHEST, min(_FURTHEST, math.log(inside / (1 - inside))))


@cache
def _weights() -> dict[str, dict[str, float]]:
    weights: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for row in read_table("confidence"):
        weights[row["part"]][row["feature"]] = float(row["weight"])
    return dict(weights)

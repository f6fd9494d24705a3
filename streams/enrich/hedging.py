"""A source's own hedges: "may", "I think", where the content's main clause has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from streams.enrich.drafts import Range
from streams.enrich.markers import Marker, find_markers

__all__ = ["SENTENCE_ENDS", "find_hedges"]

SENTENCE_ENDS: Final = re.compile(r"[.!?]['\"”’]*\s+(?=[\"“‘']?[A-Z])|\n\s*\n")
_STOP: Final = re.compile(r"[.!?][\s\"“‘]*$")
"""An attribution inside a quotation that ends the sentence."""
_CLAUSE_BEGINS: Final = re.compile(r"[;:.!?]\s|,\s+(?:and|but|so|yet)\s", re.IGNORECASE)
_SUBORDINATES: Final = re.compile(
    r"\b(?:who|whom|whose|which|where|because|although|though|while|when|unless|until|if|whether|since"
    r"|in order|unlike|than|what|how)\b|(?<=\w )that\b",
    re.IGNORECASE,
)
_NOT: Final = re.compile(r"(?:not|n['’]t|cannot)\s+$", re.IGNORECASE)
_ATTRIBUTIVE: Final = re.compile(
    r"\b(?:the|an?|as|its|their|his|her|our|than|of|with|in|from)\s+$", re.IGNORECASE
)
"""Before a participle that is an adjective: "the expected loss"."""


def find_hedges(text: str, content: Sequence[Range]) -> list[Marker]:
    """Find the hedges of the content's first sentence that its main clauses have."""
    found: list[Marker] = []
    for number, part in enumerate(content):
        if number and _STOP.search(text, content[number - 1].end, part.start):
            break
        stop = SENTENCE_ENDS.search(text, *part)
        within = Range(part.start, stop.start() if stop else part.end)
        found += [hedge for hedge in find_markers(text, within, "hedge") if _is_main(text, within, hedge.at)]
        if stop:
            break
    return found


def _is_main(text: str, within: Range, hedge: Range) -> bool:
    words = text[hedge.start : hedge.end]
    before = text[within.start : hedge.start]
    if words == "May" or (words == "could" and text.startswith(" not", hedge.end)):
        return False  # the month; what somebody was unable to do
    if words == "possibly" and _NOT.search(before):
        return False
    if words.endswith("ed") and _ATTRIBUTIVE.search(before):
        return False
    begins = [found.end() for found in _CLAUSE_BEGINS.finditer(before)]
    return _SUBORDINATES.search(before, begins[-1] if begins else 0) is None

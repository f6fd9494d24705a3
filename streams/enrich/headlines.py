"""Where a headline ends in what a model has read, and what is mended of what was found there.

The tagger reads on as within a text: a content may run out of the headline, and a label pass for a statement.
"""

from __future__ import annotations

import re
from typing import Final

from streams.enrich.drafts import Range
from streams.enrich.given import BREAK
from streams.tagger.attributions import Attribution

__all__ = ["headline_end", "is_label", "on_one_side"]

LEAST_WORDS: Final = 3
"""Of a headline that says something."""
_HEADLINE: Final = re.compile(rf"[^\n]{{1,200}}[^\n.!?:;,”\"’']{BREAK}")


def headline_end(text: str) -> int | None:
    """Return where the text behind a headline begins; null for a text whose first paragraph is none."""
    headline = _HEADLINE.match(text)
    return None if headline is None else headline.end()


def on_one_side(found: Attribution, end: int) -> list[Range]:
    """Return a content without what stands on the other side of a headline's *end* than its cue or source, or without
    either than the most of it.
    """
    above = [Range(part.start, min(part.end, end - len(BREAK))) for part in found.content if part.start < end]
    below = [Range(max(part.start, end), part.end) for part in found.content if part.end > end]
    if not (above and below):
        return found.content
    by = found.cue or found.source
    if by is not None:
        return above if by.start < end else below
    return max(above, below, key=lambda parts: sum(part.end - part.start for part in parts))


def is_label(text: str, found: Attribution, end: int) -> bool:
    """Tell whether a content is a headline of a word or two, which nobody says there: "The canary"."""
    first = found.content[0]
    said_there = any(at is not None and at.start < end for at in (found.cue, found.source))
    return not said_there and first.start < end and len(text[first.start : first.end].split()) < LEAST_WORDS

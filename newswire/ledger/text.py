"""Text of strangers for a terminal: one line, without characters that steer it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from schemas.base import Span

__all__ = ["clean", "words_of"]

MOST_CHARS: Final = 240
"""Of one piece of text."""
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
"""C0 and C1 controls, line separators and what turns the direction of writing."""


def clean(text: str | None, most: int = MOST_CHARS) -> str:
    """Return text for one line: without control characters, white space joined, cut where it is long."""
    if not text:
        return ""
    text = " ".join(_CONTROL.sub(" ", text[: 4 * most]).split())
    return text if len(text) <= most else text[: most - 1] + "…"


def words_of(spans: Iterable[Span]) -> str:
    """Return what spans hold; what lies between two of them is an ellipsis."""
    return " … ".join(clean(span.exact) for span in spans)

"""What word pieces do not show: whether one stands in quotation marks, and in which letter case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

__all__ = ["COUNT", "marks_of"]

_QUOTE: Final = re.compile(r"[“”\"]|``|''")
_OPENING: Final = frozenset(("“", "``"))
_CLOSING: Final = frozenset(("”", "''"))
OUT, IN, MARK = 0, 1, 2
LOWER, TITLE, UPPER, NO_LETTER = 0, 1, 2, 3
COUNT: Final = 12
"""Quote states times letter cases."""


def marks_of(paragraph: str, pieces: Sequence[tuple[int, int]]) -> list[int]:
    """Return, for every piece of a paragraph (half-open code points), quote state × 4 + letter case."""
    states = _quote_states(paragraph)
    return [4 * states[start] + _case(paragraph[start:end]) for start, end in pieces]


def _quote_states(paragraph: str) -> bytearray:
    """Return the state at every code point; a straight mark opens and closes in turn."""
    states = bytearray(len(paragraph) + 1)
    state = OUT
    at = 0
    for mark in _QUOTE.finditer(paragraph):
        states[at : mark.start()] = bytes((state,)) * (mark.start() - at)
        states[mark.start() : mark.end()] = bytes((MARK,)) * (mark.end() - mark.start())
        if mark[0] in _OPENING:
            state = IN
        elif mark[0] in _CLOSING:
            state = OUT
        else:
            state = IN if state == OUT else OUT
        at = mark.end()
    states[at:] = bytes((state,)) * (len(states) - at)
    return states


def _case(piece: str) -> int:
    if not piece[:1].isalpha():
        return NO_LETTER
    if not piece[0].isupper():
        return LOWER
    return UPPER if len(piece) > 1 and piece.isupper() else TITLE

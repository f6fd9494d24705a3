"""A text as a model should see it: the same length, so that offsets stay true, with wrapped lines joined.

A newline in the result ends a paragraph.  The text as stored is never changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from streams.enrich.drafts import Range

__all__ = ["model_text", "pieces"]

_SPACES: Final = {ord(c): " " for c in "\t\r\f\v\x1c\x1d\x1e\x1f\u00a0\u2007\u202f\u3000"} | {
    ord(c): "\n" for c in "\x85\u2028\u2029"
}
_UNBROKEN: Final = re.compile(r"\S{400,}")
"""No word of a text: data, or a page's debris.  Tokenizers take time quadratic in its length."""
_FIRST_WORD: Final = re.compile(r"\S+")
_SENTENCE_END: Final = re.compile(r"[.!?:][\"”’')\]]*\s*$")
_BREAK: Final = re.compile(r"[.!?][\"”’)]*\s+|\s")

MIN_WIDTH: Final = 40
MAX_WIDTH: Final = 120
"""Widths that typists and wire services wrap lines at."""
ODD_LINES: Final = 10
"""One line of so many may be longer than the others were wrapped at."""


def model_text(text: str) -> str:
    """Return *text* for a model: as long, code point by code point at the same offset, but with every kind
    of blank as a space, what is no writing blanked out, and newlines only where a paragraph ends.
    """
    text = text.translate(_SPACES)
    text = _UNBROKEN.sub(lambda m: " " * len(m[0]), text)
    lines = text.split("\n")
    width = _wrap_width(lines)
    if not width:
        return text
    # Where paragraphs are set off, a short line within one (behind a dateline taken away, say) is no end.
    set_off = any(not line.strip() or line[0].isspace() for line in lines[1:-1])
    out = [lines[0]]
    for above, below in pairwise(lines):
        out.extend((" " if _is_wrap(above, below, width, set_off=set_off) else "\n", below))
    return "".join(out)


def _pairs(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Give the lines that follow one another in what may be one paragraph: neither blank, none indented."""
    for above, below in pairwise(lines):
        if above.strip() and below and not below[0].isspace():
            yield above, below


def _too_narrow(above: str, below: str, width: int) -> bool:
    # The mark of a wrap: the next line's first word did not fit any more.
    word = _FIRST_WORD.search(below)
    assert word
    return len(above.rstrip()) + 1 + len(word[0]) > width


def _wrap_width(lines: list[str]) -> int:
    """Return the width that the lines were wrapped at, 0 where they were not.

    That is the length of the longest line, or, where up to a tenth of the lines were left long (a credit, an
    address), of the longest that was wrapped.
    """
    if len(lines) < 3:
        return 0
    lengths = sorted((len(line.rstrip()) for line in lines), reverse=True)
    pairs = list(_pairs(lines))
    widths = sorted(set(lengths[: 1 + len(lines) // ODD_LINES]), reverse=True)
    return next((w for w in widths if MIN_WIDTH <= w <= MAX_WIDTH and _wrapped_at(pairs, w)), 0)


def _wrapped_at(pairs: list[tuple[str, str]], width: int) -> bool:
    """Tell whether lines were wrapped at *width*: they are all as full as they can be, and most of them end
    within a sentence; paragraphs of one line each are neither.
    """
    pairs = [(above, below) for above, below in pairs if len(above.rstrip()) <= width]
    full = [above for above, below in pairs if _too_narrow(above, below, width)]
    open_ended = sum(1 for line in full if not _SENTENCE_END.search(line))
    # The longest line counts as full whatever it is, so that one is no evidence.
    return len(full) > 1 and 2 * len(full) >= len(pairs) and 2 * open_ended > len(full)


def _is_wrap(above: str, below: str, width: int, *, set_off: bool) -> bool:
    if not above.strip() or not below or below[0].isspace():
        return False
    if max(len(above.rstrip()), len(below.rstrip())) > width:
        return False
    if _too_narrow(above, below, width):
        return True
    return (set_off or below[0].islower()) and not _SENTENCE_END.search(above)


def pieces(text: str, limit: int) -> list[Range]:
    """Cut *text* into pieces of at most *limit* code points that cover all of it, in order: where a
    paragraph ends, else where a sentence ends, else at a blank, else anywhere.
    """
    cut: list[Range] = []
    start = 0
    while len(text) - start > limit:
        end = text.rfind("\n", start, start + limit) + 1
        if end <= start:
            end = start + limit
            window = text[start:end]
            ends = [m for m in _BREAK.finditer(window) if m.end() < limit]
            sentences = [m for m in ends if len(m[0]) > 1]
            if best := sentences or ends:
                end = start + best[-1].end()
        cut.append(Range(start, end))
        start = end
    cut.append(Range(start, len(text)))
    return cut

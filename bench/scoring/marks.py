"""Which words of a content stand in quotation marks of its own."""

from __future__ import annotations

import re
from typing import Final

from bench.scoring.claims import Spans, words

__all__ = ["quoted_kind", "quoted_words"]

_OPENING: Final = "„«‘"
_EITHER: Final = "\"'“"
_MARKS: Final = _OPENING + "”»’" + _EITHER


def quoted_words(text: str, spans: Spans) -> frozenset[int]:
    """Return where the words in quotation marks start; a mark that opens outside of *spans* is not seen."""
    inside: set[int] = set()
    for start, end in spans:
        piece, opened = text[start:end], ""
        for position, character in enumerate(piece):
            if not character.isalnum():
                opened = _opened(piece, position, opened)
            elif opened:
                inside.add(start + position)
    return words(text, spans) & inside


def quoted_kind(text: str, spans: Spans) -> str:
    """Return what its quotation marks make a content: direct, mixed or indirect."""
    inside, all_words = quoted_words(text, spans), words(text, spans)
    return "indirect" if not inside else "direct" if inside == all_words else "mixed"


def _opened(piece: str, position: int, opened: str) -> str:
    """Return which marks are open behind *position*, one or two of them: "'", '"' or none."""
    mark, before, after = piece[position], piece[:position], piece[position + 1 :]
    kind = "'" if mark in "'‘’" else '"'
    if mark not in _MARKS or (opened and opened != kind):
        return opened
    if kind == "'" and re.search(r"\w$", before) and re.match(r"\w", after):
        return opened  # an apostrophe
    if not opened:
        begins = not before or not before[-1].isalnum()
        return kind if mark in _OPENING or (mark in _EITHER and begins) else ""
    new_paragraph = re.search(r"\n\s*$", before)  # a long quotation opens anew in each
    return opened if mark in _OPENING or (mark in _EITHER and new_paragraph) else ""

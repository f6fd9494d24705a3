"""What is marked in an article's text, cut into pieces that each carry all their marks.

Spans cross each other (a claim within a claim, a source that is an entity), and neither a terminal nor HTML
has elements that cross: so the text is cut at every beginning and end.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Literal

import msgspec

from schemas.base import Span

__all__ = ["Mark", "Piece", "Role", "beginnings", "marks_of", "pieces_of"]

Role = Literal["content", "verbatim", "cue", "source", "entity"]


class Mark(msgspec.Struct, frozen=True):
    """A stretch of one field of an article that plays a part."""

    start: int
    """First code point."""
    end: int
    """The code point after the last."""
    role: Role
    of: str
    """What it belongs to: a claim's number, or an entity's type."""


class Piece(msgspec.Struct, frozen=True):
    """A stretch of text throughout which the same marks hold."""

    start: int
    text: str
    marks: tuple[Mark, ...] = ()
    """The longest first, so that what stands inside comes last."""

    def numbers(self, role: Role) -> list[str]:
        """Return what the marks in this role belong to."""
        return [mark.of for mark in self.marks if mark.role == role]


def marks_of(spans: Iterable[Span], role: Role, of: str, field: str) -> list[Mark]:
    """Return marks for those spans that are in *field*."""
    return [Mark(span.start, span.end, role, of) for span in spans if span.field == field]


def beginnings(pieces: Iterable[Piece]) -> dict[int, list[str]]:
    """Return the claims whose content begins with a piece, by where that starts."""
    begun: set[str] = set()
    found: dict[int, list[str]] = {}
    for piece in pieces:
        for number in piece.numbers("content"):
            if number not in begun:
                begun.add(number)
                found.setdefault(piece.start, []).append(number)
    return found


def pieces_of(text: str, marks: Iterable[Mark]) -> list[Piece]:
    """Cut *text* where any of the *marks* begins or ends.

    The pieces put together are the text.

    Raises:
        ValueError: a mark is empty or reaches out of the text.
    """
    marks = sorted(set(marks), key=lambda mark: (mark.start, -mark.end, mark.role, mark.of))
    for mark in marks:
        if not 0 <= mark.start < mark.end <= len(text):
            raise ValueError(f"{mark} is no part of a text of {len(text)} characters")
    cuts = sorted({0, len(text), *(mark.start for mark in marks), *(mark.end for mark in marks)})
    pieces = []
    waiting = 0
    open_marks: list[Mark] = []
    for start, end in pairwise(cuts):
        open_marks = [mark for mark in open_marks if mark.end > start]
        while waiting < len(marks) and marks[waiting].start == start:
            open_marks.append(marks[waiting])
            waiting += 1
        longest_first = sorted(open_marks, key=lambda mark: (mark.start - mark.end, mark.role, mark.of))
        pieces.append(Piece(start, text[start:end], tuple(longest_first)))
    return pieces

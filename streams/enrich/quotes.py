"""Quotations in a text: where they open and close, paragraph by paragraph."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from streams.enrich.drafts import Range

__all__ = ["Quote", "find_quotes"]

_MARK: Final = re.compile(r"[“”„«»\"]|``|''|(?<![\w’'])[‘'](?=[^\W\d])|(?<=[,.!?…])[’'](?!\w)")
_OPENING: Final = frozenset(("“", "„", "«", "``"))
_CLOSING: Final = frozenset(("”", "»", "''"))
_SINGLE: Final = frozenset("‘’'")
"""A single mark closes only behind a comma or a stop: elsewhere it may be an apostrophe."""


class Quote(NamedTuple):
    """One quotation: all of it with its marks, and what stands inside them."""

    outer: Range
    inner: Range
    closed: bool
    """False where the paragraph ends first."""
    resumed: bool
    """The next paragraph opens with a mark again, as long quotations are set: no mistake."""


def find_quotes(text: str) -> list[Quote]:
    """Find the quotations in curly, straight, angle or typewriter double marks, or in single ones, in text order.

    A quotation ends with its paragraph at the latest.  Marks that neither open nor close (inches, a lone
    closing mark) are passed over.  A mark within a quotation belongs to it: nesting is not followed.
    """
    quotes: list[Quote] = []
    start = 0
    for paragraph in text.split("\n"):
        quotes.extend(_in_paragraph(text, start, start + len(paragraph)))
        start += len(paragraph) + 1
    return quotes


def _in_paragraph(text: str, start: int, end: int) -> list[Quote]:
    quotes: list[Quote] = []
    opened: re.Match[str] | None = None
    for mark in _MARK.finditer(text, start, end):
        if mark[0] in _SINGLE and not (opened is None or opened[0] in _SINGLE):
            continue
        if opened is None or (
            opened[0] in _SINGLE and (mark[0] not in _SINGLE or _opens(text, mark, start, end))
        ):
            # A single mark that nothing has closed so far was an apostrophe.
            opened = mark if _opens(text, mark, start, end) else None
        elif _closes(text, mark, end, opened[0]):
            quotes.append(_quote(text, opened.start(), opened.end(), mark.start(), mark.end(), closed=True))
            opened = None
    if opened is not None and opened[0] not in _SINGLE:
        quotes.append(_quote(text, opened.start(), opened.end(), end, end, closed=False))
    return [quote for quote in quotes if quote.inner.start < quote.inner.end]


def _opens(text: str, mark: re.Match[str], start: int, end: int) -> bool:
    if mark[0] in _OPENING:
        return True
    if mark[0] in _SINGLE:
        return text[mark.start() - 1 : mark.start()] not in (",", ".", "!", "?", "…")
    if mark[0] in _CLOSING or mark.end() >= end or text[mark.end()].isspace():
        return False
    return mark.start() == start or not text[mark.start() - 1].isalnum()


def _closes(text: str, mark: re.Match[str], end: int, opened: str) -> bool:
    if mark[0] in _SINGLE:
        return opened in _SINGLE and text[mark.start() - 1] in ",.!?…"
    if mark[0] in _CLOSING or (opened == "„" and mark[0] == "“"):
        return True
    if mark[0] in _OPENING:
        return False
    # A straight mark: closes after a character, unless a word begins right behind it.
    return not text[mark.start() - 1].isspace() and (mark.end() >= end or not text[mark.end()].isalnum())


def _quote(text: str, start: int, inner: int, inner_end: int, end: int, *, closed: bool) -> Quote:
    while inner < inner_end and text[inner].isspace():
        inner += 1
    while inner_end > inner and (text[inner_end - 1].isspace() or text[inner_end - 1] == ","):
        inner_end -= 1
    resumed = not closed and text[end:].lstrip()[:1] in ("“", '"', "„", "«")
    return Quote(Range(start, end), Range(inner, inner_end), closed, resumed)

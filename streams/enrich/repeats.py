"""Repeats of names that a text is known to hold, where the recogniser missed them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from streams.enrich.drafts import Range

__all__ = ["find_repeats", "lowered_words"]

_LETTERS: Final = re.compile(r"[^\W\d_]+")
_WORD_START: Final = re.compile(r"(?<![\w\-.&])\w+")
_LEAD: Final = re.compile(r"\w+")
_GOES_ON: Final = re.compile(r"[\w\-&]")
_GOES_ON_AS_NAME: Final = re.compile(r" (?:of|for)(?: the)? [A-Z]")
"""University of Norland: another one than "the University" elsewhere."""
_BLANKS: Final = {ord(c): " " for c in "\n\t\r"}


def lowered_words(text: str) -> frozenset[str]:
    """Return the words that *text* has in lower case."""
    return frozenset(word for word in _LETTERS.findall(text) if word.islower())


def find_repeats(
    text: str, forms: Mapping[str, int], taken: Sequence[Range] = (), lowered: frozenset[str] = frozenset()
) -> Iterator[tuple[Range, int]]:
    """Find whole-word occurrences of *forms* (name to the number of its entity) outside what is *taken*,
    the longest form at each place; in time linear in the text.

    A form of one word is passed over where it may be another: where it also occurs in lower case (one of
    *lowered*, the words in lower case), or where a neighbouring word is capitalised, so that it may be
    part of a longer name.
    """
    lengths: defaultdict[str, set[int]] = defaultdict(set)
    for form in forms:
        if (lead := _LEAD.match(form)) and (" " in form or form.lower() not in lowered):
            lengths[lead[0]].add(len(form))
    longest_first = {lead: sorted(sizes, reverse=True) for lead, sizes in lengths.items()}
    flat = text.translate(_BLANKS)
    taken = sorted(taken)
    position = 0
    free_from = 0
    for word in _WORD_START.finditer(flat):
        if word[0] not in longest_first or word.start() < free_from:
            continue
        at = _longest(flat, word.start(), longest_first[word[0]], forms)
        if at is None:
            continue
        while position < len(taken) and taken[position].end <= at.start:
            position += 1
        if position < len(taken) and taken[position].overlaps(at):
            continue
        form = flat[at.start : at.end]
        if _GOES_ON_AS_NAME.match(flat, at.end) or (" " not in form and _in_longer_name(flat, at)):
            continue
        free_from = at.end
        yield at, forms[form]


def _longest(flat: str, start: int, sizes: Sequence[int], forms: Mapping[str, int]) -> Range | None:
    for size in sizes:
        end = start + size
        if end <= len(flat) and flat[start:end] in forms and not _GOES_ON.match(flat, end):
            return Range(start, end)
    return None


def _in_longer_name(flat: str, at: Range) -> bool:
    after = flat[at.end : at.end + 2]
    if len(after) == 2 and after[0] == " " and after[1].isupper():
        return True
    before = flat[max(0, at.start - 30) : at.start]
    if not before.endswith(" "):
        return False
    word = before.rstrip().rpartition(" ")[2]
    return word[:1].isupper() and word[-1:].isalnum()

"""Acronyms that a text ties to what they stand for: "Central Bureau of Investigation (CBI)"."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from streams.enrich.drafts import Range
from streams.enrich.names import SMALL_WORDS, acronyms_of

__all__ = ["Definition", "defined_acronyms", "looks_like_acronym", "plain_acronym"]

_IN_BRACKETS: Final = re.compile(r"\(\s*([A-Z][A-Za-z.&]{1,9})\s*\)")
_WORD: Final = re.compile(r"[\w&’'.-]+")
_REACH: Final = 100
"""Code points before the bracket within which the expansion must begin."""


class Definition(NamedTuple):
    """An expansion and the acronym in brackets behind it."""

    expansion: Range
    acronym: Range


def plain_acronym(name: str) -> str:
    """Return an acronym in capitals, without points, ampersands and plural."""
    bare = _bare(name)
    return (bare[:-1] if len(bare) > 2 and bare[-1] == "s" and bare[:-1].isupper() else bare).upper()


def looks_like_acronym(name: str) -> bool:
    """Tell whether *name* is one word of two to six capitals, with or without points and ampersands."""
    bare = _bare(name)
    return 2 <= len(bare) <= 6 and bare.isalpha() and bare.isupper()


def _bare(name: str) -> str:
    return name.replace(".", "").replace("&", "")


def _is_name(words: str) -> bool:
    """Tell whether all words have a capital but the small ones: "gross domestic product" is none."""
    return words[0].isupper() and all(word[0].isupper() or word in SMALL_WORDS for word in words.split())


def defined_acronyms(text: str) -> list[Definition]:
    """Find the acronyms that stand in brackets right behind words whose initials they are, in text order;
    no two definitions overlap.
    """
    found: list[Definition] = []
    end = 0
    for bracket in _IN_BRACKETS.finditer(text):
        acronym = plain_acronym(bracket[1])
        reach = max(end, bracket.start() - _REACH)
        start = max(reach, text.rfind("\n", reach, bracket.start()) + 1)
        words = list(_WORD.finditer(text, start, bracket.start()))
        for first in reversed(words[-2 * len(acronym) :]):
            expansion = text[first.start() : bracket.start()].rstrip()
            if _is_name(expansion) and acronym in acronyms_of(expansion):
                found.append(
                    Definition(
                        Range(first.start(), first.start() + len(expansion)),
                        Range(bracket.start(1), bracket.end(1)),
                    )
                )
                end = bracket.end()
                break
    return found

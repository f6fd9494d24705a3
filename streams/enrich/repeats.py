"""Repeats of names that a text is known to hold, where the recogniser missed them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from streams.enrich.drafts import Range

__all__ = ["find_repeats", "lowered_words"]

_WORD: Final = re.compile(r"[^\W\d_]+")


def lowered_words(text: str) -> frozenset[str]:
    """Return the words that *text* has in lower case."""
    return frozenset(word for word in _WORD.findall(text) if word.islower())


def find_repeats(
    text: str, forms: Mapping[str, int], taken: Sequence[Range] = (), lowered: frozenset[str] = frozenset()
) -> Iterator[tuple[Range, int]]:
    """Find whole-word occurrences of *forms* (name to the number of its entity) outside what is *taken*.

    A form of one word is passed over where it may be another: where it also occurs in lower case (one of
    *lowered*, the words in lower case), or where a neighbouring word is capitalised, so that it may be
    part of a longer name.
    """
    wanted = {form: number for form, number in forms.items() if " " in form or form.lower() not in lowered}
    if not wanted:
        return
    pattern = re.compile(
        r"(?<![\w\-.&])(?:"
        + "|".join(
            re.escape(form).replace("\\ ", r"\s") for form in sorted(wanted, key=lambda f: (-len(f), f))
        )
        + r")(?![\w\-&])"
    )
    taken = sorted(taken)
    position = 0
    for match in pattern.finditer(text):
        at = Range(match.start(), match.end())
        while position < len(taken) and taken[position].end <= at.start:
            position += 1
        if position < len(taken) and taken[position].overlaps(at):
            continue
        form = " ".join(match[0].split())
        if " " not in form and _in_longer_name(text, at):
            continue
        number = wanted.get(form)
        if number is not None:
            yield at, number


def _in_longer_name(text: str, at: Range) -> bool:
    after = text[at.end : at.end + 2]
    if len(after) == 2 and after[0] == " " and after[1].isupper():
        return True
    before = re.search(r"(\S*)[ ]$", text[max(0, at.start - 30) : at.start])
    return before is not None and before[1][:1].isupper() and before[1][-1:].isalnum()

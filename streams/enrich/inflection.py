"""The forms of English words, as regular ones are made; a table of words lists the others."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["plural_of", "verb_forms"]

_SHORT: Final = re.compile(r"[^aeiou]*[aeiou][^aeiouwxy]")
"""One syllable that ends in one vowel and one consonant: the consonant is doubled, "planned"."""
_HISSES: Final = ("s", "sh", "ch", "x", "z", "o")


def verb_forms(verb: str, irregular: str = "") -> list[str]:
    """Return the infinitive and all forms of *verb*; *irregular* has all others, where they are given."""
    if irregular:
        return [verb, *irregular.split()]
    if verb.endswith("e"):
        return [verb, verb + "s", verb + "d", (verb if verb.endswith(("ee", "oe")) else verb[:-1]) + "ing"]
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return [verb, verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing"]
    stem = verb + verb[-1] if _SHORT.fullmatch(verb) else verb
    third = verb + ("es" if verb.endswith(_HISSES) else "s")
    return [verb, third, stem + "ed", stem + "ing"]


def plural_of(noun: str) -> str:
    """Return the regular plural."""
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "sh", "ch", "x", "z")) else "s")

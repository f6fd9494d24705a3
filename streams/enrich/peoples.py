"""Peoples and what belongs to them, by a table: Ukrainian, the Spaniards."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from streams.enrich.countries import demonyms
from streams.enrich.drafts import Range

__all__ = ["MONEY", "find_peoples"]

_OTHER_PEOPLE: Final = "".join(
    f"(?<!{word})" for word in ("African ", "African-", "Asian-", "East ", "Latin ", "Native ", "West ")
)
"""Native and Latin Americans are none of the United States', East Germans of a state that is gone."""
_SOMEBODY: Final = "".join(
    f"(?<!{title} )" for title in ("Mr", "Mrs", "Ms", "Miss", "Dr", "Sir", "Lord", "Lady")
)
"""Mr English is no people."""
_AMERICANS: Final = r"(?![ -]American)"
"""African Americans are none of Africa's."""
MONEY: Final = (
    r"\s(?:dollars?|dlrs?|francs?|pounds?|pesos?|crowns?|kron[ae]r?|dinars?|rials?|rupees?|yen|yuan)\b"
)
"""An Australian dollar is no Australian."""

_NO_PEOPLE: Final = re.compile(
    r"\b(?:(?:North|South|Magnetic|Celestial)\sPoles?|Pole[\s-](?:position|sitters?|vault\w*|star|danc\w+)"
    r"|Great\sDanes?|Polish\s(?:your|the|it|them|off|up))\b"
)
"""Words of other meanings that have a capital as names or at the beginning of a sentence."""


def find_peoples(text: str) -> list[Range]:
    """Return where *text* has the adjective or the people's name of a country, with a capital, in text order."""
    others = [Range(*match.span()) for match in _NO_PEOPLE.finditer(text)]
    found = (Range(*match.span()) for match in _pattern().finditer(text))
    return [at for at in found if not any(other.contains(at) for other in others)]


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(demonyms(), key=lambda word: (-len(word), word))
    words = "|".join(re.escape(word).replace(r"\ ", r"\s") for word in longest_first)
    return re.compile(rf"(?<!\w){_OTHER_PEOPLE}{_SOMEBODY}(?:{words})s?(?!\w)(?!{MONEY}){_AMERICANS}")

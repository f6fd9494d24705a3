"""Of which gender a person seems to be, by title and first name: enough to keep "she" from being a man."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

from streams.enrich.tables import read_table

__all__ = ["Gender", "gender_of", "gender_of_noun", "gender_of_pronoun"]

Gender = Literal["f", "m"]

_PRONOUNS: Final[dict[str, Gender]] = {"she": "f", "her": "f", "he": "m", "him": "m", "his": "m"}
_FEMALE: Final = frozenset(
    "mrs ms miss lady dame baroness queen princess duchess countess mother sister madam mme actress waitress "
    "hostess heiress housewife widow".split()
)
_MALE: Final = frozenset("mr sir lord king prince duke father brother widower".split())
_FEMALE_NOUNS: Final = frozenset(
    "woman wife daughter girl aunt niece grandmother girlfriend bride businesswoman nun".split()
)
_MALE_NOUNS: Final = frozenset(
    "man husband son boy uncle nephew grandfather boyfriend groom businessman monk gunman".split()
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_FIRST_NAMES: Final[dict[str, Gender]] = {
    name: "f" if row["gender"] == "f" else "m"
    for row in read_table("first_names")
    for name in row["names"].split()
}


def gender_of_pronoun(word: str) -> Gender | None:
    """Return what a pronoun in lower case says."""
    return _PRONOUNS.get(word)


def gender_of_noun(noun: str) -> Gender | None:
    """Return what a noun for one person, in lower case, says: "mother", "spokeswoman"; null where it says nothing."""
    if noun in _FEMALE_NOUNS:
        return "f"
    return "m" if noun in _MALE_NOUNS else _of_title(noun)


def gender_of(name: str, titles: Sequence[str]) -> Gender | None:
    """Return what a person's full name and titles say; null where they say nothing or contradict
    each other, as where a wife was taken for her husband.
    """
    of_titles = [{_of_title(word.lower()) for word in _WORD.findall(title)} - {None} for title in titles]
    if " " not in name and not all(of_titles):
        # By a surname alone "Mrs Quill" may be the wife of "President Quill".
        return None
    found = {gender for genders in of_titles for gender in genders}
    first = _WORD.match(name)
    if first and " " in name and (gender := _FIRST_NAMES.get(first[0].lower())):
        found.add(gender)
    return found.pop() if len(found) == 1 else None


def _of_title(word: str) -> Gender | None:
    if word in _FEMALE or word.endswith("woman"):
        return "f"
    # A chairman may be a woman.
    return "m" if word in _MALE else None

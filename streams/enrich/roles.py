"""Who bears a role in a document: "Ada Quill, the mayor", "Mayor Ada Quill", "Ada Quill, 45"."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

from streams.enrich.drafts import EntityDraft, Range
from streams.enrich.names import TITLE_NOUNS

__all__ = ["Bearer", "Roles", "is_lesser"]

_HONORIFICS: Final = r"(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Sir|Dame|Lord|Lady|Rev|Sen|Rep|Gov)\b\.?\s)"
_BEFORE: Final = re.compile(
    rf"(?:(\d{{1,3}})-year-old\s|(?:([^\W\d_][\w’'-]*)\s)?(?!{_HONORIFICS})([^\W\d_][\w’'-]*),?\s){_HONORIFICS}?$"
)
"""An age or the word next to a name, which a comma may part from it: "the mayor, Ada Quill", "the coroner, Dr Reed"."""
_AFTER: Final = re.compile(
    r",\s(?:aged\s)?(?:(\d{1,3})\b,?\s?)?(?:(?:who\s(?:is|was)\s)?(?:the|a|an|its|his|her|their|one\sof\sthe)\s)?"
    r"([^,.;:()\n“”\"]{2,80})?"
)
_LESSER: Final = frozenset(
    "deputy vice assistant acting former ex shadow honorary outgoing incoming associate junior late ex-".split()
)
_HEAD_ENDS: Final = re.compile(r"\s(?:of|for|from|at|in|with|who|that|on|to|by|and)\s")
_TITLES: Final = TITLE_NOUNS - frozenset("mr mrs ms miss dr sir lord lady dame prime".split())
_LESS: Final = "-"
"""Marks a role that is another's, or was."""
MAX_BEFORE: Final = 40
"""Code points before a name in which the word next to it is looked for."""


class Bearer(NamedTuple):
    """Who bears a role, and where the text says so."""

    entity: int
    at: Range


class Roles:
    """The roles and ages that a document gives its persons."""

    def __init__(self, text: str, entities: Sequence[EntityDraft]) -> None:
        self._bearers: defaultdict[str, list[Bearer]] = defaultdict(list)
        self._borne: defaultdict[int | None, set[str]] = defaultdict(set)
        self._lesser: set[tuple[int, str]] = set()
        self._ages: defaultdict[int, set[str]] = defaultdict(set)
        for number, entity in enumerate(entities):
            if entity.type == "person":
                for at, _ in entity.mentions:
                    for role in _roles(text, at):
                        if (whole := role.removeprefix(_LESS)) != role:
                            self._lesser.add((number, whole))
                        else:
                            self._bearers[role].append(Bearer(number, at))
                            if role in _TITLES:
                                self._borne[number].add(role)
                            if role.isdecimal():
                                self._ages[number].add(role)

    def bearer(self, role: str, before: int) -> Bearer | None:
        """Return the only person who up to *before* (a code point) is said to bear *role*: a noun in lower case,
        or an age as digits.  Where several do it is nobody.  Any word beside a name counts, since it is only asked
        for by nouns that the text itself uses for somebody.
        """
        return _only([bearer for bearer in self._bearers.get(role, ()) if bearer.at.start < before])

    def likely_bearer(self, role: str, before: int, reach: int) -> Bearer | None:
        """Return, of several who bear a role before *before*, the only one who does from *reach* on, and where nobody
        does the only one who bears it later, if it is one that goes before names.
        """
        bearers = self._bearers.get(role, ())
        said = [bearer for bearer in bearers if bearer.at.start < before]
        if said:
            return _only([bearer for bearer in said if bearer.at.start >= reach])
        return _only(bearers) if role in TITLE_NOUNS else None

    def of_another_age(self, age: str) -> list[int]:
        """Return the persons who are said to be of another age, and not of this one."""
        return [entity for entity, ages in self._ages.items() if age not in ages]

    def is_other(self, entity: int | None, role: str) -> bool:
        """Tell whether somebody is said to bear another role than this one, a noun that goes before names, or once did
        or is the deputy of who does.
        """
        return role in TITLE_NOUNS and (
            bool(self._borne.get(entity, set()) - {role}) or (entity, role) in self._lesser
        )


def is_lesser(words: str) -> bool:
    """Tell whether words are for who was something, or is a deputy: "the former mayor"."""
    return not _LESSER.isdisjoint(words.lower().split())


def _only(bearers: Sequence[Bearer]) -> Bearer | None:
    return bearers[-1] if len({bearer.entity for bearer in bearers}) == 1 else None


def _roles(text: str, at: Range) -> list[str]:
    found: list[str] = []
    if before := _BEFORE.search(text, max(0, at.start - MAX_BEFORE), at.start):
        if before[1]:
            found.append(before[1])
        else:
            found += _whole([(before[2] or "").lower(), before[3].lower()])
    if after := _AFTER.match(text, at.end):
        if after[1]:
            found.append(after[1])
        words = _HEAD_ENDS.split(after[2] or "")[0].lower().split()
        found += _whole(words)
    return found


def _whole(words: Sequence[str]) -> Sequence[str]:
    """Return the last word, a role, marked if the one before makes another of it: a deputy mayor is not the mayor."""
    is_lesser = len(words) > 1 and not _LESSER.isdisjoint(words[:-1])
    return [f"{_LESS}{words[-1]}"] if is_lesser else words[-1:]

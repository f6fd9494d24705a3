"""A text with the entities named in it, to be asked who is named where."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

from streams.enrich.drafts import EntityDraft, Range
from streams.enrich.names import acronyms_of, one_line

__all__ = ["NamedText"]

_POSSESSIVE: Final = re.compile(r"['’]s?$")
_AFTER_HEAD: Final = re.compile(
    r"\s(?:of|for|from|at|in|with|within|among|who|which|whose|that|on|to|by|inside|near|close|led|covering|except|like|including)\s"
    r"|,\s|\s[(<](?![^)>]*[)>]\s\w)"
)


MAX_REACH: Final = 1_500
"""Code points that a pronoun looks back, two paragraphs at most."""


class NamedText:
    """A text and its entities."""

    def __init__(self, text: str, entities: Sequence[EntityDraft]) -> None:
        self.text = text
        self.entities = entities
        self._mentions = sorted((at, i) for i, e in enumerate(entities) for at, _ in e.mentions)
        self._in_full: dict[int, Range] = {}
        for number, entity in enumerate(entities):
            for at, _ in entity.mentions:
                if one_line(text[at.start : at.end]) == entity.name:
                    self._in_full[number] = at
                    break

    def words(self, at: Range) -> str:
        """Return what stands at *at*, on one line."""
        return one_line(self.text[at.start : at.end])

    def in_full(self, entity: int) -> Range | None:
        """Return where an entity is first named in full."""
        return self._in_full.get(entity)

    def shortened(self, words: str) -> int | None:
        """Return the only organisation whose name goes on behind *words*, which begin it: "Sahel Oil"; or whose
        initials they are.
        """
        if not words[:1].isupper():
            return None
        found = [
            number
            for number, entity in enumerate(self.entities)
            if entity.type == "organisation" and entity.name.startswith(f"{words} ")
        ] or self._spelt.get(words, [])
        return found[0] if len(found) == 1 else None

    @cached_property
    def _spelt(self) -> dict[str, list[int]]:
        """The organisations that each initials may stand for."""
        spelt: defaultdict[str, list[int]] = defaultdict(list)
        for number, entity in enumerate(self.entities):
            if entity.type == "organisation":
                for initials in acronyms_of(entity.name):
                    spelt[initials].append(number)
        return dict(spelt)

    def within(self, at: Range) -> list[tuple[Range, int]]:
        """Return who is named inside *at*, in text order."""
        first = bisect_left(self._mentions, (Range(at.start, at.start), -1))
        behind = bisect_left(self._mentions, (Range(at.end, at.end), -1))
        return [found for found in self._mentions[first:behind] if found[0].end <= at.end]

    def before(self, at: Range, reach: int) -> Iterator[tuple[Range, int]]:
        """Give who is named before *at*, the last first, back to the code point *reach*."""
        last = bisect_left(self._mentions, (at, -1)) - 1
        while last >= 0 and (found := self._mentions[last])[0].start >= reach:
            yield found
            last -= 1

    def in_name(self, place: int) -> bool:
        """Tell whether the name that begins last before *place* goes on beyond it."""
        number = bisect_left(self._mentions, (Range(place, place), -1)) - 1
        return number >= 0 and self._mentions[number][0].end > place

    def head(self, at: Range) -> Range:
        """Return the part of a noun phrase that ends in its head: what stands before "of", "who", a bracket
        or a comma, unless that is within a name.
        """
        for cut in _AFTER_HEAD.finditer(self.text, at.start, at.end):
            if not self.in_name(cut.start()):
                return Range(at.start, cut.start())
        return at

    def noun(self, at: Range) -> str:
        """Return the noun that is the head of a phrase, in lower case."""
        nouns = self.words(self.head(at)).lower().split()
        return _POSSESSIVE.sub("", nouns[-1]).rsplit("-", 1)[-1] if nouns else ""

    def reach(self, at: Range) -> int:
        """Return where a pronoun's referent may stand at the earliest."""
        # The paragraph before counts too: "Ada Quill has resigned.\nShe said …".
        text = self.text
        furthest = max(0, at.start - MAX_REACH)
        line = text.rfind("\n", furthest, at.start)
        # Empty lines may part paragraphs.
        behind = furthest + len(text[furthest : max(furthest, line)].rstrip())
        return max(furthest, text.rfind("\n", furthest, behind) + 1)

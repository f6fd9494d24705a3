"""A dateline is where a report was written, not part of what it says: kept from the model, its place found here.

A model glues it to the first sentence, and takes a place in capitals for an organisation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from schemas.base import Span
from streams.enrich.countries import country_key, country_of_name
from streams.enrich.drafts import EntityDraft, Range
from streams.enrich.names import name_key, one_line

__all__ = ["with_place", "without_dateline"]

_DASH: Final = re.compile(r"\s*(?:--+|[-–—])?\s*")
_PLACE: Final = re.compile(r"[^\W\d_][^,(/\n]*[^\s,(/\n]")
"""What stands before the first comma, bracket or stroke."""
_WIDE: Final = "【"
_RETYPED: Final = frozenset(("organisation", "other"))
"""What else a recogniser takes a place for; a person of that name is somebody else."""


def without_dateline(text: str, dateline: Span | None) -> str:
    """Return *text* as long as before, with a paragraph's end in place of the dateline and its dash."""
    if dateline is None:
        return text
    end = _DASH.match(text, dateline.end)
    assert end is not None, "it matches anything"
    return f"{text[: dateline.start]}{' ' * (end.end() - dateline.start - 1)}\n{text[end.end() :]}"


def with_place(entities: Sequence[EntityDraft], dateline: Span | None, shift: int = 0) -> list[EntityDraft]:
    """Add the dateline's place to the entities of a text, which begins at *shift* of what was read: a mention more of
    one that has its name, or else an entity of its own; in the order of first mention.
    """
    found = list(entities)
    place = None if dateline is None or dateline.exact.startswith(_WIDE) else _PLACE.match(dateline.exact)
    if dateline is None or place is None:
        return found
    at = Range(*place.span()).moved(dateline.start + shift)
    name = _written(one_line(place[0]))
    country = country_of_name(name)
    key = country_key(country) if country else name_key(name)
    for number, entity in enumerate(found):
        if entity.name_key == key and (entity.type == "place" or entity.type in _RETYPED):
            found[number] = msgspec.structs.replace(
                entity,
                type="place",
                country=entity.country or country,
                mentions=sorted([(at, "name"), *entity.mentions]),
            )
            break
    else:
        found.append(
            EntityDraft(name=name, name_key=key, type="place", mentions=[(at, "name")], country=country)
        )
    return sorted(found, key=lambda each: (each.mentions[0][0], each.name))


def _written(place: str) -> str:
    """Return a place as it is written within a text: agencies set it in capitals."""
    return place.title().replace("’S", "’s").replace("'S", "'s") if place.isupper() else place

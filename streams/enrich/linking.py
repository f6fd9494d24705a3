"""Entities linked to what they are in the world, where a table tells for certain; a wrong link is worse than none.

Only places are linked.  Which of several of a name is meant, the text has to say: by the country or state behind
the name ("Birmingham, Alabama"), else by how large they are.  ``docs/decisions`` says how often that is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from schemas.entity import EntityLink
from streams.enrich.countries import country_of_name
from streams.enrich.drafts import EntityDraft
from streams.enrich.places import Place, country_place, place_key, places_called

__all__ = ["Linker"]

LARGE: Final = 100_000
"""Population from which on a city's name alone can be enough."""
DOMINANT: Final = 10
"""It is enough where the city is so many times as large as the next of that name."""
SHORTEST: Final = 4
"""Letters of the shortest name of a city that is one for certain."""
NAMESAKE: Final = 300_000
"""Population of a city that makes the name of a state elsewhere unsure."""
UNSURE: Final = frozenset(
    ("new york", "washington", "victoria", "punjab", "kashmir", "kurdistan", "acre", "brent", "hollywood")
)
"""Names that mean a state and another place, or no place, too often."""
_STATES: Final = frozenset(("US", "CA"))
"""Where a state of the same name as a city is as often meant."""
_BEHIND: Final = re.compile(r", ?([A-Z][\w.’'-]*(?: (?:of |and )?[A-Z][\w.’'-]*){0,3})")
"""What stands behind a name and may say where it is, at its longest."""
_AREA_BEHIND: Final = re.compile(
    r"\s(?:province|prefecture|county|district|region|state|strip)\b", re.IGNORECASE
)
"""Buenos Aires province is not the city."""
_SCORES: Final = {"country": 0.98, "continent": 0.95, "part": 0.98, "city": 0.96}
"""Of links read by hand, the share that was right, by the kind of place: one more right and one more wrong than were
counted, ``docs/decisions/0018-links-of-places.md``.
"""


class Linker:
    """Links the entities of one text."""

    def __init__(self, text: str, entities: Sequence[EntityDraft]) -> None:
        """*text* is the article's as the model saw it."""
        self._text = text
        self._parts = set(_parts(entities))

    def link(self, entity: EntityDraft) -> EntityLink | None:
        """Return what *entity* is, null where nothing is sure."""
        if entity.type != "place":
            return None
        if entity.country:
            country = country_place(entity.country)
            return _link(country, "name") if country else None
        candidates = _called(entity.name)
        around = tuple({place.uri: place for place in self._behind(entity)}.values())
        if inside := _within(candidates, around):
            return _link(inside, "place_behind")
        if place_key(entity.name) in UNSURE:
            return None
        meant = _by_name(candidates)
        if meant is not None and meant.kind != "city":
            # What stands behind a state is the next of a list.
            return _link(meant, "name")
        if around or not self._means_city(entity):
            return None
        return _link(meant, "name") or _link(self._by_text(candidates), "part_in_text")

    def _means_city(self, entity: EntityDraft) -> bool:
        return len(entity.name) >= SHORTEST and not any(
            _AREA_BEHIND.match(self._text, at.end) for at, _ in entity.mentions
        )

    def _behind(self, entity: EntityDraft) -> Iterator[Place]:
        """Give the countries and states that stand right behind a mention."""
        for at, _ in entity.mentions:
            if found := _BEHIND.match(self._text, at.end):
                words = found[1].split(" ")
                names = (" ".join(words[:count]) for count in range(len(words), 0, -1))
                # New York City is no part of New York.
                longest = next((name for name in names if _area(name) or places_called(name)), "")
                if area := _area(longest):
                    yield area

    def _by_text(self, candidates: Sequence[Place]) -> Place | None:
        """Return the one city whose American state the text names.  England is a team as often."""
        if any(place.kind != "city" for place in candidates):
            return None
        named = [place for place in candidates if place.country == "US" and place.where in self._parts]
        return named[0] if len(named) == 1 else None


def _link(place: Place | None, method: str) -> EntityLink | None:
    if place is None:
        return None
    return EntityLink(uri=place.uri, score=_SCORES[place.kind], method=f"{place.kind}:{method}")


def _parts(entities: Sequence[EntityDraft]) -> Iterator[str]:
    """Give the states that a text names."""
    for entity in entities:
        if entity.type == "place" and place_key(entity.name) not in UNSURE:
            yield from (place.where for place in _called(entity.name) if place.kind == "part")


def _called(name: str) -> list[Place]:
    """Return the places of a name; what is short for a state has its point ("La." is Louisiana, "La" is not)."""
    return [
        place
        for place in places_called(name)
        if place.kind != "part" or "." in name or place_key(place.name) == place_key(name)
    ]


def _area(name: str) -> Place | None:
    """Return the one country or state of a name."""
    if code := country_of_name(name):
        return country_place(code)
    found = [place for place in places_called(name) if place.kind in {"country", "part"}]
    # Behind a town, Georgia is the state as a rule, and nobody else has a state of a country's name.
    return next((place for place in found if place.kind == "part"), None)


def _within(candidates: Sequence[Place], areas: Sequence[Place]) -> Place | None:
    """Return the one place in the area that the text puts it in."""
    if len(areas) != 1:
        return None
    inside = [place for place in candidates if place.kind in {"city", "part"} and place.stands_in(areas[0])]
    inside = [place for place in inside if place != areas[0]]
    return _far_larger(inside)


def _by_name(candidates: Sequence[Place]) -> Place | None:
    """Return the place that is meant by its name wherever it is read."""
    cities = [place for place in candidates if place.kind == "city"]
    areas = [place for place in candidates if place.kind != "city"]
    if len(areas) > 1:
        return None
    if areas:
        return _area_or_city(areas[0], cities)
    return _far_larger(cities) if cities and cities[0].population >= LARGE else None


def _far_larger(places: Sequence[Place]) -> Place | None:
    """Return the first place if each of the others is small beside it."""
    if any(places[0].population < DOMINANT * place.population for place in places[1:]):
        return None
    return places[0] if places else None


def _area_or_city(area: Place, cities: Sequence[Place]) -> Place | None:
    """Tell a state from a city of its name: Moscow is the city, Delaware the state, Quebec either."""
    if area.kind == "country":
        # Names that mean a country wherever they stand are known by its code; what is left is a county, too.
        return area if not area.where or area.where == "XK" else None
    inside = [city for city in cities if city.country == area.country and city.population >= LARGE]
    if inside:
        return None if area.country in _STATES else inside[0]
    return area if all(city.population < NAMESAKE for city in cities) else None

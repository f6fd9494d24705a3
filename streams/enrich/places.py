"""Places that an entity can be linked to, from ``tables/places.tsv`` (`bench/places` makes it): countries, parts of
some of them, continents, cities.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Final, Literal

import msgspec

from streams.enrich.names import name_words
from streams.enrich.tables import read_table

__all__ = ["Kind", "Place", "country_place", "place_key", "places_called", "state_in_full"]

Kind = Literal["country", "part", "continent", "city"]

_WIKIDATA: Final = "http://www.wikidata.org/entity/"
_GEONAMES: Final = "https://sws.geonames.org/"


class Place(msgspec.Struct, frozen=True):
    """One place in the world."""

    kind: Kind
    name: str
    uri: str
    where: str
    """A country's or part's own code; a city's country, or the part of it where that is known (``US-TX``)."""
    population: int
    """Of a city; 0 for others."""

    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-2; empty for continents and countries gone."""
        return self.where.partition("-")[0]

    def stands_in(self, other: Place) -> bool:
        """Tell whether it may lie in *other*, a country or a part of one, as far as the table knows."""
        if other.kind == "part" and "-" in self.where:
            return self.where == other.where
        return bool(other.where) and self.country == other.country


def place_key(name: str) -> str:
    """Return a place's name for comparing: folded, without accents and points, ``St`` for ``Saint``."""
    return " ".join("st" if word == "saint" else word for word in name_words(name))


def places_called(name: str) -> tuple[Place, ...]:
    """Return the places of a name, the largest city first; a country is among them by its plain name alone."""
    return _by_name().get(place_key(name), ())


def state_in_full(name: str) -> str | None:
    """Return the name of the American state that *name* is short for, with its point: ``Va.``"""
    if "." not in name:
        return None
    return next((place.name for place in places_called(name) if place.kind == "part"), None)


def country_place(code: str) -> Place | None:
    """Return the country of an ISO 3166-1 code."""
    return _by_code().get(code)


@cache
def _rows() -> tuple[tuple[tuple[str, ...], Place], ...]:
    found = []
    for row in read_table("places"):
        uri = f"{_WIKIDATA}{row['id']}" if row["id"].startswith("Q") else f"{_GEONAMES}{row['id']}/"
        names = tuple(row["names"].split("|"))
        place = msgspec.convert(
            {
                "kind": row["kind"],
                "name": names[0],
                "uri": uri,
                "where": row["where"],
                "population": row["population"],
            },
            Place,
            strict=False,
        )
        found.append((names, place))
    return tuple(found)


@cache
def _by_name() -> Mapping[str, tuple[Place, ...]]:
    found: defaultdict[str, list[Place]] = defaultdict(list)
    for names, place in _rows():
        for name in names:
            found[place_key(name)].append(place)
    return {key: tuple(sorted(places, key=lambda p: -p.population)) for key, places in found.items()}


@cache
def _by_code() -> Mapping[str, Place]:
    return {place.where: place for _, place in _rows() if place.kind == "country" and place.where}

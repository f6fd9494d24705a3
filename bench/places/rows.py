"""Rows of the table of places: which names of which places, and how large these are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from streams.enrich.places import place_key

__all__ = ["City", "Territory", "table"]

LARGE: Final = 100_000
"""Population from which on a city has a row of its own; smaller ones have one as its namesakes."""
ENGLISH: Final = frozenset(
    "Aarhus|Bangalore|Basra|Bogota|Bombay|Bruges|Calcutta|Canton|Cologne|Cracow|Danzig|Fallujah|Frankfurt|Gaza City|Geneva|Ghent|"
    "Katmandu|Kharkov|Kiev|Kuwait City|Leningrad|Lvov|Lyons|Madras|Marrakech|Marseilles|Mecca|"
    "Medina|Odessa|Peking|Pusan|Quebec City|Ramallah|Rangoon|Saigon|Salonika|Seville|Stalingrad|"
    "Teheran|Tikrit|Xi'an".split("|")
)
"""What English news calls, or called, cities that GeoNames has under another name."""
_STATES: Final = frozenset(("US", "GB"))
"""Countries whose parts tell namesakes apart; GeoNames' codes for these are ISO's."""
_HISTORICAL: Final = frozenset(("suhh", "cshh", "dd"))
"""Countries gone whose names mean nothing else."""
_CITIES: Final = ("ch-", "ae-")
"""Parts that share their names with their towns, which are meant."""
_ABBREVIATED: Final = dict(
    pair.split("=")
    for pair in (
        "al=Ala. az=Ariz. ar=Ark. ca=Calif. co=Colo. ct=Conn. de=Del. fl=Fla. ga=Ga. il=Ill. in=Ind. ks=Kan. ky=Ky. la=La. "
        "md=Md. ma=Mass. mi=Mich. mn=Minn. ms=Miss. mo=Mo. mt=Mont. ne=Neb. nv=Nev. nh=N.H. nj=N.J. nm=N.M. ny=N.Y. "
        "nc=N.C. nd=N.D. ok=Okla. or=Ore. pa=Pa. ri=R.I. sc=S.C. sd=S.D. tn=Tenn. vt=Vt. va=Va. wa=Wash. wv=W.Va. "
        "wi=Wis. wy=Wyo. dc=D.C."
    ).split()
)
"""What wire services write for states behind a town."""
_CODE: Final = re.compile(r"[a-z]{2}(?:-[a-z]{1,3})?")


class Territory(NamedTuple):
    """A country or a part of one."""

    code: str
    """ISO 3166-1 or 3166-2, in lower case; longer ones are of countries gone."""
    name: str
    qid: str
    historical: bool


class City(NamedTuple):
    """A town or city, as GeoNames has it."""

    geoname: int
    name: str
    others: tuple[str, ...]
    country: str
    admin: str
    population: int


def table(
    territories: Iterable[Territory], continents: Mapping[str, int], cities: Sequence[City]
) -> Iterator[str]:
    """Give the lines, the first of them the names of the columns."""
    yield "kind\tnames\tid\twhere\tpopulation"
    yield from _territories(territories)
    for name, geoname in sorted(continents.items()):
        yield _line("continent", [name], geoname, "", 0)
    yield from _cities(cities)


def _territories(territories: Iterable[Territory]) -> Iterator[str]:
    for one in sorted(territories):
        if one.code in _HISTORICAL:
            yield _line("country", [one.name], one.qid, "", 0)
        elif not one.historical and _CODE.fullmatch(one.code) and not one.code.startswith(_CITIES):
            kind = "part" if "-" in one.code else "country"
            names = [one.name.partition(" (")[0]]
            if one.code.startswith("us-") and one.code[3:] in _ABBREVIATED:
                names.append(_ABBREVIATED[one.code[3:]])
            yield _line(kind, names, one.qid, one.code.upper(), 0)


def _cities(cities: Sequence[City]) -> Iterator[str]:
    ordered = sorted(cities, key=lambda c: (-c.population, c.geoname))
    large = {place_key(city.name) for city in ordered if city.population >= LARGE}
    called: dict[str, City] = {}
    for city in ordered:
        for name in city.others:
            # Of several so called it is the largest: Frankfurt.
            if name in ENGLISH:
                called.setdefault(name, city)
    others: defaultdict[int, list[str]] = defaultdict(list)
    for name, city in called.items():
        others[city.geoname].append(name)
    for city in ordered:
        if city.population >= LARGE or place_key(city.name) in large:
            names = [city.name, *sorted(others[city.geoname])]
            yield _line("city", names, city.geoname, _where(city), city.population)


def _where(city: City) -> str:
    if city.country not in _STATES:
        return city.country
    return f"{city.country}-{city.admin}" if city.admin.isalpha() else city.country


def _line(kind: str, names: Sequence[str], id: int | str, where: str, population: int) -> str:
    distinct: dict[str, str] = {}
    for name in names:
        distinct.setdefault(place_key(name), name)
    return "\t".join((kind, "|".join(distinct.values()), str(id), where, str(population)))

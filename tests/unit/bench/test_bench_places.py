"""The table of places as its maker writes it, from a few rows of each source."""

from __future__ import annotations

from bench.places.rows import City, Territory, table

TERRITORIES = [
    Territory("us", "United States", "Q30", historical=False),
    Territory("us-ga", "Georgia (USA)", "Q1428", historical=False),
    Territory("ch-ge", "Geneva", "Q11917", historical=False),
    Territory("suhh", "Soviet Union", "Q15180", historical=True),
    Territory("su-ru", "Russian SFSR", "Q2184", historical=True),
    Territory("yucs", "Yugoslavia", "Q83286", historical=True),
]


def city(
    geoname: int, name: str, population: int, country: str = "US", admin: str = "GA", *others: str
) -> City:
    return City(geoname, name, others, country, admin, population)


def test_rows() -> None:
    cities = [
        city(1, "Norland", 120_000),
        city(2, "Norland", 20_000, "CA", "08"),
        city(3, "Hamlet", 20_000),
        city(4, "Kyiv", 3_000_000, "UA", "12", "Kiev", "Kijev", "Kyiv"),
        city(5, "Kiev Minor", 150_000, "GB", "ENG", "Kiev"),
    ]
    head, *rows = table(TERRITORIES, {"Europe": 6255148}, cities)
    assert head.split("\t") == ["kind", "names", "id", "where", "population"]
    assert [row.split("\t") for row in rows] == [
        ["country", "Soviet Union", "Q15180", "", "0"],
        ["country", "United States", "Q30", "US", "0"],
        ["part", "Georgia|Ga.", "Q1428", "US-GA", "0"],
        ["continent", "Europe", "6255148", "", "0"],
        ["city", "Kyiv|Kiev", "4", "UA", "3000000"],
        ["city", "Kiev Minor", "5", "GB-ENG", "150000"],
        ["city", "Norland", "1", "US-GA", "120000"],
        ["city", "Norland", "2", "CA", "20000"],
    ]

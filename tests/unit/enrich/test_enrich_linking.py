"""Places linked where it is sure which one is meant."""

from __future__ import annotations

import re

import pytest

from streams.enrich.countries import country_of_name
from streams.enrich.drafts import EntityDraft, Range
from streams.enrich.linking import Linker
from streams.enrich.places import country_place, places_called
from streams.enrich.tables import read_table

GEONAMES = "https://sws.geonames.org/{}/"
WIKIDATA = "http://www.wikidata.org/entity/{}"


def entity(text: str, name: str, type_: str = "place") -> EntityDraft:
    found = [(Range(*match.span()), "name") for match in re.finditer(re.escape(name), text)]
    assert found
    return EntityDraft(
        name=name,
        name_key=name.lower(),
        type=type_,  # type: ignore[arg-type]
        mentions=found,  # type: ignore[arg-type]
        country=country_of_name(name) if type_ == "place" else None,
    )


def linked(text: str, name: str, *others: str) -> str | None:
    """Link *name* in a text that names *others*, too."""
    entities = [entity(text, each) for each in (name, *others)]
    link = Linker(text, entities).link(entities[0])
    return link.uri if link else None


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("Ukraine", WIKIDATA.format("Q212")),
        ("U.S.", WIKIDATA.format("Q30")),
        ("North Korea", WIKIDATA.format("Q423")),
        ("Kosovo", WIKIDATA.format("Q1246")),
        ("Soviet Union", WIKIDATA.format("Q15180")),
        ("Tamil Nadu", WIKIDATA.format("Q1445")),
        ("Ohio", WIKIDATA.format("Q1397")),
        ("Fla.", WIKIDATA.format("Q812")),
        ("Scotland", WIKIDATA.format("Q22")),
        ("Europe", GEONAMES.format(6255148)),
        ("Moscow", GEONAMES.format(524901)),
        ("London", GEONAMES.format(2643743)),
        ("Kiev", GEONAMES.format(703448)),
        ("Sao Paulo", GEONAMES.format(3448439)),
        ("St. Petersburg", GEONAMES.format(498817)),
        ("New York City", GEONAMES.format(5128581)),
    ],
)
def test_a_name_that_means_one_place(name: str, uri: str) -> None:
    assert linked(f"They met in {name} today", name) == uri


@pytest.mark.parametrize(
    "name",
    [
        "Georgia",
        "Washington",
        "New York",
        "Victoria",
        "Quebec",
        "Birmingham",
        "Springfield",
        "Brent",
        "La",
        "Norland",
    ],
)
def test_a_name_that_means_several_places_or_none(name: str) -> None:
    assert linked(f"They met in {name} today", name) is None


@pytest.mark.parametrize(
    ("text", "name", "geoname"),
    [
        ("In Birmingham, Alabama, they met", "Birmingham", 4049979),
        ("In Birmingham, England, they met", "Birmingham", 2655603),
        ("In Portland, Ore., they met", "Portland", 5746545),
        ("In London, Ontario, they met", "London", 6058560),
        ("In Paris, Texas, they met", "Paris", 4717560),
        ("In Washington, D.C., they met", "Washington", 4140963),
        ("In Atlanta, Georgia, they met", "Atlanta", 4180439),
    ],
)
def test_what_stands_behind_a_name_says_which(text: str, name: str, geoname: int) -> None:
    assert linked(text, name) == GEONAMES.format(geoname)


def test_a_city_is_not_where_the_text_puts_it_elsewhere() -> None:
    assert linked("In Moscow, Alabama, they met", "Moscow") is None
    assert linked("In Buenos Aires province it rained", "Buenos Aires") is None
    assert linked("On the Gaza strip it rained", "Gaza") is None


def test_states_in_a_list_are_states() -> None:
    assert linked("In Ohio, Florida and Nevada they met", "Ohio") == WIKIDATA.format("Q1397")


def test_a_city_in_a_list_is_that_city() -> None:
    assert linked("In Houston, New York City and Boston they met", "Houston") == GEONAMES.format(4699066)


def test_a_state_in_the_text_says_which() -> None:
    text = "In Charleston they met miners of West Virginia"
    assert linked(text, "Charleston") is None
    assert linked(text, "Charleston", "West Virginia") == GEONAMES.format(4801859)


def test_only_places_are_linked() -> None:
    text = "Paris spoke"
    for type_ in ("person", "organisation", "event"):
        one = entity(text, "Paris", type_)
        assert Linker(text, [one]).link(one) is None


def test_every_link_says_by_what_and_how_sure() -> None:
    one = entity("In Moscow", "Moscow")
    link = Linker("In Moscow", [one]).link(one)
    assert link is not None
    assert (link.method, link.score) == ("city:name", 0.96)


def test_the_table_is_whole() -> None:
    rows = read_table("places")
    assert len(rows) > 7_000
    ids = [row["id"] for row in rows]
    assert len(set(ids)) == len(ids)
    for code in ("US", "GB", "CN", "TW", "PS", "VA"):
        place = country_place(code)
        assert place is not None
        assert place.country == code
    largest = [place.population for place in places_called("Birmingham")]
    assert largest == sorted(largest, reverse=True)
    assert len(largest) > 1

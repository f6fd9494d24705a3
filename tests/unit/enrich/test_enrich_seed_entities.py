"""The entities of the article that the project began with, where a stock model blunders: it takes Tamil Nadu for a
person, an office for an organisation and one of two "Ukrainian" for a place, passes over a surname and a ministry, and
makes two of what has two names.
"""

from __future__ import annotations

import re

import pytest

from schemas.enriched import EnrichedArticle
from schemas.entity import Entity
from streams.enrich.english import EnglishModel
from streams.enrich.enricher import Enricher
from tests.support.require import require_shared
from tests.unit.enrich.enrich_parts import assert_true, unique

pytestmark = pytest.mark.shared

COUNTRIES = {
    "China": ("CN", "Q148", "China|Chinese"),
    "India": ("IN", "Q668", "India|Indians?"),
    "North Korea": ("KP", "Q423", "North Korean"),
    "Russia": ("RU", "Q159", "Russia|Russian"),
    "Ukraine": ("UA", "Q212", "Ukraine|Ukrainian"),
}
"""Code, Wikidata item, and how the article writes them."""


@pytest.fixture(scope="module")
def event() -> EnrichedArticle:
    (path,) = require_shared("seed").glob("*.txt")
    article = unique(path.read_text("utf-8"), article={"title": None})
    (enriched,) = Enricher(EnglishModel.load()).enrich([article], [1])
    assert_true(enriched)
    return enriched


@pytest.fixture(scope="module")
def entities(event: EnrichedArticle) -> dict[str, Entity]:
    named = {entity.name: entity for entity in event.entities}
    assert len(named) == len(event.entities)
    return named


def forms(entity: Entity) -> set[str]:
    return {mention.exact for mention in entity.mentions}


def test_persons_are_people_with_all_that_they_are_called(entities: dict[str, Entity]) -> None:
    assert {name: forms(entity) for name, entity in entities.items() if entity.type == "person"} == {
        "Volodymyr Zelensky": {"Volodymyr Zelensky", "Zelensky"},
        "Andrii Sybiha": {"Andrii Sybiha", "Sybiha"},
        "Putin": {"Putin"},
        "Lin Jian": {"Lin Jian"},
        "John Kirby": {"John Kirby"},
    }
    assert entities["Volodymyr Zelensky"].count == 4
    assert entities["Andrii Sybiha"].count == 2


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Volodymyr Zelensky", "Ukrainian President"),
        ("Andrii Sybiha", "Foreign Minister"),
        ("Lin Jian", "Foreign Affairs Ministry spokesperson"),
        ("John Kirby", "White House spokesperson"),
    ],
)
def test_titles(entities: dict[str, Entity], name: str, title: str) -> None:
    (found,) = entities[name].titles
    assert found.endswith(title)


@pytest.mark.parametrize("name", COUNTRIES)
def test_countries_have_every_mention_of_theirs_and_their_peoples(
    event: EnrichedArticle, entities: dict[str, Entity], name: str
) -> None:
    code, item, written = COUNTRIES[name]
    country = entities[name]
    assert (country.type, country.country, country.name_key) == ("place", code, name.lower())
    assert country.link is not None
    assert country.link.uri == f"http://www.wikidata.org/entity/{item}"
    expected = {match.span() for match in re.finditer(rf"\b(?:{written})\b", event.text)}
    assert {(mention.start, mention.end) for mention in country.mentions} == expected
    for mention in country.mentions:
        assert mention.form == ("name" if mention.exact == name else "demonym")


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("Beijing", "https://sws.geonames.org/1816670/"),
        ("Moscow", "https://sws.geonames.org/524901/"),
        ("New Delhi", "https://sws.geonames.org/1261481/"),
        ("Tamil Nadu", "http://www.wikidata.org/entity/Q1445"),
        ("Europe", "https://sws.geonames.org/6255148/"),
    ],
)
def test_other_places(entities: dict[str, Entity], name: str, uri: str) -> None:
    assert entities[name].type == "place"
    link = entities[name].link
    assert link is not None
    assert link.uri == uri


def test_all_places_are_places(entities: dict[str, Entity]) -> None:
    places = {name for name, entity in entities.items() if entity.type == "place"}
    assert places == {*COUNTRIES, "Beijing", "Moscow", "New Delhi", "Tamil Nadu", "Europe"}


def test_organisations_and_their_acronyms(entities: dict[str, Entity]) -> None:
    organisations = {
        name: forms(entity) for name, entity in entities.items() if entity.type == "organisation"
    }
    assert organisations["Central Bureau of Investigation"] == {"Central Bureau of Investigation", "CBI"}
    assert {"Reuters", "CNN", "BBC News", "White House"} <= set(organisations)
    bureau = entities["Central Bureau of Investigation"].mentions
    assert [mention.form for mention in bureau] == ["name", "acronym"]


def test_no_office_and_nothing_left_over_is_an_entity(entities: dict[str, Entity]) -> None:
    for name in entities:
        assert "Minister" not in name
        assert name not in {"Affairs", "Foreign Affairs", "Foreign", "House", "White", "Ministry", "North"}
    for entity in entities.values():
        assert entity.link is None or entity.type == "place"

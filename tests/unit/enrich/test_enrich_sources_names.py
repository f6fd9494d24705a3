"""Names as sources: their kinds and forms, and what is nobody."""

from __future__ import annotations

import pytest

from schemas.vocabulary import CLOSED_LISTS
from streams.enrich.drafts import ClaimDraft, EntityDraft, LinkDraft, Range
from streams.enrich.sources import ResolvedSource, Resolver
from streams.enrich.tables import read_table
from tests.support.resolving import claim, entities, resolve


@pytest.mark.parametrize(
    ("source", "type_", "name", "role"),
    [
        ("Ada Quill", "named_person", "Ada Quill", None),
        ("Quill", "named_person", "Ada Quill", None),
        ("Prime Minister Ada Quill", "named_person", "Ada Quill", "Prime Minister"),
        ("Ada Quill, the head of the Roads Agency", "named_person", "Ada Quill", "head of the Roads Agency"),
        ("Mrs Quill", "named_person", "Ada Quill", None),
        ("the minister, Ada Quill", "named_person", "Ada Quill", "minister"),
        ("One of the three, Sen. Ada Quill", "named_person", "Ada Quill", "Sen."),
        (
            "a scientist hired by residents, Professor Ada Quill",
            "named_person",
            "Ada Quill",
            "scientist hired by residents",
        ),
        ("a scientist hired by residents, like Ada Quill", "other", None, None),
        ("the Roads Agency", "named_organisation", "Roads Agency", None),
        ("Beijing", "place_as_institution", "Beijing", None),
        ("the Evening Post", "media", "Evening Post", None),
        ("Roads Agency estimates", "document", "Roads Agency", None),
        ("the survey, carried out by the Roads Agency", "document", "Roads Agency", None),
        ("a report by the Roads Agency", "document", "Roads Agency", None),
        ("a letter from Ada Quill", "document", "Ada Quill", None),
        ("a motion by Ada Quill's lawyers", "document", None, None),
        ("Ada Quill's letter", "document", "Ada Quill", None),
        ("Ada Quill's predictions", "document", "Ada Quill", None),
        ("the letter to Ada Quill", "document", None, None),
        ("a spokesman for Ada Quill", "role", None, "spokesman for Ada Quill"),
        ("Roads Agency officials", "role", None, "Roads Agency officials"),
        ("a source close to Ada Quill", "anonymous", None, None),
        ("an official who asked for anonymity", "anonymous", None, None),
        ("the 45-year-old", "role", None, "45-year-old"),
        ("the government", "role", None, "government"),
        ("a company", "role", None, "company"),
        ("12%", "collective", None, "12%"),
        ("the circular", "document", None, None),
        ("the Roads Agency <RDS.N>", "named_organisation", "Roads Agency", None),
        ("residents", "collective", None, "residents"),
        ("they", "unresolved", None, None),
        ("I", "self", None, None),
        ("the weather", "other", None, None),
    ],
)
def test_kinds_of_sources(source: str, type_: str, name: str | None, role: str | None) -> None:
    found = resolve(f"{source} said so. Ada Quill stayed.", source)
    assert (found.type, found.name, found.role) == (type_, name, role)


def test_every_noun_of_the_table_has_a_kind_and_stands_once() -> None:
    rows = read_table("source_nouns")
    assert {row["type"] for row in rows} <= {*CLOSED_LISTS["SourceType"], "organisation"}
    nouns = [row["noun"] for row in rows]
    assert nouns == sorted(set(nouns))


def test_a_surname_has_its_full_name_as_antecedent() -> None:
    text = "Ada Quill spoke. Quill said so."
    found = resolve(text, "Quill said".removesuffix(" said"))
    assert found.antecedent == []
    (found,) = Resolver(text, entities(text)).resolve(claim(text, "Quill", after=10))
    assert found.antecedent == [Range(0, 9)]


@pytest.mark.parametrize(
    ("source", "type_", "name"),
    [
        ("the Sahel Oil Company", "named_organisation", "Sahel Oil Company"),
        ("Carson and Sons Ltd", "named_organisation", "Carson and Sons Ltd"),
        ("Mary Vane", "named_person", "Mary Vane"),
        ("Senate Democrats", "collective", None),
        ("Sahel officials", "role", None),
        ("Company", "role", None),
    ],
)
def test_what_has_the_form_of_a_name_is_one(source: str, type_: str, name: str | None) -> None:
    found = resolve(f"It rained. {source} said so.", source)
    assert (found.type, found.name) == (type_, name)


def test_nobody() -> None:
    (found,) = Resolver("“So.”", []).resolve(ClaimDraft(content=[Range(1, 4)], link=LinkDraft()))
    assert found == ResolvedSource(type="none")


@pytest.mark.parametrize(
    ("words", "name"),
    [("<Roads Agency>", "Roads Agency"), ("Roads Agency <RDS.N>, an office", "Roads Agency")],
)
def test_a_name_may_stand_in_brackets_or_before_a_ticker(words: str, name: str) -> None:
    assert resolve(f"It rained. {words} said so.", words).name == name


def test_initials_that_are_no_entity_stand_for_the_only_organisation_that_has_them() -> None:
    text = "The Road and Tunnel Union met. The RTU said so. The SSC left."
    union = EntityDraft(
        name="Road and Tunnel Union", name_key="", type="organisation", mentions=[(Range(4, 25), "name")]
    )
    resolver = Resolver(text, [union])
    assert resolver.resolve(claim(text, "The RTU"))[0].entity == 0
    (found,) = resolver.resolve(claim(text, "The SSC"))
    assert (found.name, found.type, found.how) == ("SSC", "named_organisation", "formed")

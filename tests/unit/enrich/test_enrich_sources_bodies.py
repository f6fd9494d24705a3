"""Organisations, papers, reports and groups that a source stands for."""

from __future__ import annotations

import msgspec
import pytest

from streams.enrich.drafts import EntityDraft, Range
from streams.enrich.sources import Resolver
from tests.support.resolving import all_names, claim, draft, entities, in_turn, resolve


def test_it_is_the_organisation_or_paper_that_spoke_last_or_else_was_named_last() -> None:
    text = "The Roads Agency said so. The Evening Post called. It added this."
    found = in_turn(text, "The Roads Agency", "It")
    assert (found.type, found.name, found.antecedent) == (
        "named_organisation",
        "Roads Agency",
        [Range(0, 16)],
    )
    assert in_turn(text, "It").name == "Evening Post"
    assert in_turn("A survey said so. It said more.", "A survey", "It").type == "document"
    assert in_turn("Ada Quill said so. It was said.", "Ada Quill", "It").type == "unresolved"


def test_the_company_is_the_organisation_that_spoke_or_was_named_last() -> None:
    text = "The Roads Agency said so.\nIt rained.\nIt snowed.\nThe company said more."
    found = in_turn(text, "The Roads Agency", "The company")
    assert (found.type, found.name, found.spans) == ("named_organisation", "Roads Agency", [Range(48, 59)])
    assert in_turn(text, "The company").name == "Roads Agency"
    assert in_turn("Ada Quill left. The company said so.", "The company").type == "role"


def test_the_first_words_of_an_organisation_s_name_are_its_name() -> None:
    text = "Sahel Oil Graphics Corp grew. Sahel Oil Graphics said so."
    whole = EntityDraft(
        name="Sahel Oil Graphics Corp",
        name_key="",
        type="organisation",
        mentions=[(Range(0, 23), "name")],
    )
    (found,) = Resolver(text, [whole]).resolve(claim(text, "Sahel Oil Graphics", after=24))
    assert (found.name, found.entity, found.antecedent) == (whole.name, 0, [Range(0, 23)])
    twin = msgspec.structs.replace(whole, name="Sahel Oil Graphics Ltd")
    (found,) = Resolver(text, [whole, twin]).resolve(claim(text, "Sahel Oil Graphics", after=24))
    assert found.entity is None


def test_the_company_is_no_document_and_nobody_who_spoke_in_its_words() -> None:
    text = (
        "The Roads Agency said the Evening Post denied it. A survey found more. The company agreed. It left."
    )
    said = draft(text, "the Evening Post denied it", "said", "The Roads Agency")
    inner = draft(text, "it.", "denied", "the Evening Post")
    survey = draft(text, "more", "found", "A survey")
    company = draft(text, "agreed.", "agreed", "The company")
    it = draft(text, "left.", "left", "It")
    names = all_names(text, said, inner, survey, company, it)
    assert names == ["Roads Agency", "Evening Post", None, "Roads Agency", "Roads Agency"]


def test_its_report_is_of_who_spoke_last() -> None:
    text = "The Roads Agency slept. Ada Quill left. Its report shows rain. Her letter says more."
    found = in_turn(text, "The Roads Agency", "Its report")
    assert (found.type, found.name, found.spans) == ("document", "Roads Agency", [Range(40, 50)])
    assert in_turn(text, "Ada Quill", "Her letter").name == "Ada Quill"
    assert resolve("It rained. Its report shows more.", "Its report").name is None


def test_the_paper_is_who_published_last_and_the_agency_the_one_so_called() -> None:
    text = "The Evening Post wrote. The Roads Agency and Vy Marl Ltd spoke. The newspaper said more."
    people = entities(text)
    vy = EntityDraft(name="Vy Marl Ltd", name_key="", type="organisation", mentions=[(Range(45, 56), "name")])
    resolver = Resolver(text, [*people, vy])
    assert resolver.resolve(claim(text, "Vy Marl Ltd"))[0].name == "Vy Marl Ltd"
    assert resolver.resolve(claim(text, "The newspaper"))[0].name == "Evening Post"
    text = text.replace("The newspaper", "The agency   ")
    resolver = Resolver(text, [*people, vy])
    resolver.resolve(claim(text, "Vy Marl Ltd"))
    assert resolver.resolve(claim(text, "The agency"))[0].name == "Roads Agency"
    assert resolve("Ada Quill left. The broadcaster said so.", "The broadcaster").type == "role"


def test_the_report_is_the_last_one_so_called_that_somebody_made() -> None:
    text = (
        "Ada Quill's report said so. A letter by Bo Reed said more. The report was long. The survey was not."
    )
    sources = ("Ada Quill's report", "A letter by Bo Reed", "The report")
    found = in_turn(text, *sources)
    assert (found.type, found.name, found.antecedent) == ("document", "Ada Quill", [Range(0, 18)])
    assert in_turn(text, *sources, "The survey").name is None


def test_the_union_is_no_company() -> None:
    text = "The Road Workers union met Vy Marl Ltd. Vy Marl Ltd said so. The union agreed."
    workers = EntityDraft(
        name="Road Workers", name_key="", type="organisation", mentions=[(Range(4, 16), "name")]
    )
    marl = EntityDraft(
        name="Vy Marl Ltd",
        name_key="",
        type="organisation",
        mentions=[(Range(27, 38), "name"), (Range(40, 51), "name")],
    )
    resolver = Resolver(text, [workers, marl])
    resolver.resolve(claim(text, "Vy Marl Ltd", 40))
    assert resolver.resolve(claim(text, "The union", 50))[0].name == "Road Workers"
    silent = text.replace("The Road Workers union", "The Road Workers group")
    resolver = Resolver(silent, [marl])
    resolver.resolve(claim(silent, "Vy Marl Ltd", 40))
    assert resolver.resolve(claim(silent, "The union", 50))[0].type == "role"


@pytest.mark.parametrize(
    ("text", "source", "type_", "name"),
    [
        ("The Roads Agency said so. The group left.", "The group", "named_organisation", "Roads Agency"),
        ("It rained. The group left.", "The group", "collective", None),
        ("The Roads Agency said so. The statement went on.", "The statement", "document", "Roads Agency"),
        ("The Roads Agency said so. The circular went on.", "The circular", "document", None),
    ],
)
def test_a_group_or_statement_is_of_the_organisation_that_spoke_last(
    text: str, source: str, type_: str, name: str | None
) -> None:
    resolver = Resolver(text, entities(text))
    resolver.resolve(claim(text, text.partition(".")[0].removesuffix(" said so")))
    (found,) = resolver.resolve(claim(text, source))
    assert (found.type, found.name) == (type_, name)


@pytest.mark.parametrize(
    ("before", "source", "name"),
    [
        ("The Roads Agency met. ", "The agency", "Roads Agency"),
        ("The Roads Agency met. ", "The bridge", None),
        ("The Roads Agency met. The Evening Post was there. ", "The post", None),
        ("", "Some senior Roads Agency", None),
        ("", "Workers within the Roads Agency", None),
        ("", "The five unions which met Ada Quill", None),
    ],
)
def test_a_body_is_meant_by_a_word_of_its_name_and_not_by_who_is_of_it(
    before: str, source: str, name: str | None
) -> None:
    assert resolve(f"{before}{source} said so.", source).name == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The Roads Agency sued the Evening Post. It said so.", "Roads Agency"),
        ("Today the U.S. Roads Agency sued the Evening Post, and it said so.", "Roads Agency"),
        ("On Monday, the Roads Agency sued the Evening Post. It said so.", "Roads Agency"),
        (
            "Last week, whatever it was, Bo Reed of the Roads Agency sued the Evening Post. It said so.",
            "Evening Post",
        ),
    ],
)
def test_it_is_what_the_sentence_is_about_where_nothing_has_spoken(text: str, name: str) -> None:
    (found,) = Resolver(text, entities(text)).resolve(
        claim(text, "It" if "It" in text else "it", text.index("sued"))
    )
    assert found.name == name


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("The Roads Agency party", "Roads Agency"),
        ("The Roads Agency TV network", "Roads Agency"),
        ("The Beijing network", "Evening Post"),
        ("The institute", "Evening Post"),
        ("The weather institute", None),
        ("The state builders' association", None),
        ("The weather firm", "Evening Post"),
    ],
)
def test_what_is_told_apart_by_a_word_is_not_what_was_named_last(source: str, name: str | None) -> None:
    text = f"In Beijing the Roads Agency called the Evening Post. {source} said so."
    (found,) = Resolver(text, entities(text)).resolve(claim(text, source))
    assert found.name == name

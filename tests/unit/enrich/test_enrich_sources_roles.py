"""Roles, joint speakers and relatives: who bears what a source says."""

from __future__ import annotations

import pytest

from streams.enrich.named_sources import without_article
from streams.enrich.sources import Resolver
from tests.support.resolving import claim, draft, entities, in_turn, resolve


@pytest.mark.parametrize(
    ("before", "source", "name"),
    [
        ("Ada Quill, the mayor of Norland, slept. ", "The mayor", "Ada Quill"),
        ("Mayor Ada Quill slept. Bo Reed did not. ", "The mayor", "Ada Quill"),
        ("The mayor, Ada Quill, slept. ", "The mayor", "Ada Quill"),
        ("The mayor, Dr Ada Quill, slept. Bo Reed did not. ", "The mayor", "Ada Quill"),
        ("Norland mayor Sen. Ada Quill slept. Bo Reed did not. ", "The mayor", "Ada Quill"),
        ("Mayor Ada Quill met Bo Reed, mayor of Southport. ", "The mayor", None),
        ("Ada Quill, 45, met Bo Reed, 52. ", "The 45-year-old", "Ada Quill"),
        ("Ada Quill met 52-year-old Bo Reed. ", "The 52-year-old", "Bo Reed"),
        ("Ada Quill slept. ", "The 45-year-old", "Ada Quill"),
        ("Ada Quill, 52, slept. ", "The 45-year-old", None),
        ("Bo Reed met Ada Quill, 52. ", "The 45-year-old", "Bo Reed"),
        ("Mayor Ada Quill slept. ", "A mayor", None),
        ("Deputy Mayor Ada Quill slept. ", "The mayor", None),
        ("Ada Quill, the former mayor of Norland, slept. ", "The mayor", None),
        ("Mayor Ada Quill slept. ", "The striker", None),
    ],
)
def test_a_role_is_who_bears_it_in_the_document(before: str, source: str, name: str | None) -> None:
    text = f"{before}{source} said so."
    (found,) = Resolver(text, entities(text)).resolve(claim(text, source, len(before)))
    assert found.name == name
    assert found.type == ("named_person" if name else "role")
    assert [text[slice(*at)] for at in found.antecedent] == ([name] if name else [])


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("Ada Quill and Bo Reed", ["Ada Quill", "Bo Reed"]),
        ("the Roads Agency and Ada Quill, the mayor of Norland,", ["Roads Agency", "Ada Quill"]),
        ("Ada Quill, Bo Reed and the Evening Post", ["Ada Quill", "Bo Reed", "Evening Post"]),
        ("the son of Ada Quill and Bo Reed", [None]),
        ("Ada Quill and others", [None]),
        ("Ada Quill, the mayor", ["Ada Quill"]),
        ("Ada Quill, director for the west of Norland and Beijing", ["Ada Quill"]),
        ("Ada Quill, mayor of Norland, and Bo Reed", ["Ada Quill", "Bo Reed"]),
        ("Ada Quill, head of the fund, Roads Agency", ["Ada Quill"]),
    ],
)
def test_who_speaks_jointly_is_parted(source: str, names: list[str | None]) -> None:
    text = f"{source} said so. Ada Quill and Bo Reed stayed."
    assert [one.name for one in Resolver(text, entities(text)).resolve(claim(text, source))] == names


def test_one_source_of_several_statements_is_the_same_each_time() -> None:
    text = "The Roads Agency slept. It said that it rained near the Evening Post and that it poured."
    resolver = Resolver(text, entities(text))
    assert [resolver.resolve(claim(text, "It"))[0].name for _ in range(2)] == ["Roads Agency"] * 2
    resolver.resolve(claim(text, "Evening Post"))
    assert resolver.resolve(claim(text, "It"))[0].name == "Roads Agency"


def test_a_comma_before_a_source_puts_nothing_beside_its_head() -> None:
    text = "It rained, Roads Agency chairwoman Ada Quill said."
    assert resolve(text, "Roads Agency chairwoman Ada Quill").name == "Ada Quill"


@pytest.mark.parametrize(
    ("source", "type_", "name"),
    [
        ("the minister for rural roads Ada Quill", "named_person", "Ada Quill"),
        ("a spokesman for minister Ada Quill", "role", None),
        ("the leader of the aunts of Ada Quill", "role", None),
        ("the head of the fund Ada Quill, like Bo Reed", "named_person", "Ada Quill"),
        ("the head of the fund, like Ada Quill", "role", None),
        ("Ada Quill MP", "named_person", "Ada Quill"),
        ("Ada Quill (D-Ohio) chairwoman of the fund", "named_person", "Ada Quill"),
        ("Roads Agency (RDS.N) chairwoman Ada Quill", "named_person", "Ada Quill"),
        ("the Evening Post newspaper", "media", "Evening Post"),
        ("the Roads Agency's", "named_organisation", "Roads Agency"),
        ("He (Quill)", "named_person", "Ada Quill"),
        ("all members except Ada Quill", "collective", None),
        ("Sahel Pirie Scott and Co", "named_organisation", "Sahel Pirie Scott and Co"),
        ("the Sahel Reporting Initiative, an office", "named_organisation", "Sahel Reporting Initiative"),
        ("Mr Vane", "named_person", "Vane"),
    ],
)
def test_a_name_may_have_a_title_with_of_and_something_behind_it(
    source: str, type_: str, name: str | None
) -> None:
    found = resolve(f"It rained. {source} said so. Ada Quill stayed.", source)
    assert (found.type, found.name) == (type_, name)


@pytest.mark.parametrize(
    ("text", "sources", "name"),
    [
        ("Ada Quill said so. The analyst was glad.", ["Ada Quill", "The analyst"], "Ada Quill"),
        ("Ada Quill said so. The official was glad.", ["Ada Quill", "The official"], None),
        ("Ada Quill left. The analyst was glad.", ["The analyst"], "Ada Quill"),
        ("Ada Quill met Bo Reed. The analyst was glad.", ["The analyst"], None),
        ("Bo Reed left. It rained. Ada Quill wept. The youngster was glad.", ["The youngster"], "Ada Quill"),
        ("Manager Ada Quill left. The defender was glad.", ["The defender"], None),
        ("Ada Quill left. The Italian was glad.", ["The Italian"], "Ada Quill"),
        ("Ada Quill met Bo Reed. The Italian was glad.", ["The Italian"], None),
        ("Ada Quill said so to Bo Reed. The analyst was glad.", ["Ada Quill", "The analyst"], None),
        ("Ada Quill said so. The analyst at the fund left.", ["Ada Quill", "The analyst at the fund"], None),
    ],
)
def test_a_role_that_nobody_is_said_to_bear_is_who_alone_was_named_and_spoke(
    text: str, sources: list[str], name: str | None
) -> None:
    assert in_turn(text, *sources).name == name


def test_who_says_that_the_engineer_said_so_is_not_the_engineer() -> None:
    text = "Ada Quill said the engineer warned that it would fall."
    outer = draft(text, "the engineer warned that it would fall", "said", "Ada Quill")
    inner = draft(text, "it would fall", "warned", "the engineer")
    (who,), (engineer,) = Resolver(text, entities(text), [outer, inner]).resolve_all()
    assert (who.name, engineer.name, engineer.type) == ("Ada Quill", None, "role")


def test_who_is_told_is_not_who_tells() -> None:
    text = "Ada Quill slept. The engineer told her that it would fall."
    (engineer,) = Resolver(
        text, entities(text), [draft(text, "it would fall", "told", "The engineer")]
    ).resolve_all()[0]
    assert (engineer.name, engineer.type) == (None, "role")


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("Ada Quill's aide", "Bo Reed"),
        ("Ada Quill's accountant", None),
        ("an aide", None),
    ],
)
def test_somebody_s_aide_is_the_only_one_so_called(source: str, name: str | None) -> None:
    assert resolve(f"{source} said so. Her aide Bo Reed stayed.", source).name == name


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("The former mayor", "Ada Quill"),
        ("The mayor", None),
    ],
)
def test_who_was_something_is_that_no_more(source: str, name: str | None) -> None:
    assert resolve(f"Ada Quill, the former mayor of Norland, slept. {source} wept.", source).name == name


def test_the_governor_of_a_bank_is_who_is_named() -> None:
    text = "Bank of Norland governor Ada Quill said so. Friend of minister Bo Reed left."
    assert resolve(text, "Bank of Norland governor Ada Quill").name == "Ada Quill"
    assert resolve(text, "Friend of minister Bo Reed").name is None


def test_a_role_loses_the_article_that_it_begins_with_and_nothing_else() -> None:
    assert [without_article(words) for words in ("the mayor", "Labour group leader", "head of the fund")] == [
        "mayor",
        "Labour group leader",
        "head of the fund",
    ]

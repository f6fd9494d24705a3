"""Titles before names, and peoples."""

from __future__ import annotations

import pytest

from streams.enrich.drafts import Range
from streams.enrich.peoples import find_peoples
from streams.enrich.titles import title_before


@pytest.mark.parametrize(
    ("before", "title"),
    [
        ("On Monday Foreign Minister ", "Foreign Minister"),
        ("Ukrainian President ", "Ukrainian President"),
        ("He met White House spokesperson ", "White House spokesperson"),
        ("It was former chief executive ", "former chief executive"),
        ("Yesterday Mr ", "Mr"),
        ("Yesterday Sen. ", "Sen."),
        ("He met the home secretary. ", None),
        ("Speaking in California Mr ", "Mr"),
        ("The club's manager ", "manager"),
        ("Yesterday Mayor ", "Mayor"),
        ("They saw ", None),
        ("The mayor, ", None),
        ("", None),
        ("It was closed. Manager ", "Manager"),
    ],
)
def test_the_title_before_a_name(before: str, title: str | None) -> None:
    text = f"{before}Ada Quill"
    starts = {0, *(at + 2 for at in [before.find(". ")] if at > 0)}
    assert title_before(text, len(before), starts, []) == ((title,) if title else ())


def test_a_capital_that_opens_a_sentence_counts_where_it_is_a_name() -> None:
    text = "Norland captain Ada Quill"
    assert title_before(text, 16, {0}, []) == ("captain",)
    assert title_before(text, 16, {0}, [Range(0, 7)]) == ("Norland captain",)


def test_peoples_with_a_capital() -> None:
    text = "The Ukrainians met Saudi and Costa Rican envoys, not Germany's; polish your French."
    assert [text[slice(*at)] for at in find_peoples(text)] == ["Ukrainians", "Saudi", "Costa Rican", "French"]


def test_somebody_called_after_a_people_is_none() -> None:
    text = "Mr Irish met the Irish and Dr English."
    assert [slice(*at) for at in find_peoples(text)] == [slice(17, 22)]


def test_money_and_other_peoples_are_none() -> None:
    text = "Native Americans and African-American voters paid 11 Canadian dlrs to Latin American and West German firms."
    assert [text[slice(*at)] for at in find_peoples(text)] == ["Latin American", "West German"]


@pytest.mark.parametrize(
    "text",
    [
        "Pole position went to Ode.",
        "Polish your shoes.",
        "A Great Dane barked.",
        "She reached the South Pole.",
        "Pole vaulter Ode won.",
    ],
)
def test_words_that_only_look_like_a_people_are_none(text: str) -> None:
    assert find_peoples(text) == []


def test_poles_and_danes_are_peoples() -> None:
    text = "A Pole met a Dane. Polish farmers left. Poles voted."
    assert [text[slice(*at)] for at in find_peoples(text)] == ["Pole", "Dane", "Polish", "Poles"]

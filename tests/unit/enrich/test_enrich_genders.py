"""Of which gender a person seems to be."""

from __future__ import annotations

import pytest

from streams.enrich.genders import gender_of, gender_of_noun


@pytest.mark.parametrize(
    ("name", "titles", "gender"),
    [
        ("Quill", ["Mrs"], "f"),
        ("Quill", ["spokeswoman"], "f"),
        ("Quill", ["Mr"], "m"),
        ("Quill", ["chairman"], None),
        ("Quill", ["German Chancellor"], None),
        ("Quill", ["Mr", "Mrs"], None),
        ("Mary Quill", [], "f"),
        ("Robert Quill", [], "m"),
        ("Robert", [], None),
        ("Xq Quill", [], None),
        ("Robert Quill", ["Dame"], None),
        ("Mary Quill", ["Mr"], None),
        ("Quill", ["President", "Mrs"], None),
        ("Mary Quill", ["President", "Mrs"], "f"),
    ],
)
def test_titles_and_first_names(name: str, titles: list[str], gender: str | None) -> None:
    assert gender_of(name, titles) == gender


@pytest.mark.parametrize(
    ("noun", "gender"),
    [("mother", "f"), ("spokeswoman", "f"), ("husband", "m"), ("dealer", None), ("chairman", None)],
)
def test_nouns(noun: str, gender: str | None) -> None:
    assert gender_of_noun(noun) == gender

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.base import LanguageTag
from streams.normalize.language import language_of, normal_tag
from tests.unit.normalize.normalize_parts import TEXT

GERMAN = (
    "Der Hafen von Ostmund bleibt bis Mitte März geschlossen, teilte die Behörde am Montag mit. Taucher hatten "
    "festgestellt, dass sich zwei der sechs Kaimauern während des Sturms um fast einen Meter verschoben hatten."
)


@pytest.mark.parametrize(
    ("declared", "tag"),
    [
        ("en", "en"),
        ("EN_us", "en-US"),
        ("zh-hant-tw", "zh-Hant-TW"),
        (" de ", "de"),
        ("iw", "he"),
        ("english", None),
        ("", None),
        ("x", None),
        ("en;q=0.9", None),
        (None, None),
    ],
)
def test_declared_tags(declared, tag):
    assert normal_tag(declared) == tag


def test_a_long_text_is_detected_whatever_is_declared():
    for text, tag in ((TEXT, "en"), (GERMAN, "de")):
        found = language_of(text, (("fr", "page"),))
        assert (found.tag, found.from_) == (tag, "detected")
        assert found.confidence is not None
        assert found.confidence > 0.9


def test_a_short_text_is_what_is_declared_nearest_to_it():
    assert language_of("Goal!", ((None, "page"), ("not a tag", "feed"), ("pt-br", "source"))) == LanguageTag(
        tag="pt-BR", from_="source"
    )


def test_a_text_that_nobody_can_tell():
    table = "\n".join(f"{n}.{n} {n * 7}" for n in range(60))
    assert language_of(table, ()) == LanguageTag()
    assert language_of(table, (("sv", "feed"),)) == LanguageTag(tag="sv", from_="feed")
    assert language_of("", ()) == LanguageTag()


def test_a_short_text_without_a_declaration_is_detected():
    found = language_of("The harbour stays closed after the storm, they said.", ())
    assert (found.tag, found.from_) == ("en", "detected")


@given(st.text(), st.text(max_size=12))
def test_no_text_raises(text, declared):
    found = language_of(text, ((declared, "page"),))
    assert (found.tag is None) == (found.from_ is None)

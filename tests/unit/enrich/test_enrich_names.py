from __future__ import annotations

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.enrich.acronyms import defined_acronyms, looks_like_acronym
from streams.enrich.countries import (
    country_key,
    country_name,
    country_of_demonym,
    country_of_name,
    region_of_demonym,
)
from streams.enrich.drafts import Range
from streams.enrich.names import acronyms_of, misspelt, name_key, name_words, trimmed
from streams.enrich.repeats import find_repeats, lowered_words


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        ("the Norland Roads Agency", "Norland Roads Agency"),
        ("Quill’s", "Quill"),
        ("Quill's ", "Quill"),
        ("“Quill", "Quill"),
        ("Kitts and", "Kitts"),
        ("U.S.", "U.S."),
        ("Acme Corp.", "Acme Corp."),
        ("Quill.", "Quill"),
        ("Calif.", "Calif."),
        ("Moody's", "Moody's"),
        ("ACME INC.", "ACME INC."),
        ("Quill\nThe next", "Quill"),
        ("\nQuill", "Quill"),
        ("...", ""),
        ("the", "the"),
    ],
)
def test_trimmed(found: str, kept: str) -> None:
    at = trimmed(found, Range(0, len(found)))
    assert found[at.start : at.end] == kept


@given(st.text(alphabet="Ab .,’'\n“”the", max_size=40))
def test_trimming_stays_inside(text: str) -> None:
    at = trimmed(text, Range(0, len(text)))
    assert 0 <= at.start <= at.end <= len(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Acme Corp.", "acme"),
        ("José Ramírez", "Jose Ramirez"),
        ("George W. Rusk", "George W Rusk"),
        ("Acme  Corporation", "Acme"),
        ("N.R.A.", "NRA"),
    ],
)
def test_spellings_share_a_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_words_and_initials() -> None:
    assert name_words("the O’Neill-Rusk's") == ("oneill", "rusk")
    assert acronyms_of("Central Bureau of Investigation") == {"CBI", "CBOI"}
    assert acronyms_of("Department of Justice") == {"DJ", "DOJ"}
    assert acronyms_of("Norland Road Lines Inc") == {"NRLI", "NRL"}
    assert acronyms_of("Reuters") == frozenset()
    assert looks_like_acronym("U.S.")
    assert not looks_like_acronym("Nato")


@pytest.mark.parametrize(
    ("surname", "others", "meant"),
    [
        ("davenprot", ["davenport"], None),
        ("daveport", ["davenport", "quill"], "davenport"),
        ("vangarlem", ["vongarlem"], "vongarlem"),
        ("davenpport", ["davenport"], "davenport"),
        ("davenports", ["davenport"], None),
        ("dovenpert", ["davenport"], None),
        ("anderson", ["andersen", "andersan"], None),
        ("reagan", ["regan"], None),
    ],
)
def test_a_surname_may_be_another_misspelt(surname: str, others: list[str], meant: str | None) -> None:
    assert misspelt(surname, others) == meant


def test_defined_acronyms() -> None:
    text = "It told the Norland Roads Agency (NRA), and Bo Reed (25), of the Bank of Norland (BoN) (UN)."
    found = [
        (text[d.expansion.start : d.expansion.end], text[d.acronym.start : d.acronym.end])
        for d in defined_acronyms(text)
    ]
    assert found == [("Norland Roads Agency", "NRA"), ("Bank of Norland", "BoN")]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("US", "US"),
        ("us", None),
        ("the United States", "US"),
        ("U.S.", "US"),
        ("Britain", "GB"),
        ("Russia", "RU"),
        ("South Korea", "KR"),
        ("S Korea", "KR"),
        ("Georgia", None),
        ("Norland", None),
    ],
)
def test_countries(name: str, code: str | None) -> None:
    assert country_of_name(name) == code


def test_demonyms() -> None:
    assert country_of_demonym("Ukrainians") == "UA"
    assert country_of_demonym("North Korean") == "KP"
    assert country_of_demonym("Martian") is None
    assert region_of_demonym("Europeans") == "Europe"
    assert region_of_demonym("Ukrainian") is None
    assert [country_name(code) for code in ("KP", "RU", "GB", "SY")] == [
        "North Korea",
        "Russia",
        "United Kingdom",
        "Syria",
    ]


def test_every_country_has_a_key_of_its_own() -> None:
    codes = [country.alpha_2 for country in pycountry.countries]
    keys = [country_key(code) for code in codes]
    assert len(set(keys)) == len(codes)
    assert all(key and key == key.casefold() and "," not in key for key in keys)


def test_repeats_are_whole_words_outside_what_is_taken() -> None:
    text = "Quill met Quillon. Ada Quill’s sister\nMay Quill may go; Quill-Reed and Quill Bank did not. Ada\nQuill did."
    forms = {"Quill": 0, "Ada Quill": 0, "May": 1}
    found = list(find_repeats(text, forms, [Range(0, 5)], lowered_words(text)))
    assert [text[at.start : at.end] for at, _ in found] == ["Ada Quill", "Ada\nQuill"]
    assert [number for _, number in found] == [0, 0]


def test_a_text_may_end_in_the_begin_of_a_longer_name() -> None:
    text = "A park is to be laid out at Rostam"
    assert list(find_repeats(text, {"Rostam": 0, "Rostam Inver": 1})) == [(Range(28, len(text)), 0)]


@given(st.text(alphabet="AB ab.-\n", max_size=80), st.sets(st.sampled_from(["A", "AB", "A B", "Ab b", "B"])))
def test_repeats_are_what_they_say(text: str, forms: set[str]) -> None:
    numbers = {form: number for number, form in enumerate(sorted(forms))}
    end = 0
    for at, number in find_repeats(text, numbers):
        assert numbers[text[at.start : at.end].replace("\n", " ")] == number
        assert end <= at.start < at.end <= len(text)
        end = at.end

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.fingerprints.facts import names, negations_and_spelled, numbers, numeral_value
from streams.fingerprints.words import split_words


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("1,000", ["1000"]),
        ("1000", ["1000"]),
        ("1,000,000.50", ["1000000.5"]),
        ("12,34,567", ["1234567"]),
        ("5.0", ["5"]),
        ("5.00", ["5"]),
        ("3,5", ["3.5"]),
        ("0,5", ["0.5"]),
        ("0.50", ["0.5"]),
        ("1.000.000", ["1000000"]),
        ("1.000.000,5", ["1000000.5"]),
        ("007", ["7"]),
        ("000", ["0"]),
        ("10.0.0.1", ["10", "0", "0", "1"]),
        ("1,2,3", ["1", "2", "3"]),
        ("24.11.2026", ["24", "11", "2026"]),
        ("1,000.000.5", ["1", "0", "0", "5"]),
        ("٣٤", ["34"]),
        ("9" * 100, ["9" * 40]),
        ("0" * 100, ["0"]),
        (",".join(map(str, range(1, 30))), [str(n) for n in range(1, 30)]),
    ],
)
def test_numerals_are_compared_by_value(printed, expected):
    assert numeral_value(printed) == expected


@given(st.text("0123456789.,", min_size=1).filter(lambda s: s[0].isdigit() and s[-1].isdigit()))
def test_any_digits_have_a_value(printed):
    if ".." in printed or ",," in printed or ".," in printed or ",." in printed:
        return
    for value in numeral_value(printed):
        assert numeral_value(value) == [value]


@given(st.integers(0, 10**15))
def test_a_thousands_separator_changes_no_number(number):
    assert numbers(f"some {number:,} people") == numbers(f"some {number} people") == {str(number)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It cost $1.2 million, or 1,200,000.", {"1200000"}),
        ("It cost 1.25 Billion and 3 bn.", {"1250000000", "3000000000"}),
        ("a 2-million deal, 5 hundred of them", {"2000000", "500"}),
        ("wrapped 7\n  million", {"7000000"}),
        ("F16s met at the G20 on 24/11/2026 at 09:30.", {"16", "20", "24", "11", "2026", "9", "30"}),
        ("5 millionaires", {"5"}),
        ("no digits", set()),
    ],
)
def test_numbers_in_digits(text, expected):
    assert numbers(text) == expected


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("two men and twelve women", {"2", "12"}),
        ("twenty-five of ninety", {"25", "90"}),
        ("two hundred thousand", {"200000"}),
        ("a million, one billion", {"1000000", "1000000000"}),
        ("a dozen", {"12"}),
        ("one of them said millions", set()),
        ("5 million", set()),
        ("hundred", set()),
    ],
)
def test_numbers_in_words(text, spelled):
    assert negations_and_spelled(split_words(text).folded)[1] == spelled


@pytest.mark.parametrize(
    ("text", "negations"),
    [
        ("He did not go and never came.", ["not go", "never came"]),
        ("He didn't go.", ["not go"]),
        ("He didn’t go.", ["not go"]),
        ("They cannot say no", ["not say", "no"]),
        ("Mr T spoke of the T junction", []),
        ("Das ist nicht wahr", ["nicht wahr"]),
    ],
)
def test_negations_carry_the_word_after(text, negations):
    assert negations_and_spelled(split_words(text).folded)[0] == negations


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Police in Lagos met Ada Obi. They left on Tuesday.", {"Lagos", "Ada", "Obi", "Tuesday"}),
        ('She told Reuters: "We met Tom."', {"Reuters", "Tom"}),
        ("She told Reuters: “We met Tom.”", {"Reuters", "Tom"}),
        ("She told Reuters: 'We met Tom.'", {"Reuters", "Tom"}),
        ("met O'Neill and O’Brien", {"O", "Neill", "Brien"}),
        ("A heading on Peace\nThe talks", {"Peace"}),
        ("meeting with Élodie in Zürich, Ωmega", {"Élodie", "Zürich", "Ωmega"}),
        ("iPhone maker Apple—Samsung", {"Apple", "Samsung"}),
        ("", set()),
    ],
)
def test_names_are_capitalised_words_that_open_no_sentence(text, expected):
    assert names(split_words(text)) == expected

"""Names as the recogniser marks them, set right at their ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.enrich.drafts import Label, Range
from streams.enrich.mending import mended


def mend(marked: str, label: Label) -> str | None:
    """Mend the name that stands in brackets."""
    before, _, rest = marked.partition("[")
    name, _, after = rest.partition("]")
    text = before + name + after
    at = mended(text, Range(len(before), len(before) + len(name)), label)
    return None if at is None else text[at.start : at.end]


@pytest.mark.parametrize(
    ("marked", "label", "name"),
    [
        ("the U.[S. Navy] left", "organisation", "U.S. Navy"),
        ("the [U.S]. Firm", "place", "U.S."),
        ("chairman [Li Ka]-shing said", "person", "Li Ka-shing"),
        ("chairman [Li Ka-]shing said", "person", "Li Ka-shing"),
        ("the [New York]-based firm", "place", "New York"),
        ("in [west London] today", "place", "London"),
        ("[West] German firms", "place", "West German"),
        ("[South] Korean troops", "place", "South Korean"),
        ("11 [U.S.] dlrs a share", "place", None),
        ("a prize of [US]$100", "place", None),
        ("Senator Patrick Leahy ([D]-Vt.)", "organisation", None),
        ("of Union Carbide <[UK]>.", "place", None),
        ("plan to buy <[Fairchild Semiconductor]>", "organisation", "Fairchild Semiconductor"),
        ("police Gen. [Maj]. Anatoly Ponidelko", "person", None),
        ("When [King] was shot", "person", "King"),
    ],
)
def test_ends_of_names(marked: str, label: Label, name: str | None) -> None:
    assert mend(marked, label) == name


@pytest.mark.parametrize(
    ("marked", "name"),
    [
        ("[Foreign Affairs] Ministry spokesperson Lin Jian", "Foreign Affairs Ministry"),
        ("the [Finance] and Economy Ministry said", "Finance and Economy Ministry"),
        ("the Minister of [Foreign Affairs] of Ukraine", None),
        ("the Ministry of [Foreign Affairs] of Ukraine", "Ministry of Foreign Affairs"),
        ("the [Agriculture] Secretary", None),
        ("the [Agriculture] Department", "Agriculture Department"),
        ("the [Treasury] said", "Treasury"),
        ("the [House of] Lords speaker", "House of Lords"),
        (
            "the [Andy Warhol Foundation for] the Visual Arts made",
            "Andy Warhol Foundation for the Visual Arts",
        ),
        ("the [Museum] of Flight in Seattle", "Museum of Flight"),
        ("the White [House] of old", "House"),
        ("Foreign [Affairs] as such", None),
        ("of Acme [Corp] and", None),
        ("of [Acme Corp] and", "Acme Corp"),
        ("the [libertarian Cato Institute] said", "Cato Institute"),
        ("the [al Hadath] said", "al Hadath"),
    ],
)
def test_bodies_and_offices(marked: str, name: str | None) -> None:
    assert mend(marked, "organisation") == name


@given(
    st.text(alphabet="AUS.- of<>$\nabHouse", min_size=1, max_size=40),
    st.integers(0, 39),
    st.integers(1, 39),
    st.sampled_from(["person", "organisation", "place", "group", "event"]),
)
def test_what_is_mended_is_a_piece_of_the_text(text: str, start: int, size: int, label: Label) -> None:
    start = min(start, len(text) - 1)
    at = mended(text, Range(start, min(start + size, len(text))), label)
    assert at is None or 0 <= at.start < at.end <= len(text)

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.enrich.drafts import EntityDraft, MentionDraft, Range
from streams.enrich.merge import merge


def merged(marked: str) -> tuple[str, list[EntityDraft]]:
    """Merge the mentions of a text in which each is written as [label:words]."""
    text = ""
    mentions: list[MentionDraft] = []
    rest = marked
    while "[" in rest:
        before, _, rest = rest.partition("[")
        inside, _, rest = rest.partition("]")
        label, _, words = inside.partition(":")
        text += before
        mentions.append(MentionDraft(Range(len(text), len(text) + len(words)), label))  # type: ignore[arg-type]
        text += words
    text += rest
    return text, merge(text, mentions)


def shown(marked: str) -> dict[str, list[str]]:
    text, entities = merged(marked)
    return {f"{e.type}:{e.name}": [text[at.start : at.end] for at, _ in e.mentions] for e in entities}


def test_a_surname_is_the_full_name() -> None:
    assert shown("[person:Ada Quill] spoke. [person:Quill's] bridge. Later [person:Mr Quill] left.") == {
        "person:Ada Quill": ["Ada Quill", "Quill", "Quill"]
    }


def test_the_full_name_may_come_later() -> None:
    assert shown("[person:Quill] won. Then [person:Ada Quill] spoke.") == {
        "person:Ada Quill": ["Quill", "Ada Quill"]
    }


def test_a_surname_of_two_people_is_the_one_named_last() -> None:
    found = shown(
        "[person:Ada Quill] spoke. [person:Quill] won. [person:Bo Quill] left. [person:Quill] lost."
    )
    assert found == {"person:Ada Quill": ["Ada Quill", "Quill"], "person:Bo Quill": ["Bo Quill", "Quill"]}


def test_initials_and_first_names() -> None:
    assert shown("[person:George W. Rusk] met [person:George Rusk]. [person:George] left.") == {
        "person:George W. Rusk": ["George W. Rusk", "George Rusk", "George"]
    }


def test_a_son_has_his_surname_before_the_end() -> None:
    assert shown(
        "[person:Joseph R. Biden Jr.] spoke, Mr. [person:Biden] left, Biden came, and Jr. went."
    ) == {"person:Joseph R. Biden Jr.": ["Joseph R. Biden Jr.", "Biden", "Biden"]}


def test_states_and_what_is_short_for_them() -> None:
    _text, (state,) = merged("in [place:Virginia] and Reston, [place:Va.], today")
    assert (state.name, state.name_key, len(state.mentions)) == ("Virginia", "virginia", 2)
    _text, (short,) = merged("in Reston, [place:Va.], today")
    assert (short.name, short.name_key) == ("Va.", "virginia")


def test_honorifics_are_titles() -> None:
    _, entities = merged("[person:Sir Ada Quill] and [person:Mrs. Reed] spoke.")
    assert [(e.name, e.titles) for e in entities] == [("Ada Quill", ["Sir"]), ("Reed", ["Mrs."])]


def test_letters_behind_a_name_are_none_of_it() -> None:
    text = "[person:Ada Quill KC] and [organisation:Bo Osei-Reed QC] spoke. [person:Dora Lane MP, OBE] did not, said [person:Quill]."
    _, entities = merged(text)
    assert [(e.type, e.name) for e in entities] == [
        ("person", "Ada Quill"),
        ("person", "Bo Osei-Reed"),
        ("person", "Dora Lane"),
    ]
    assert len(entities[0].mentions) == 2


def test_an_ampersand_is_no_initial() -> None:
    _, entities = merged("[organisation:Quill & Reed] opened. [organisation:Q&R] closed.")
    assert [(e.name, len(e.mentions)) for e in entities] == [("Quill & Reed", 2)]


def test_the_document_overrules_a_blunder() -> None:
    assert shown("[person:Ada Quill] spoke. [organisation:Quill] won.") == {
        "person:Ada Quill": ["Ada Quill", "Quill"]
    }
    assert shown("[organisation:Acme] won, [organisation:Acme] lost, [person:Acme] closed.") == {
        "organisation:Acme": ["Acme", "Acme", "Acme"]
    }
    assert shown("the [organisation:Minister of Transport] of Norland") == {}


def test_acronyms_that_the_text_defines() -> None:
    text, entities = merged(
        "India's Central [organisation:Bureau of Investigation] (CBI) spoke. [person:CBI] officers left."
    )
    (entity,) = entities
    assert entity.name == "Central Bureau of Investigation"
    assert [(text[at.start : at.end], form) for at, form in entity.mentions] == [
        ("Central Bureau of Investigation", "name"),
        ("CBI", "acronym"),
        ("CBI", "acronym"),
    ]


def test_acronyms_that_only_fit() -> None:
    assert shown("The [organisation:Norland Roads Agency] spoke. The [organisation:NRA] paid.") == {
        "organisation:Norland Roads Agency": ["Norland Roads Agency", "NRA"]
    }
    assert set(shown("[organisation:Bo Corp] and [organisation:Bad Cats] and the [organisation:BC].")) == {
        "organisation:Bo Corp",
        "organisation:Bad Cats",
        "organisation:BC",
    }


def test_countries_their_spellings_and_demonyms() -> None:
    _text, entities = merged(
        "[place:US] and [place:United States] and [group:American] and [group:Americans]."
    )
    (entity,) = entities
    assert (entity.name, entity.name_key, entity.type, entity.country) == (
        "United States",
        "united states",
        "place",
        "US",
    )
    assert [form for _, form in entity.mentions] == ["name", "name", "demonym", "demonym"]
    _, (demonym,) = merged("[group:Ukrainian] ships")
    assert (demonym.name, demonym.name_key, demonym.country) == ("Ukraine", "ukraine", "UA")
    assert [form for _, form in demonym.mentions] == ["demonym"]
    _, (party,) = merged("[group:Republicans] met")
    assert (party.type, party.country) == ("other", None)


def test_a_country_named_by_its_people_alone_has_its_name() -> None:
    text, (korea,) = merged("[place:North Korean] soldiers and [group:North Koreans]")
    assert (korea.name, korea.name_key, korea.type, korea.country) == (
        "North Korea",
        "north korea",
        "place",
        "KP",
    )
    assert [(text[at.start : at.end], form) for at, form in korea.mentions] == [
        ("North Korean", "demonym"),
        ("North Koreans", "demonym"),
    ]
    _, (europe,) = merged("[group:Europeans] in [place:Europe]")
    assert (europe.name, europe.country) == ("Europe", None)
    assert [form for _, form in europe.mentions] == ["demonym", "name"]


def test_a_team_goes_by_its_countrys_name_throughout() -> None:
    assert shown("[organisation:Norway] won.") == {"place:Norway": ["Norway"]}
    assert shown("[organisation:Norway] won. [organisation:Norway] lead.") == {
        "organisation:Norway": ["Norway", "Norway"]
    }


def test_company_forms() -> None:
    assert shown("[organisation:Acme Corp] won. [organisation:Acme] lost.") == {
        "organisation:Acme Corp": ["Acme Corp", "Acme"]
    }


def test_short_names_of_organisations() -> None:
    assert shown("[organisation:John Fluke Mfg Co] won. [organisation:Fluke] lost.") == {
        "organisation:John Fluke Mfg Co": ["John Fluke Mfg Co", "Fluke"]
    }
    assert shown("[organisation:Hughes] lost. [organisation:Hughes Tool Co] won.") == {
        "organisation:Hughes Tool Co": ["Hughes", "Hughes Tool Co"]
    }
    assert shown("The [organisation:U.S. Justice Department] and the [organisation:Justice Department]") == {
        "organisation:U.S. Justice Department": ["U.S. Justice Department", "Justice Department"]
    }
    assert shown("the [organisation:Labour Party] and [organisation:Labour]") == {
        "organisation:Labour Party": ["Labour Party", "Labour"]
    }
    assert shown(
        "[organisation:U.S. Acme Tool Co], [organisation:Acme Tool Co], [organisation:Acme Tool]"
    ) == {"organisation:U.S. Acme Tool Co": ["U.S. Acme Tool Co", "Acme Tool Co", "Acme Tool"]}
    assert shown("[organisation:US Federal Reserve] met. The [organisation:Fed] waits.") == {
        "organisation:US Federal Reserve": ["US Federal Reserve", "Fed"]
    }
    # Two that it may be short for, a part of a body, people.
    assert len(shown("[organisation:Acme Tool Co], [organisation:Acme Oil Co] and [organisation:Acme]")) == 3
    assert len(shown("[organisation:BBC Radio] and the [organisation:BBC]")) == 2
    assert len(shown("[organisation:Hughes Tool Co] and [person:Hughes]")) == 2


def test_repeats_that_the_recogniser_missed() -> None:
    assert shown("[person:Ada Quill] spoke, and later Quill left. Ada Quill will return.") == {
        "person:Ada Quill": ["Ada Quill", "Quill", "Ada Quill"]
    }


def test_a_word_passed_over_more_often_than_not_is_not_repeated() -> None:
    assert shown("[person:Lohengrin] is on. Lohengrin was late.") == {
        "person:Lohengrin": ["Lohengrin", "Lohengrin"]
    }
    assert shown("[person:Lohengrin] is on. Lohengrin was late; see Lohengrin.") == {
        "person:Lohengrin": ["Lohengrin"]
    }
    # A surname is its bearer's however often the recogniser missed it.
    assert shown("[person:Ada Quill] came. Quill spoke, and Quill left.") == {
        "person:Ada Quill": ["Ada Quill", "Quill", "Quill"]
    }


def test_a_repeat_that_goes_on_is_another_name() -> None:
    assert shown("The [organisation:University] won. The University of Norland lost.") == {
        "organisation:University": ["University"]
    }


def test_an_acronym_stands_for_all_of_its_expansion() -> None:
    assert shown("The [organisation:Norland Trade Commission] (NTC) met.") == {
        "organisation:Norland Trade Commission": ["Norland Trade Commission", "NTC"]
    }
    assert shown("The [organisation:U.S. International Trade Commission] (ITC) met.") == {
        "organisation:U.S. International Trade Commission": ["U.S. International Trade Commission", "ITC"]
    }
    assert shown("Gross domestic product (GDP) rose.") == {}
    assert shown("The Norland Area Transport Office (Nato) met; [organisation:Nato] said.") == {
        "organisation:Norland Area Transport Office": ["Norland Area Transport Office", "Nato", "Nato"]
    }


def test_a_place_has_the_initials_of_no_organisation() -> None:
    assert set(shown("The [organisation:National Museum] in Santa Fe, [place:N.M.], opened")) == {
        "organisation:National Museum",
        "place:N.M.",
    }


def test_marks_that_overlap_when_mended_are_one() -> None:
    assert shown("the [place:U].[organisation:S. Navy] left") == {
        "organisation:U.S. Navy": ["U.S. Navy"]
    } or shown("the [place:U].[organisation:S. Navy] left") == {"place:U.S.": ["U.S."]}


LABELS = st.sampled_from(["person", "organisation", "place", "group", "event"])
WORDS = st.lists(
    st.sampled_from(
        ["Ada", "Quill", "Bo", "US", "American", "of", "Acme", "Corp", "(AQ)", "the", "said", "—", "\n"]
    ),
    min_size=1,
    max_size=40,
)


@given(WORDS, st.lists(st.tuples(st.integers(0, 39), st.integers(1, 3), LABELS), max_size=12))
def test_every_mention_is_kept_apart_and_true(words: list[str], marks: list[tuple[int, int, str]]) -> None:
    text = " ".join(words)
    starts = [sum(len(w) + 1 for w in words[:i]) for i in range(len(words))]
    mentions: list[MentionDraft] = []
    free = 0
    for first, count, label in sorted(marks):
        if first < len(words) and starts[first] >= free:
            last = min(first + count, len(words)) - 1
            free = starts[last] + len(words[last])
            mentions.append(MentionDraft(Range(starts[first], free), label))  # type: ignore[arg-type]
    entities = merge(text, mentions)
    taken = sorted(at for entity in entities for at, _ in entity.mentions)
    for one, other in itertools.pairwise(taken):
        assert one.end <= other.start
    for entity in entities:
        assert entity.mentions == sorted(entity.mentions)
        assert all(text[at.start : at.end].strip() for at, _ in entity.mentions)
        names = {" ".join(text[at.start : at.end].split()) for at, _ in entity.mentions}
        assert entity.name in names or {form for _, form in entity.mentions} == {"demonym"}
    assert merge(text, mentions) == entities


def test_a_misspelt_surname_is_its_bearer_s() -> None:
    text = "[person:Ada Marlowell] left. [person:Marlowel] wept, as [person:Marlowel] does."
    assert shown(text) == {"person:Ada Marlowell": ["Ada Marlowell", "Marlowel", "Marlowel"]}


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        ("[person:Ada Marlow] left. [person:Ms Marlo] wept.", 1),
        ("[person:Ada Marlow] left. [person:Marlo] wept.", 2),
        ("[person:Ms Marlo] wept. [person:Ada Marlow] left.", 2),
        ("[person:Ada Quill] left. [person:Ms Quit] wept.", 2),
    ],
)
def test_a_short_surname_is_taken_for_another_misspelt_behind_a_title(text: str, persons: int) -> None:
    assert len(shown(text)) == persons


def test_an_acronym_may_leave_the_country_out() -> None:
    text = "The [organisation:US Roads and Rivers Bureau] left. The [organisation:RRB] and the [organisation:UB] wept."
    assert shown(text) == {
        "organisation:US Roads and Rivers Bureau": ["US Roads and Rivers Bureau", "RRB"],
        "organisation:UB": ["UB"],
    }

from __future__ import annotations

import itertools

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


def test_honorifics_are_titles() -> None:
    _, entities = merged("[person:Sir Ada Quill] and [person:Mrs. Reed] spoke.")
    assert [(e.name, e.titles) for e in entities] == [("Ada Quill", ["Sir"]), ("Reed", ["Mrs."])]


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
    assert (demonym.name, demonym.country) == ("Ukrainian", "UA")
    _, (party,) = merged("[group:Republicans] met")
    assert (party.type, party.country) == ("other", None)


def test_company_forms() -> None:
    assert shown("[organisation:Acme Corp] won. [organisation:Acme] lost.") == {
        "organisation:Acme Corp": ["Acme Corp", "Acme"]
    }


def test_repeats_that_the_recogniser_missed() -> None:
    assert shown("[person:Ada Quill] spoke, and later Quill left. Ada Quill will return.") == {
        "person:Ada Quill": ["Ada Quill", "Quill", "Ada Quill"]
    }


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
        assert entity.name in {" ".join(text[at.start : at.end].split()) for at, _ in entity.mentions}
    assert merge(text, mentions) == entities

"""Pronouns: whom they stand for, and when for nobody."""

from __future__ import annotations

import msgspec
import pytest

from streams.enrich.drafts import ClaimDraft, EntityDraft, LinkDraft, Range
from streams.enrich.sources import Resolver
from tests.support.resolving import all_names, claim, draft, entities, in_turn, resolve


def test_they_are_who_spoke_last_and_are_many() -> None:
    text = "Residents said so. The Roads Agency and Ada Quill agreed. They said more."
    assert in_turn(text, "Residents", "Ada Quill", "They").type == "collective"
    assert in_turn("Sources said so. They said more.", "Sources", "They").type == "anonymous"
    assert in_turn(text, "They").type == "unresolved"


def test_a_pronoun_is_who_spoke_last_or_was_named_last() -> None:
    text = "Bo Reed said one thing to Vy Marl. He said another.\nHe agreed."
    people = [
        *entities(text),
        EntityDraft(name="Vy Marl", name_key="", type="person", mentions=[(Range(26, 33), "name")]),
    ]
    resolver = Resolver(text, people)
    resolver.resolve(claim(text, "Bo Reed"))
    (he,) = resolver.resolve(claim(text, "He"))
    assert (he.name, he.antecedent, he.spans) == ("Bo Reed", [Range(0, 7)], [Range(35, 37)])
    (again,) = resolver.resolve(claim(text, "He", 40))
    assert (again.name, again.antecedent) == ("Bo Reed", [Range(0, 7)])
    (silent,) = Resolver(text, people).resolve(claim(text, "He"))
    assert silent.name == "Bo Reed"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ada Quill said one thing to Bo Reed. He said another.", "Bo Reed"),
        ("Bo Reed met Mrs Quill. She said so.", "Ada Quill"),
        ("Ada Quill slept. He said so.", None),
    ],
)
def test_a_pronoun_is_nobody_of_the_other_gender(text: str, name: str | None) -> None:
    people = [
        msgspec.structs.replace(one, titles=["Mrs"] if "Mrs" in text and one.name == "Ada Quill" else [])
        for one in entities(f"{text} Ada Quill" if "Mrs" in text else text)
    ]
    resolver = Resolver(text, people)
    if text.startswith("Ada Quill said"):
        resolver.resolve(claim(text, "Ada Quill"))
    (found,) = resolver.resolve(claim(text, "He" if "He" in text else "She"))
    assert found.name == name


@pytest.mark.parametrize("source", ["His", "Their", "its"])
def test_a_possessive_alone_is_nobody(source: str) -> None:
    assert resolve(f"Ada Quill slept. {source} aunt said so.", source).name is None


def test_a_pronoun_looks_back_one_paragraph() -> None:
    text = "Ada Quill met Bo Reed.\nIt rained.\nThey said so. She said so."
    people = [msgspec.structs.replace(one, name="Vy Marl") for one in entities(text)]
    (found,) = Resolver(text, people).resolve(claim(text, "She"))
    assert found.type == "unresolved"


def test_who_alone_is_named_is_meant_from_however_far() -> None:
    text = "Ada Quill left.\nIt rained.\nIt poured.\nShe said so."
    assert resolve(text, "She").name == "Ada Quill"


def test_i_is_who_is_quoted() -> None:
    text = 'Bo Reed left. "It rained, I think," Ada Quill said.'
    inner = draft(text, "It rained", "think", "I think".removesuffix(" think"))
    inner = msgspec.structs.replace(inner, link=LinkDraft(cues=inner.link.cues, sources=[Range(26, 27)]))
    outer = draft(text, "It rained, I think,", "said", "Ada Quill")
    assert all_names(text, inner, outer) == ["Ada Quill", "Ada Quill"]
    assert Resolver(text, entities(text)).resolve(inner)[0].type == "self"


def test_he_in_a_quotation_is_not_who_is_quoted() -> None:
    text = 'Bo Reed left. Ada Quill said: "He told me it rained."'
    outer = draft(text, "He told me it rained.", "said", "Ada Quill")
    inner = draft(text, "it rained", "told", "He")
    assert all_names(text, outer, inner) == ["Ada Quill", "Bo Reed"]
    assert all_names(text[14:], draft(text[14:], "He told me it rained.", "said", "Ada Quill")) == [
        "Ada Quill"
    ]
    only = text[14:]
    claims = [
        draft(only, "He told me it rained.", "said", "Ada Quill"),
        draft(only, "it rained", "told", "He"),
    ]
    assert all_names(only, *claims) == ["Ada Quill", None]


def test_a_pronoun_is_nobody_who_is_named_or_speaks_only_in_what_it_says() -> None:
    text = 'Ada Quill waited there. It rained. "Bo Reed told me it poured," she said.'
    first = draft(text, "there", "waited", "Ada Quill")
    inner = draft(text, "it poured", "told", "Bo Reed")
    outer = draft(text, "Bo Reed told me it poured,", "said", "she")
    assert all_names(text, first, inner, outer) == ["Ada Quill", "Bo Reed", "Ada Quill"]


def test_a_pronoun_is_nobody_who_spoke_within_what_another_said() -> None:
    text = "Ada Quill said that near there Bo Reed denied it. It rained. She left, she added."
    first = draft(text, "that near there Bo Reed denied it", "said", "Ada Quill")
    inner = draft(text, "it.", "denied", "Bo Reed")
    last = draft(text, "She left", "added", "she")
    assert all_names(text, first, inner, last) == ["Ada Quill", "Bo Reed", "Ada Quill"]


def test_a_pronoun_is_the_spokesman_who_spoke_last() -> None:
    text = "Bo Reed said so. An agency spokesman denied it. He said more. Officials agreed. He left."
    assert in_turn(text, "Bo Reed", "An agency spokesman", "He").type == "role"
    assert in_turn(text, "Bo Reed", "Officials", "He").name == "Bo Reed"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ada Quill said so. Bo Reed slept. She said more.", "Bo Reed"),
        ("Ada Quill said so. But Reed slept. And she said more.", "Bo Reed"),
        ("Ada Quill said so. There Bo Reed slept. She said more.", "Ada Quill"),
        ("Ada Quill said so. Bo Reed slept. Then it rained, she said.", "Ada Quill"),
        ('Ada Quill said "so. Bo Reed slept." She said more.', "Ada Quill"),
    ],
)
def test_who_the_sentence_before_is_about_comes_before_who_spoke_last(text: str, name: str) -> None:
    people = [msgspec.structs.replace(one, name=one.name.replace("Ada", "Vy")) for one in entities(text)]
    resolver = Resolver(text, people)
    resolver.resolve(claim(text, "Ada Quill"))
    (found,) = resolver.resolve(claim(text, "She" if "She" in text else "she"))
    assert found.name == name.replace("Ada", "Vy")


def test_empty_lines_may_part_paragraphs() -> None:
    text = "Vy Marl met Ada Quill.\n\nShe said so."
    other = EntityDraft(name="Vy Marl", name_key="", type="person", mentions=[(Range(0, 7), "name")])
    (found,) = Resolver(text, [*entities(text), other]).resolve(claim(text, "She"))
    assert found.name == "Ada Quill"


@pytest.mark.parametrize(("owner", "name"), [("Her", "Ada Quill"), ("Its", "Roads Agency")])
def test_a_possessive_is_who_possesses_what_says_so(owner: str, name: str) -> None:
    text = f"The Roads Agency slept. Ada Quill slept. {owner} promise to come was kept."
    one = draft(text, "to come", "promise", owner)
    assert all_names(text, one) == [name]
    aunt = text.replace("promise", "aunt promised")
    assert all_names(aunt, draft(aunt, "to come", "promised", owner)) == [None]


def test_i_in_a_quotation_within_another_is_not_who_is_quoted() -> None:
    text = "Ada Quill said: \"We hope that he says, 'I know it rained' soon.\""
    outer = draft(text, "We hope that he says, 'I know it rained' soon.", "said", "Ada Quill")
    assert all_names(text, outer, draft(text, "it rained", "know", "I")) == ["Ada Quill", None]
    text = text.replace("he says, 'I know", "it's so, I know")
    outer = draft(text, text[17:-1], "said", "Ada Quill")
    assert all_names(text, outer, draft(text, "it rained", "know", "I")) == ["Ada Quill", "Ada Quill"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Bo Reed said so. Ada Quill, who met him, left. In a letter to the fund she wrote.", "Ada Quill"),
        ("Bo Reed said so. Ada Quill, who met him, left. Then it rained, she said.", "Bo Reed"),
        ("Bo Reed said so. In other words, Ada Quill won. But Bo Reed lost, and she slept.", "Bo Reed"),
        ("Bo Reed said so. In other words, Ada Quill met Bo Reed. But she slept.", "Ada Quill"),
    ],
)
def test_whom_the_sentence_before_is_about_may_stand_behind_an_adverbial(text: str, name: str) -> None:
    people = [msgspec.structs.replace(one, name=one.name.replace("Ada", "Vy")) for one in entities(text)]
    resolver = Resolver(text, people)
    resolver.resolve(claim(text, "Bo Reed"))
    (found,) = resolver.resolve(claim(text, "she"))
    assert found.name == name.replace("Ada", "Vy")


@pytest.mark.parametrize(
    ("text", "how", "rivals"),
    [
        ("Bo Reed said so. It rained, he said.", "spoke", 0),
        ("Ada Quill saw Bo Reed. Bo Reed said so. It rained, he said.", "spoke", 0),
        ("Vy Quill saw Bo Reed. Bo Reed said so. It rained, he said.", "spoke", 1),
        ("Bo Reed saw Vy Quill. He said so.", "subject", 1),
        ("There Bo Reed left. It rained, he said.", "before", 0),
    ],
)
def test_it_is_told_how_who_is_meant_was_found_and_how_many_else_may_be(
    text: str, how: str, rivals: int
) -> None:
    people = entities(text)
    if "Vy" in text:
        at = text.index("Vy Quill")
        quill = EntityDraft(
            name="Vy Quill", name_key="", type="person", mentions=[(Range(at, at + 8), "name")]
        )
        people = [one for one in people if one.name == "Bo Reed"] + [quill]
    resolver = Resolver(text, people)
    if "Bo Reed said" in text:
        resolver.resolve(claim(text, "Bo Reed", text.index("Bo Reed said")))
    (found,) = resolver.resolve(claim(text, "he " if "he " in text else "He "))
    assert (found.name, found.how, found.rivals) == ("Bo Reed", how, rivals)


@pytest.mark.parametrize(("cue", "name"), [("replied", "Ada Quill"), ("added", "Bo Reed")])
def test_who_answers_is_not_who_asked(cue: str, name: str) -> None:
    text = f"Ada Quill smiled. Bo Reed asked why. “So,” {cue} the 45-year-old."

    def said(content: str, by: str, source: str) -> ClaimDraft:
        content_at, cue_at, source_at = (
            Range(text.index(words), text.index(words) + len(words)) for words in (content, by, source)
        )
        return ClaimDraft(content=[content_at], link=LinkDraft(sources=[source_at], cues=[cue_at]))

    claims = [said("why", "asked", "Bo Reed"), said("“So,”", cue, "the 45-year-old")]
    assert Resolver(text, entities(text), claims).resolve_all()[1][0].name == name


@pytest.mark.parametrize(
    ("text", "speaker", "kind"),
    [
        ("Ada Quill said so. Mr Smith's mother denied it. She said more.", "Mr Smith's mother", "role"),
        (
            "Ada Quill said so. Mr Smith's father denied it. She said more.",
            "Mr Smith's father",
            "named_person",
        ),
        ("Ada Quill said so. One dealer denied it. She said more.", "One dealer", "role"),
        ("Ada Quill said so. A newspaper denied it. She said more.", "A newspaper", "named_person"),
    ],
)
def test_a_pronoun_is_somebody_unnamed_who_spoke_last_unless_of_the_other_gender(
    text: str, speaker: str, kind: str
) -> None:
    found = in_turn(text, "Ada Quill", speaker, "She")
    assert (found.type == "named_person") == (kind == "named_person")
    assert found.name == ("Ada Quill" if kind == "named_person" else None)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("suggested to the first witness, a shop assistant, that it rained", None),
        ("told a reporter that it rained", None),
        ("told a court that it rained", "Ada Quill"),
        ("suggested that it rained", "Ada Quill"),
    ],
)
def test_a_pronoun_is_whom_the_speaker_told_if_it_is_not_the_speaker(told: str, name: str | None) -> None:
    text = f"Ada Quill left. Mr Reed {told}. She said more."
    reed = EntityDraft(
        name="Bo Reed", name_key="", type="person", mentions=[(Range(19, 23), "name")], titles=["Mr"]
    )
    people = [one for one in entities(text) if one.name == "Ada Quill"] + [reed]
    cue = told.split(maxsplit=1)[0]
    claims = [
        draft(text, "Ada", "left", "Ada Quill"),
        draft(text, "it rained", cue, "Mr Reed"),
        draft(text, "more", "said", "She"),
    ]
    assert Resolver(text, people, claims).resolve_all()[2][0].name == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Bo Reed said so. Asked whether he slept, Roads Minister Vy Marl smiled.", "Vy Marl"),
        ("Bo Reed said so. Asked whether he slept, nobody told Vy Marl.", "Bo Reed"),
        ("Bo Reed said so. Seldom has he slept, Vy Marl joked.", "Bo Reed"),
    ],
)
def test_a_pronoun_in_what_somebody_is_asked_is_the_name_behind_it(text: str, name: str) -> None:
    at = text.index("Vy Marl")
    marl = EntityDraft(name="Vy Marl", name_key="", type="person", mentions=[(Range(at, at + 7), "name")])
    resolver = Resolver(text, [*entities(text), marl])
    resolver.resolve(claim(text, "Bo Reed"))
    (found,) = resolver.resolve(claim(text, "he"))
    assert found.name == name


def test_who_is_asked_something_is_not_who_asks_though_another_is_cited_in_it() -> None:
    text = "Ada Quill smiled. Bo Reed asked whether Ada Quill said it rained. “So,” replied the 45-year-old."
    claims = [
        draft(text, "whether Ada Quill said it rained", "asked", "Bo Reed"),
        ClaimDraft(content=[Range(55, 64)], link=LinkDraft(cues=[Range(50, 54)], sources=[Range(40, 49)])),
        draft(text, "So", "replied", "the 45-year-old"),
    ]
    assert Resolver(text, entities(text), claims).resolve_all()[2][0].name == "Ada Quill"

from __future__ import annotations

import msgspec
import pytest

from schemas.vocabulary import CLOSED_LISTS
from streams.enrich.drafts import ClaimDraft, EntityDraft, LinkDraft, Range
from streams.enrich.sources import ResolvedSource, Resolver
from streams.enrich.tables import read_table

PEOPLE = {
    "Ada Quill": "person",
    "Bo Reed": "person",
    "Roads Agency": "organisation",
    "Beijing": "place",
    "Evening Post": "organisation",
}


def entities(text: str) -> list[EntityDraft]:
    found: list[EntityDraft] = []
    for name, type_ in PEOPLE.items():
        at = [Range(i, i + len(name)) for i in range(len(text)) if text.startswith(name, i)]
        surname = name.split()[-1]
        at += [
            Range(i, i + len(surname))
            for i in range(len(text))
            if text.startswith(surname, i) and not any(a.start <= i < a.end for a in at)
        ]
        if at:
            mentions = [(a, "name") for a in sorted(at)]
            found.append(EntityDraft(name=name, name_key=name, type=type_, mentions=mentions))  # type: ignore[arg-type]
    return found


def claim(text: str, source: str | None, after: int = 0) -> ClaimDraft:
    if source is None:
        return ClaimDraft(content=[Range(0, 1)], link=LinkDraft(continues=True))
    start = text.index(source, after)
    return ClaimDraft(content=[Range(0, 1)], link=LinkDraft(sources=[Range(start, start + len(source))]))


def resolve(text: str, source: str) -> ResolvedSource:
    (found,) = Resolver(text, entities(text)).resolve(claim(text, source))
    return found


@pytest.mark.parametrize(
    ("source", "type_", "name", "role"),
    [
        ("Ada Quill", "named_person", "Ada Quill", None),
        ("Quill", "named_person", "Ada Quill", None),
        ("Prime Minister Ada Quill", "named_person", "Ada Quill", "Prime Minister"),
        ("Ada Quill, the head of the Roads Agency", "named_person", "Ada Quill", "head of the Roads Agency"),
        ("Mrs Quill", "named_person", "Ada Quill", None),
        ("the minister, Ada Quill", "named_person", "Ada Quill", "minister"),
        ("the Roads Agency", "named_organisation", "Roads Agency", None),
        ("Beijing", "place_as_institution", "Beijing", None),
        ("the Evening Post", "media", "Evening Post", None),
        ("Roads Agency estimates", "document", "Roads Agency", None),
        ("the survey, carried out by the Roads Agency", "document", "Roads Agency", None),
        ("a report by the Roads Agency", "document", "Roads Agency", None),
        ("a letter from Ada Quill", "document", "Ada Quill", None),
        ("a motion by Ada Quill's lawyers", "document", None, None),
        ("Ada Quill's letter", "document", "Ada Quill", None),
        ("Ada Quill's predictions", "document", "Ada Quill", None),
        ("the letter to Ada Quill", "document", None, None),
        ("a spokesman for Ada Quill", "role", None, "spokesman for Ada Quill"),
        ("Roads Agency officials", "role", None, "Roads Agency officials"),
        ("a source close to Ada Quill", "anonymous", None, None),
        ("an official who asked for anonymity", "anonymous", None, None),
        ("the 45-year-old", "role", None, "45-year-old"),
        ("the government", "role", None, "government"),
        ("a company", "role", None, "company"),
        ("12%", "collective", None, "12%"),
        ("the circular", "document", None, None),
        ("the Roads Agency <RDS.N>", "named_organisation", "Roads Agency", None),
        ("residents", "collective", None, "residents"),
        ("they", "unresolved", None, None),
        ("I", "self", None, None),
        ("the weather", "other", None, None),
    ],
)
def test_kinds_of_sources(source: str, type_: str, name: str | None, role: str | None) -> None:
    found = resolve(f"{source} said so. Ada Quill stayed.", source)
    assert (found.type, found.name, found.role) == (type_, name, role)


def in_turn(text: str, *sources: str) -> ResolvedSource:
    resolver = Resolver(text, entities(text))
    after = 0
    for source in sources:
        one = claim(text, source, after)
        after = one.link.sources[0].end
        (found,) = resolver.resolve(one)
    return found


def test_it_is_the_organisation_or_paper_that_spoke_last_or_else_was_named_last() -> None:
    text = "The Roads Agency said so. The Evening Post called. It added this."
    found = in_turn(text, "The Roads Agency", "It")
    assert (found.type, found.name, found.antecedent) == (
        "named_organisation",
        "Roads Agency",
        [Range(0, 16)],
    )
    assert in_turn(text, "It").name == "Evening Post"
    assert in_turn("A survey said so. It said more.", "A survey", "It").type == "document"
    assert in_turn("Ada Quill said so. It was said.", "Ada Quill", "It").type == "unresolved"


def test_the_company_is_the_organisation_that_spoke_or_was_named_last() -> None:
    text = "The Roads Agency said so.\nIt rained.\nIt snowed.\nThe company said more."
    found = in_turn(text, "The Roads Agency", "The company")
    assert (found.type, found.name, found.spans) == ("named_organisation", "Roads Agency", [Range(48, 59)])
    assert in_turn(text, "The company").name == "Roads Agency"
    assert in_turn("Ada Quill left. The company said so.", "The company").type == "role"


def test_they_are_who_spoke_last_and_are_many() -> None:
    text = "Residents said so. The Roads Agency and Ada Quill agreed. They said more."
    assert in_turn(text, "Residents", "Ada Quill", "They").type == "collective"
    assert in_turn("Sources said so. They said more.", "Sources", "They").type == "anonymous"
    assert in_turn(text, "They").type == "unresolved"


def test_every_noun_of_the_table_has_a_kind_and_stands_once() -> None:
    rows = read_table("source_nouns")
    assert {row["type"] for row in rows} <= {*CLOSED_LISTS["SourceType"], "organisation"}
    nouns = [row["noun"] for row in rows]
    assert nouns == sorted(set(nouns))


def test_a_surname_has_its_full_name_as_antecedent() -> None:
    text = "Ada Quill spoke. Quill said so."
    found = resolve(text, "Quill said".removesuffix(" said"))
    assert found.antecedent == []
    (found,) = Resolver(text, entities(text)).resolve(claim(text, "Quill", after=10))
    assert found.antecedent == [Range(0, 9)]


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


@pytest.mark.parametrize(
    ("source", "type_", "name"),
    [
        ("the Sahel Oil Company", "named_organisation", "Sahel Oil Company"),
        ("Carson and Sons Ltd", "named_organisation", "Carson and Sons Ltd"),
        ("Mary Vane", "named_person", "Mary Vane"),
        ("Senate Democrats", "collective", None),
        ("Sahel officials", "role", None),
        ("Company", "role", None),
    ],
)
def test_what_has_the_form_of_a_name_is_one(source: str, type_: str, name: str | None) -> None:
    found = resolve(f"It rained. {source} said so.", source)
    assert (found.type, found.name) == (type_, name)


def test_a_floating_quotation_has_the_source_of_the_one_before() -> None:
    text = "Minister Ada Quill said so."
    resolver = Resolver(text, entities(text))
    assert resolver.resolve(claim(text, None))[0].type == "unresolved"
    resolver.resolve(claim(text, "Minister Ada Quill"))
    (found,) = resolver.resolve(claim(text, None))
    assert (found.spans, found.name, found.role, found.antecedent) == (
        [],
        "Ada Quill",
        "Minister",
        [Range(0, 18)],
    )


def test_nobody() -> None:
    (found,) = Resolver("“So.”", []).resolve(ClaimDraft(content=[Range(1, 4)], link=LinkDraft()))
    assert found == ResolvedSource(type="none")


@pytest.mark.parametrize(
    ("before", "source", "name"),
    [
        ("Ada Quill, the mayor of Norland, slept. ", "The mayor", "Ada Quill"),
        ("Mayor Ada Quill slept. Bo Reed did not. ", "The mayor", "Ada Quill"),
        ("The mayor, Ada Quill, slept. ", "The mayor", "Ada Quill"),
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


def test_the_first_words_of_an_organisation_s_name_are_its_name() -> None:
    text = "Sahel Oil Graphics Corp grew. Sahel Oil Graphics said so."
    whole = EntityDraft(
        name="Sahel Oil Graphics Corp",
        name_key="",
        type="organisation",
        mentions=[(Range(0, 23), "name")],
    )
    (found,) = Resolver(text, [whole]).resolve(claim(text, "Sahel Oil Graphics", after=24))
    assert (found.name, found.entity, found.antecedent) == (whole.name, 0, [Range(0, 23)])
    twin = msgspec.structs.replace(whole, name="Sahel Oil Graphics Ltd")
    (found,) = Resolver(text, [whole, twin]).resolve(claim(text, "Sahel Oil Graphics", after=24))
    assert found.entity is None


def draft(text: str, content: str, cue: str, source: str) -> ClaimDraft:
    """Make a claim of the first places of its parts; what is quoted of it stands between straight marks."""
    start = text.index(content)
    said = Range(start, start + len(content))
    at, by = text.index(cue), text.index(source)
    quoted = text[:start].count('"') % 2 == 1
    link = LinkDraft(cues=[Range(at, at + len(cue))], sources=[Range(by, by + len(source))])
    return ClaimDraft(content=[said], verbatim=[said] if quoted else [], link=link)


def all_names(text: str, *claims: ClaimDraft) -> list[str | None]:
    resolver = Resolver(text, entities(text), claims)
    return [source.name for one in claims for source in resolver.resolve(one)]


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


def test_the_company_is_no_document_and_nobody_who_spoke_in_its_words() -> None:
    text = (
        "The Roads Agency said the Evening Post denied it. A survey found more. The company agreed. It left."
    )
    said = draft(text, "the Evening Post denied it", "said", "The Roads Agency")
    inner = draft(text, "it.", "denied", "the Evening Post")
    survey = draft(text, "more", "found", "A survey")
    company = draft(text, "agreed.", "agreed", "The company")
    it = draft(text, "left.", "left", "It")
    names = all_names(text, said, inner, survey, company, it)
    assert names == ["Roads Agency", "Evening Post", None, "Roads Agency", "Roads Agency"]


def test_its_report_is_of_who_spoke_last() -> None:
    text = "The Roads Agency slept. Ada Quill left. Its report shows rain. Her letter says more."
    found = in_turn(text, "The Roads Agency", "Its report")
    assert (found.type, found.name, found.spans) == ("document", "Roads Agency", [Range(40, 50)])
    assert in_turn(text, "Ada Quill", "Her letter").name == "Ada Quill"
    assert resolve("It rained. Its report shows more.", "Its report").name is None


def test_the_paper_is_who_published_last_and_the_agency_the_one_so_called() -> None:
    text = "The Evening Post wrote. The Roads Agency and Vy Marl Ltd spoke. The newspaper said more."
    people = entities(text)
    vy = EntityDraft(name="Vy Marl Ltd", name_key="", type="organisation", mentions=[(Range(45, 56), "name")])
    resolver = Resolver(text, [*people, vy])
    assert resolver.resolve(claim(text, "Vy Marl Ltd"))[0].name == "Vy Marl Ltd"
    assert resolver.resolve(claim(text, "The newspaper"))[0].name == "Evening Post"
    text = text.replace("The newspaper", "The agency   ")
    resolver = Resolver(text, [*people, vy])
    resolver.resolve(claim(text, "Vy Marl Ltd"))
    assert resolver.resolve(claim(text, "The agency"))[0].name == "Roads Agency"
    assert resolve("Ada Quill left. The broadcaster said so.", "The broadcaster").type == "role"


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


@pytest.mark.parametrize(("owner", "name"), [("Her", "Ada Quill"), ("Its", "Roads Agency")])
def test_a_possessive_is_who_possesses_what_says_so(owner: str, name: str) -> None:
    text = f"The Roads Agency slept. Ada Quill slept. {owner} promise to come was kept."
    one = draft(text, "to come", "promise", owner)
    assert all_names(text, one) == [name]
    aunt = text.replace("promise", "aunt promised")
    assert all_names(aunt, draft(aunt, "to come", "promised", owner)) == [None]


def test_the_report_is_the_last_one_so_called_that_somebody_made() -> None:
    text = (
        "Ada Quill's report said so. A letter by Bo Reed said more. The report was long. The survey was not."
    )
    sources = ("Ada Quill's report", "A letter by Bo Reed", "The report")
    found = in_turn(text, *sources)
    assert (found.type, found.name, found.antecedent) == ("document", "Ada Quill", [Range(0, 18)])
    assert in_turn(text, *sources, "The survey").name is None


def test_i_in_a_quotation_within_another_is_not_who_is_quoted() -> None:
    text = "Ada Quill said: \"We hope that he says, 'I know it rained' soon.\""
    outer = draft(text, "We hope that he says, 'I know it rained' soon.", "said", "Ada Quill")
    assert all_names(text, outer, draft(text, "it rained", "know", "I")) == ["Ada Quill", None]
    text = text.replace("he says, 'I know", "it's so, I know")
    outer = draft(text, text[17:-1], "said", "Ada Quill")
    assert all_names(text, outer, draft(text, "it rained", "know", "I")) == ["Ada Quill", "Ada Quill"]


def floating(text: str, content: str) -> ClaimDraft:
    """Make a claim of a quotation to which nobody is attributed."""
    start = text.index(content)
    said = Range(start, start + len(content))
    return ClaimDraft(content=[said], verbatim=[said], link=LinkDraft())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('Ada Quill said so. It rained. "It leaks."', "Ada Quill"),
        ('Ada Quill said so. Bo Reed slept. "It leaks."', None),
        ('Ada Quill said so.\nIt rained.\nIt snowed.\n"It leaks."', None),
    ],
)
def test_a_quotation_without_attribution_is_of_who_spoke_last_nearby(text: str, name: str | None) -> None:
    resolver = Resolver(text, entities(text))
    resolver.resolve(claim(text, "Ada Quill"))
    (found,) = resolver.resolve(floating(text, "It leaks."))
    assert found.name == name


def test_what_is_not_all_quoted_floats_from_nobody() -> None:
    text = 'Ada Quill said so. The bridge "leaks".'
    resolver = Resolver(text, entities(text))
    resolver.resolve(claim(text, "Ada Quill"))
    bare = msgspec.structs.replace(floating(text, 'The bridge "leaks"'), verbatim=[Range(31, 36)])
    assert resolver.resolve(bare) == [ResolvedSource(type="none")]


def test_a_headline_is_of_who_is_the_first_to_speak() -> None:
    text = "Bridge 'leaks'\n\nThe bridge leaks, Ada Quill said. Bo Reed denied it."
    headline = msgspec.structs.replace(floating(text, "Bridge 'leaks'"), verbatim=[])
    said = draft(text, "The bridge leaks", "said", "Ada Quill")
    denied = draft(text, "it.", "denied", "Bo Reed")
    found = Resolver(text, entities(text), [headline, said, denied]).resolve_all()
    assert [(one.name, one.how) for (one,) in found] == [
        ("Ada Quill", "headline"),
        ("Ada Quill", "named"),
        ("Bo Reed", "named"),
    ]
    unnamed = text.replace("Ada Quill", "a visitor")
    said = draft(unnamed, "The bridge leaks", "said", "a visitor")
    assert Resolver(unnamed, [], [headline, said]).resolve_all()[0] == [ResolvedSource(type="none")]


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


def test_the_union_is_no_company() -> None:
    text = "The Road Workers union met Vy Marl Ltd. Vy Marl Ltd said so. The union agreed."
    workers = EntityDraft(
        name="Road Workers", name_key="", type="organisation", mentions=[(Range(4, 16), "name")]
    )
    marl = EntityDraft(
        name="Vy Marl Ltd",
        name_key="",
        type="organisation",
        mentions=[(Range(27, 38), "name"), (Range(40, 51), "name")],
    )
    resolver = Resolver(text, [workers, marl])
    resolver.resolve(claim(text, "Vy Marl Ltd", 40))
    assert resolver.resolve(claim(text, "The union", 50))[0].name == "Road Workers"
    silent = text.replace("The Road Workers union", "The Road Workers group")
    resolver = Resolver(silent, [marl])
    resolver.resolve(claim(silent, "Vy Marl Ltd", 40))
    assert resolver.resolve(claim(silent, "The union", 50))[0].type == "role"


@pytest.mark.parametrize(
    ("text", "source", "type_", "name"),
    [
        ("The Roads Agency said so. The group left.", "The group", "named_organisation", "Roads Agency"),
        ("It rained. The group left.", "The group", "collective", None),
        ("The Roads Agency said so. The statement went on.", "The statement", "document", "Roads Agency"),
        ("The Roads Agency said so. The circular went on.", "The circular", "document", None),
    ],
)
def test_a_group_or_statement_is_of_the_organisation_that_spoke_last(
    text: str, source: str, type_: str, name: str | None
) -> None:
    resolver = Resolver(text, entities(text))
    resolver.resolve(claim(text, text.partition(".")[0].removesuffix(" said so")))
    (found,) = resolver.resolve(claim(text, source))
    assert (found.type, found.name) == (type_, name)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("The former mayor", "Ada Quill"),
        ("The mayor", None),
    ],
)
def test_who_was_something_is_that_no_more(source: str, name: str | None) -> None:
    assert resolve(f"Ada Quill, the former mayor of Norland, slept. {source} wept.", source).name == name


@pytest.mark.parametrize(
    ("words", "name"),
    [("<Roads Agency>", "Roads Agency"), ("Roads Agency <RDS.N>, an office", "Roads Agency")],
)
def test_a_name_may_stand_in_brackets_or_before_a_ticker(words: str, name: str) -> None:
    assert resolve(f"It rained. {words} said so.", words).name == name


def test_initials_that_are_no_entity_stand_for_the_only_organisation_that_has_them() -> None:
    text = "The Road and Tunnel Union met. The RTU said so. The SSC left."
    union = EntityDraft(
        name="Road and Tunnel Union", name_key="", type="organisation", mentions=[(Range(4, 25), "name")]
    )
    resolver = Resolver(text, [union])
    assert resolver.resolve(claim(text, "The RTU"))[0].entity == 0
    (found,) = resolver.resolve(claim(text, "The SSC"))
    assert (found.name, found.type, found.how) == ("SSC", "named_organisation", "formed")


def test_the_governor_of_a_bank_is_who_is_named() -> None:
    text = "Bank of Norland governor Ada Quill said so. Friend of minister Bo Reed left."
    assert resolve(text, "Bank of Norland governor Ada Quill").name == "Ada Quill"
    assert resolve(text, "Friend of minister Bo Reed").name is None


@pytest.mark.parametrize(
    ("before", "source", "name"),
    [
        ("The Roads Agency met. ", "The agency", "Roads Agency"),
        ("The Roads Agency met. ", "The bridge", None),
        ("The Roads Agency met. The Evening Post was there. ", "The post", None),
        ("", "Some senior Roads Agency", None),
        ("", "Workers within the Roads Agency", None),
        ("", "The five unions which met Ada Quill", None),
    ],
)
def test_a_body_is_meant_by_a_word_of_its_name_and_not_by_who_is_of_it(
    before: str, source: str, name: str | None
) -> None:
    assert resolve(f"{before}{source} said so.", source).name == name


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

from __future__ import annotations

import pytest

from streams.enrich.drafts import ClaimDraft, EntityDraft, LinkDraft, Range
from streams.enrich.sources import ResolvedSource, Resolver

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
        ("Roads Agency estimates", "document", None, None),
        ("a report by the Roads Agency", "document", None, None),
        ("a spokesman for Ada Quill", "role", None, "spokesman for Ada Quill"),
        ("Roads Agency officials", "collective", None, "Roads Agency officials"),
        ("a source close to Ada Quill", "anonymous", None, None),
        ("an official who asked for anonymity", "anonymous", None, None),
        ("residents", "collective", None, "residents"),
        ("they", "unresolved", None, None),
        ("I", "self", None, None),
        ("the weather", "other", None, None),
    ],
)
def test_kinds_of_sources(source: str, type_: str, name: str | None, role: str | None) -> None:
    found = resolve(f"{source} said so. Ada Quill stayed.", source)
    assert (found.type, found.name, found.role) == (type_, name, role)


def test_a_surname_has_its_full_name_as_antecedent() -> None:
    text = "Ada Quill spoke. Quill said so."
    found = resolve(text, "Quill said".removesuffix(" said"))
    assert found.antecedent == []
    (found,) = Resolver(text, entities(text)).resolve(claim(text, "Quill", after=10))
    assert found.antecedent == [Range(0, 9)]


def test_a_pronoun_is_who_spoke_last_or_was_named_last() -> None:
    text = "Ada Quill said one thing to Bo Reed. He said another.\nShe agreed."
    resolver = Resolver(text, entities(text))
    resolver.resolve(claim(text, "Ada Quill"))
    (he,) = resolver.resolve(claim(text, "He"))
    assert (he.name, he.antecedent, he.spans) == ("Ada Quill", [Range(0, 9)], [Range(37, 39)])
    (she,) = resolver.resolve(claim(text, "She"))
    assert (she.name, she.antecedent) == ("Ada Quill", [Range(0, 9)])
    (silent,) = Resolver(text, entities(text)).resolve(claim(text, "He"))
    assert silent.name == "Bo Reed"


def test_a_pronoun_looks_back_one_paragraph() -> None:
    text = "Ada Quill left.\nIt rained.\nShe said so."
    assert resolve(text, "She").type == "unresolved"


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

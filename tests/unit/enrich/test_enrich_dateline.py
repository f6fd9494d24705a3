"""A dateline is no part of what a report says, and its place is a place."""

from __future__ import annotations

import pytest

from schemas import EnrichedArticle, Entity, Span
from streams.enrich.dateline import with_place, without_dateline
from streams.enrich.drafts import EntityDraft, Range
from streams.enrich.enricher import Enricher
from streams.normalize.notices import dateline_of
from tests.unit.enrich.enrich_parts import assert_true, unique

REPORTS = {
    "a possessive opens it": (
        "ELMSFORD, Oct 15 (Northgate) - Velland's central bank hinted that it might cut its rate before the "
        "spring.\nPrices in Elmsford had fallen, the bank said."
    ),
    "a name opens it": (
        "ELMSFORD (Northgate) - Governor Livia Marsh said that the rate would stay.\nShe left Elmsford by train."
    ),
    "a role opens it": "KIRKHAVEN — The harbour master said that no ship had sunk. “None,” he said.",
    "it stands under a headline": (
        "Museum returns drum\n\nSKARV - The museum's director, Ada Quill, said that the drum would go home."
    ),
    "two places": "ELMSFORD/NEW LUND, March 3 - Ada Quill said that the talks had failed.",
}


def enriched(enricher: Enricher, text: str) -> EnrichedArticle:
    dateline = dateline_of(text)
    assert dateline is not None
    (event,) = enricher.enrich([unique(text, article={"dateline": dateline})], [1])
    assert_true(event)
    assert event.dateline == dateline
    return event


@pytest.mark.parametrize("text", REPORTS.values(), ids=REPORTS)
def test_no_claim_reaches_into_the_dateline(enricher: Enricher, text: str) -> None:
    event = enriched(enricher, text)
    assert event.dateline is not None
    end = text.index(" ", event.dateline.end) + 2
    assert event.claims
    spans: list[Span] = []
    for claim in event.claims:
        spans += [*claim.content, *claim.verbatim, *claim.context]
        for link in claim.chain:
            spans += link.cues
            for source in link.sources:
                spans += [*source.spans, *source.antecedent]
    assert [span.exact for span in spans if event.dateline.start <= span.start < end] == []


def place(event: EnrichedArticle, name: str) -> list[Entity]:
    return [entity for entity in event.entities if entity.name.casefold() == name.casefold()]


@pytest.mark.parametrize(
    ("report", "name", "count"),
    [
        ("a possessive opens it", "Elmsford", 2),
        ("a name opens it", "Elmsford", 2),
        ("a role opens it", "Kirkhaven", 1),
        ("it stands under a headline", "Skarv", 1),
        ("two places", "Elmsford", 1),
    ],
)
def test_its_place_is_a_place(enricher: Enricher, report: str, name: str, count: int) -> None:
    event = enriched(enricher, REPORTS[report])
    (entity,) = place(event, name)
    assert (entity.name, entity.type, entity.count) == (name, "place", count)
    assert event.dateline is not None
    assert entity.mentions[0].start == event.dateline.start
    assert not place(event, "Northgate")


def draft(name: str, type_: str, at: int, country: str | None = None) -> EntityDraft:
    key = name.casefold()
    return EntityDraft(
        name=name, name_key=key, type=type_, mentions=[(Range(at, at + 1), "name")], country=country  # type: ignore[arg-type]
    )  # fmt: skip


def line(exact: str, start: int = 0) -> Span:
    return Span(field="text", start=start, end=start + len(exact), exact=exact)


def test_a_place_taken_for_an_organisation_is_one_entity() -> None:
    (found,) = with_place([draft("Elmsford", "organisation", 40)], line("ELMSFORD (AP)"))
    assert (found.name, found.type) == ("Elmsford", "place")
    assert found.mentions == [(Range(0, 8), "name"), (Range(40, 41), "name")]


def test_a_person_of_the_same_name_is_somebody_else() -> None:
    found = with_place([draft("Paris", "person", 40)], line("PARIS (AP)"))
    assert [(one.name, one.type) for one in found] == [("Paris", "place"), ("Paris", "person")]


def test_a_country_has_its_code() -> None:
    (found,) = with_place([], line("SINGAPORE, March 3"))
    assert (found.name, found.country, found.type) == ("Singapore", "SG", "place")


@pytest.mark.parametrize(
    ("exact", "name"),
    [
        ("ST. JOHN'S, N.L.", "St. John's"),
        ("PORT LOUIS/PARIS", "Port Louis"),
        ("McALLEN, Texas", "McALLEN"),
        ("ÖREBRO", "Örebro"),
    ],
)
def test_how_a_place_is_written(exact: str, name: str) -> None:
    (found,) = with_place([], line(exact))
    assert found.name == name


def test_no_dateline_changes_nothing() -> None:
    entities = [draft("Elmsford", "place", 3)]
    assert with_place(entities, None) == entities
    assert with_place(entities, line("【11月24日 AFP】")) == entities
    assert without_dateline("ELMSFORD - It rained.", None) == "ELMSFORD - It rained."


def test_what_the_model_sees_has_the_same_offsets() -> None:
    text = "Drum goes home\n\nSKARV, Oct 12 (AP) -- A drum."
    seen = without_dateline(text, dateline_of(text))
    assert len(seen) == len(text)
    assert seen.index("A drum.") == text.index("A drum.")
    assert seen.split() == ["Drum", "goes", "home", "A", "drum."]
    assert seen[text.index("A drum.") - 1] == "\n"

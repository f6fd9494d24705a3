"""Ids: the same for the same, different for the different, for ever."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import ids
from schemas.base import Span

PART = st.text(st.characters(codec=None), max_size=20) | st.sampled_from(
    ["", "\x1e", "\x1f", "\x1es", "\x1ee", "a\x1f", "\x1fa", "\ud800", "🚢"]
)
PLAIN = st.text(st.characters(exclude_characters="\x1e\x1f", exclude_categories=["Cs"]), max_size=20)
NUMBER = st.integers(0, 10**6)
SPANS = st.lists(
    st.builds(
        Span,
        field=st.sampled_from(["title", "description", "text"]),
        start=NUMBER,
        end=NUMBER,
        exact=st.just("x"),
    ),
    max_size=4,
)
OF_TEXTS: dict[Callable[..., str], int] = {
    ids.source_id: 2,
    ids.item_id: 4,
    ids.revision_id: 2,
    ids.enrichment_id: 4,
    ids.article_event_id: 2,
    ids.sighting_event_id: 2,
    ids.unique_event_id: 2,
    ids.definition_event_id: 2,
    ids.part_event_id: 2,
}
"""Ids that are made of texts alone, and of how many."""
FUNCTIONS = pytest.mark.parametrize("function", OF_TEXTS, ids=lambda function: function.__name__)

SPAN = Span(field="text", start=3, end=8, exact="hello")
GOLDEN = {
    "source_id": (
        ids.source_id("feed", "https://example.org/feed.xml"),
        "db144129-98a5-5d37-8253-64e679af48f1",
    ),
    "item_id": (
        ids.item_id("source", "native", "0" * 64, "2026-11-24T05:12:08Z"),
        "02c2eef5-5ca6-53e3-9ef3-4e854e8aeaeb",
    ),
    "item_id_of_bytes": (ids.item_id_of_bytes(b"\xff\x00"), "05c699ed-256d-5e68-9ac6-2c7a42095727"),
    "article_id by url": (
        ids.article_id("https://example.org/a", "source", "native"),
        "d73ea590-d587-5314-8374-bd5911543c42",
    ),
    "article_id by native id": (
        ids.article_id(None, "source", "native"),
        "75779150-c83e-5b80-886a-88eac84d2c84",
    ),
    "content_hash": (
        ids.content_hash("Title", None, "Text 🚢"),
        "78645263aa6147bb71a9b4cd36c33de49ede8013b9616c92743e9370517145b1",
    ),
    "revision_id": (ids.revision_id("article", "0" * 64), "85a82ddf-770f-5bdc-855b-e6f0c6146789"),
    "enrichment_id": (
        ids.enrichment_id("revision", "quotes", "1", ""),
        "9603543c-8c8f-5b08-b3ea-c32086d38f46",
    ),
    "claim_id": (ids.claim_id("revision", [SPAN], [SPAN]), "30122c11-8e52-53c0-a97e-856143f9781f"),
    "entity_id": (
        ids.entity_id("article", "revision", "person", SPAN),
        "2e35973b-d9fc-5237-9a0f-b103f357eb04",
    ),
    "article_event_id": (ids.article_event_id("item", "plain/1"), "3d52afb7-eabc-528c-83d0-8429910c1368"),
    "sighting_event_id": (ids.sighting_event_id("item", "plain/1"), "86e90fa2-ec56-5f56-b03e-0e3de959e9ea"),
    "unique_event_id": (ids.unique_event_id("item", "plain/1"), "095b6b58-fe17-5172-ab86-84d24fbc478f"),
    "enriched_event_id": (
        ids.enriched_event_id("item", "enrichment", 1),
        "467c1083-d738-5d07-a92c-0100d7424f35",
    ),
    "outcome_event_id": (ids.outcome_event_id("item", 1), "5dde4701-dfd0-5cc4-837f-447ae37b5362"),
    "part_event_id": (ids.part_event_id("event", "claim"), "907d507f-5830-5cbf-9115-0b9b23d9979c"),
    "definition_event_id": (
        ids.definition_event_id("source", "2026-11-24T05:12:08Z"),
        "b4330bee-5c20-54d6-b533-f8bd5e2e8ea6",
    ),
    "state_event_id": (
        ids.state_event_id("source", 7, "2026-11-24T05:12:08Z"),
        "9de052e2-1d39-50ea-995c-eda527d89c11",
    ),
}
"""These must never change: everything that was ever stored is named by them."""


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str) -> None:
    found, expected = GOLDEN[name]
    assert found == expected


def test_golden_ids_cover_every_function() -> None:
    made = {name.partition(" ")[0] for name in GOLDEN}
    public = {
        name
        for name, value in vars(ids).items()
        if name.endswith(("_id", "_hash", "_bytes")) and callable(value) and not name.startswith("_")
    }
    assert made == public


@FUNCTIONS
@given(data=st.data())
def test_a_uuid_of_version_5_in_lower_case(function: Callable[..., str], data: st.DataObject) -> None:
    parts = data.draw(st.lists(PART, min_size=OF_TEXTS[function], max_size=OF_TEXTS[function]))
    found = function(*parts)
    parsed = uuid.UUID(found)
    assert parsed.version == 5
    assert parsed.variant == uuid.RFC_4122
    assert str(parsed) == found
    assert function(*parts) == found


@FUNCTIONS
@given(data=st.data())
def test_different_parts_different_ids(function: Callable[..., str], data: st.DataObject) -> None:
    parts = st.lists(PART, min_size=OF_TEXTS[function], max_size=OF_TEXTS[function])
    one, two = data.draw(parts), data.draw(parts)
    assert (function(*one) == function(*two)) == (one == two)


@given(st.text("a\x1e\x1fes", max_size=6), st.text("a\x1e\x1fes", max_size=6), st.data())
def test_no_boundary_can_be_moved(left: str, right: str, data: st.DataObject) -> None:
    whole = left + "\x1f" + right
    cuts = [index for index, char in enumerate(whole) if char == "\x1f"]
    cut = data.draw(st.sampled_from(cuts))
    other = (whole[:cut], whole[cut + 1 :])
    assert (ids.revision_id(left, right) == ids.revision_id(*other)) == ((left, right) == other)
    assert (ids.content_hash(left, right, "") == ids.content_hash(*other, "")) == ((left, right) == other)


@given(PLAIN, PLAIN)
def test_the_same_as_the_standard_librarys(one: str, two: str) -> None:
    kind = uuid.uuid5(ids.NAMESPACE, "revision")
    assert ids.revision_id(one, two) == str(uuid.uuid5(kind, f"{one}\x1f{two}"))


@given(PART, PART)
def test_kinds_never_share_an_id(one: str, two: str) -> None:
    made = {
        ids.source_id(one, two),
        ids.revision_id(one, two),
        ids.article_id(None, one, two),
        ids.article_event_id(one, two),
        ids.sighting_event_id(one, two),
        ids.unique_event_id(one, two),
        ids.definition_event_id(one, two),
        ids.part_event_id(one, two),
    }
    assert len(made) == 8


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_records_that_do_not_decode_are_named_by_their_bytes(one: bytes, two: bytes) -> None:
    assert (ids.item_id_of_bytes(one) == ids.item_id_of_bytes(two)) == (one == two)


@given(PART.filter(bool), PART, PART, PART)
def test_an_article_is_its_url_whoever_shows_it(url: str, source: str, one: str, two: str) -> None:
    assert ids.article_id(url, source, one) == ids.article_id(url, "another source", two)
    assert ids.article_id(url, source, one) != ids.article_id(None, source, one)


@given(PART, PART, PART)
def test_without_a_url_an_article_is_its_source_and_native_id(source: str, one: str, two: str) -> None:
    assert (ids.article_id(None, source, one) == ids.article_id("", source, two)) == (one == two)


@given(PART, PART, PART)
def test_content_is_title_description_and_text(title: str, description: str, text: str) -> None:
    found = ids.content_hash(title, description, text)
    assert len(found) == 64
    assert found == ids.content_hash(title or None, description or None, text)
    assert found != ids.content_hash(title + "x", description, text)
    assert found != ids.content_hash(title, description + "x", text)
    assert found != ids.content_hash(title, description, text + "x")


def test_the_same_bytes_seen_again_later_are_another_item() -> None:
    first = ids.item_id("source", "native", "0" * 64, "2026-11-24T05:12:08Z")
    assert first == ids.item_id("source", "native", "0" * 64, "2026-11-24T05:12:08Z")
    assert first != ids.item_id("source", "native", "0" * 64, "2026-11-24T05:12:09Z")


def places(spans: list[Span]) -> list[tuple[str, int, int]]:
    return [(span.field, span.start, span.end) for span in spans]


@given(SPANS, SPANS, SPANS, SPANS)
def test_a_claim_is_its_revision_and_the_places_of_content_and_chain(
    content: list[Span], chain: list[Span], content2: list[Span], chain2: list[Span]
) -> None:
    same = (places(content), places(chain)) == (places(content2), places(chain2))
    assert (ids.claim_id("r", content, chain) == ids.claim_id("r", content2, chain2)) == same
    assert ids.claim_id("r", content, chain) != ids.claim_id("r2", content, chain)


@given(SPANS.filter(bool))
def test_two_people_of_one_name_in_two_documents_are_two_entities(spans: list[Span]) -> None:
    first = spans[0]
    one = ids.entity_id("article", "revision", "person", first)
    assert one == ids.entity_id("article", "revision", "person", first)
    assert one != ids.entity_id("article 2", "revision", "person", first)
    assert one != ids.entity_id("article", "revision 2", "person", first)
    assert one != ids.entity_id("article", "revision", "place", first)


@given(NUMBER, NUMBER)
def test_attempts_and_generations_count(one: int, two: int) -> None:
    same = one == two
    assert (ids.outcome_event_id("item", one) == ids.outcome_event_id("item", two)) == same
    assert (ids.enriched_event_id("i", "e", one) == ids.enriched_event_id("i", "e", two)) == same
    assert (ids.state_event_id("s", one, "t") == ids.state_event_id("s", two, "t")) == same


@pytest.mark.parametrize("data", ["", "ünïcødé 🚢", b"\xff"])
def test_sha256_is_of_the_utf8(data: str | bytes) -> None:
    import hashlib

    raw = data.encode() if isinstance(data, str) else data
    assert ids.sha256_hex(data) == hashlib.sha256(raw).hexdigest()

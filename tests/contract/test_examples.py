"""The examples are valid, survive the structs unchanged, and are true: offsets, hashes, ids."""

from __future__ import annotations

import base64
import json
from collections import Counter
from typing import Any

import msgspec
import pytest

from schemas import ids
from schemas.base import Span
from schemas.dead_letter import DeadLetterHeaders, read_headers, write_headers
from schemas.json_schema import EVENTS, STRUCTS, examples_of
from schemas.wire import Progress, decode, encode
from tests.contract.story.build import build
from tests.support.contracts import problems, spans, validator

EXAMPLES = {file: (name, data) for name in STRUCTS for file, data in examples_of(name).items()}
EVENT_FILES = [file for file, (name, _) in EXAMPLES.items() if name in EVENTS]


def of(name: str) -> dict[str, dict[str, Any]]:
    return {file: data for file, (kind, data) in EXAMPLES.items() if kind == name}


def by_item(name: str) -> dict[str, dict[str, Any]]:
    return {data["item_id"]: data for data in of(name).values()}


def test_every_contract_has_at_least_two_examples() -> None:
    counts = Counter(name for name, _ in EXAMPLES.values())
    assert set(counts) == set(STRUCTS)
    assert min(counts.values()) >= 2


def test_the_builder_makes_what_is_committed() -> None:
    made = {}
    for name, event in build().items():
        if isinstance(event, dict):
            made[f"{name}.json"] = {key: value.decode() for key, value in event.items()}
        else:
            made[f"{name}.json"] = json.loads(encode(event))
    assert made == {file: data for file, (_, data) in EXAMPLES.items()}


@pytest.mark.parametrize("file", EXAMPLES)
def test_valid_for_writers_and_readers(file: str) -> None:
    name, data = EXAMPLES[file]
    assert problems(validator(name, "writer"), data) == []
    assert problems(validator(name, "reader"), data) == []


@pytest.mark.parametrize("file", EVENT_FILES)
def test_struct_and_back_is_the_same(file: str) -> None:
    name, data = EXAMPLES[file]
    event = decode(json.dumps(data).encode(), EVENTS[name])
    again = encode(event)
    assert json.loads(again) == data
    assert encode(decode(again, EVENTS[name])) == again
    assert problems(validator(name, "writer"), json.loads(again)) == []


@pytest.mark.parametrize("file", of("progress_header"))
def test_progress_header_and_back_is_the_same(file: str) -> None:
    data = EXAMPLES[file][1]
    assert json.loads(msgspec.json.encode(msgspec.convert(data, Progress))) == data


@pytest.mark.parametrize("file", of("dead_letter_headers"))
def test_dead_letter_headers_and_back_are_the_same(file: str) -> None:
    data = EXAMPLES[file][1]
    headers = [("traceparent", b"00-0-0-00"), *((name, value.encode()) for name, value in data.items())]
    found = read_headers(headers)
    assert isinstance(found, DeadLetterHeaders)
    assert isinstance(found.offset, int)
    assert dict(write_headers(found)) == dict(headers[1:])


def texts_of(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that an event's offsets are in: its own, or its revision's."""
    if name in {"claim", "entity"}:
        whole = [e for e in of("enriched_article").values() if e["revision_id"] == data["revision_id"]]
        assert len(whole) == 1
        return whole[0]
    inner: dict[str, Any] = data.get("article", data)
    return inner


@pytest.mark.parametrize("file", EVENT_FILES)
def test_every_span_reproduces_the_stored_text(file: str) -> None:
    name, data = EXAMPLES[file]
    texts = texts_of(name, data)
    for path, span in spans(data):
        found = texts[span["field"]][span["start"] : span["end"]]
        assert found == span["exact"], path
        assert found, path


def test_spans_stand_behind_an_astral_character_somewhere() -> None:
    """Else nobody would see whether offsets count code points or UTF-16 units."""
    text = of("enriched_article")["enriched_article.first.json"]["text"]
    astral = next(index for index, char in enumerate(text) if ord(char) > 0xFFFF)
    found = [
        span
        for data in of("enriched_article").values()
        for _, span in spans(data)
        if span["field"] == "text" and span["start"] > astral
    ]
    assert len(found) >= 5
    assert any("🚢" in span["exact"] for _, span in spans(of("claim")["claim.post.json"]))


def test_hashes_are_those_of_the_texts() -> None:
    for data in of("raw_item").values():
        if data["body"] is not None:
            body = data["body"]
            raw = base64.b64decode(body["data"]) if body["data"] else body["text"].encode()
            assert body["sha256"] == ids.sha256_hex(raw)
    for data in of("article").values():
        assert data["content_hash"] == ids.content_hash(data["title"], data["description"], data["text"])
    for data in of("enriched_article").values():
        assert data["text_sha256"] == ids.sha256_hex(data["text"])


def test_ids_are_those_of_the_rules() -> None:
    for data in of("raw_item").values():
        body = data["body"]["sha256"] if data["body"] else ""
        assert data["item_id"] == ids.item_id(data["source_id"], data["native_id"], body, data["fetched_at"])
    for data in of("article").values():
        assert data["article_id"] == ids.article_id(
            data["canonical_url"], data["source_id"], data["native_id"]
        )
        assert data["item_id"] == ids.item_id(
            data["source_id"], data["native_id"], data["raw_hash"], data["fetched_at"]
        )
    for data in of("sighting").values():
        assert data["revision_id"] == ids.revision_id(data["article_id"], data["content_hash"])
    for data in of("enriched_article").values():
        content = ids.content_hash(data["title"], data["description"], data["text"])
        assert data["revision_id"] == ids.revision_id(data["article_id"], content)
        model = data["enricher"]
        assert data["enrichment_id"] == ids.enrichment_id(
            data["revision_id"], model["name"], model["version"], model["weights_sha256"] or ""
        )
    for data in of("source_definition").values():
        assert data["source_id"] == ids.source_id(data["kind"], data["url"])


def test_ids_of_claims_and_entities_are_those_of_their_spans() -> None:
    whole = [data for data in of("enriched_article").values() if data["text"]]
    claims = [*of("claim").values(), *(claim for data in whole for claim in data["claims"])]
    for claim in claims:
        content = msgspec.convert(claim["content"], list[Span])
        chain = [
            span
            for link in claim["chain"]
            for span in (*link["cues"], *(s for source in link["sources"] for s in source["spans"]))
        ]
        chain_spans = msgspec.convert(chain, list[Span])
        assert claim["claim_id"] == ids.claim_id(claim["revision_id"], content, chain_spans)
    for entity in [*of("entity").values(), *(entity for data in whole for entity in data["entities"])]:
        first = msgspec.convert(entity["mentions"][0], Span)
        assert entity["entity_id"] == ids.entity_id(
            entity["article_id"], entity["revision_id"], entity["type"], first
        )
        assert entity["count"] == len(entity["mentions"])


def test_one_story_goes_through_all_stages() -> None:
    items, articles, seen = by_item("raw_item"), by_item("article"), by_item("sighting")
    wire = of("article")["article.wire.json"]
    assert wire["item_id"] in items
    assert wire["item_id"] in seen
    first = of("enriched_article")["enriched_article.first.json"]
    assert first["revision_id"] == seen[wire["item_id"]]["revision_id"]
    second = of("enriched_article")["enriched_article.correction.json"]
    assert second["previous_revision_id"] == first["revision_id"]
    assert second["article_id"] == first["article_id"]
    copied = of("sighting")["sighting.duplicate.json"]
    assert copied["item_id"] in articles
    assert copied["relations"][0]["revision_id"] == first["revision_id"]
    assert {data["outcome"] for data in of("outcome").values()} >= {"enriched", "duplicate", "rejected"}


def test_claim_ids_name_exactly_the_claims() -> None:
    for data in of("enriched_article").values():
        assert data["claim_ids"] == [claim["claim_id"] for claim in data["claims"]]
        assert len(set(data["claim_ids"])) == len(data["claim_ids"])
        known = {entity["entity_id"] for entity in data["entities"]}
        for claim in data["claims"]:
            assert claim["parent_claim_id"] in {None, *data["claim_ids"]}
            for link in claim["chain"]:
                assert {source["entity_id"] for source in link["sources"]} <= {None, *known}

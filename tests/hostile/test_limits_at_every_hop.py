"""Sizes hold at every hop: just below each limit, at it and just above, through workers and Kafka.

What is above is cut and flagged, or set aside whole; nothing is lost and no worker falls.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kafka.errors import MessageSizeTooLargeError

from connectors.framework.lines import LINE_BYTES
from connectors.framework.records import raw_record as sent_by_connectors
from schemas import limits, topics
from schemas.article import Article
from schemas.claim import Claim
from schemas.dead_letter import CUT_HEADER, read_headers
from schemas.entity import Entity
from schemas.ids import item_id_of_bytes
from schemas.limits import DEAD_LETTER_RECORD_BYTES, MIB, PAGE_BODY_BYTES, RAW_RECORD_BYTES, TEXT_CHARS
from schemas.outcome import Outcome
from schemas.topics import RECORD_OVERHEAD, topic_named
from schemas.wire import WireRecord, header, header_bytes
from streams.engine.records import Record
from tests.support.brokers import consume, produce
from tests.support.order import assert_in_order, newswire
from tests.support.pipeline import Pipeline, items, raw_record
from tests.support.sizes import astral, english, item_of_size, quotations, words
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1500)]

AROUND = pytest.mark.parametrize("more", [-1, 0, 1], ids=["below", "at", "above"])


@pytest.fixture
def pipeline(shared_pipeline: Pipeline) -> Pipeline:
    return shared_pipeline


def outcomes_of(pipeline: Pipeline, *item_ids: str) -> list[Outcome]:
    eventually(
        lambda: set(item_ids) <= set(pipeline.outcomes()), "every item has an outcome", 400, pause_s=0.5
    )
    found = pipeline.outcomes()
    return [found[item_id] for item_id in item_ids]


def outcomes_from(pipeline: Pipeline, source_id: str) -> list[Outcome]:
    return [outcome for outcome in pipeline.outcomes().values() if outcome.source_id == source_id]


def letters_of(pipeline: Pipeline, item_id: str) -> list[Record]:
    """An item's dead letters, of which there is one at least; it may come after the outcome that tells of it."""

    def found() -> list[Record]:
        records = consume(pipeline.kafka, topics.DEAD_LETTER.name)
        return [each for each in records if read_headers(list(each.headers)).item_id == item_id]

    return eventually(found, "there is a dead letter")


def events_of(pipeline: Pipeline, topic: str, kind: Any) -> dict[str, Any]:
    found = (msgspec.json.decode(r.value or b"", type=kind) for r in consume(pipeline.kafka, topic))
    return {event.item_id: event for event in found}


# -- raw records: 12 MiB -----------------------------------------------------------------------------------


@AROUND
@pytest.mark.parametrize("text", [True, False], ids=["text", "bytes"])
def test_the_largest_raw_records_reach_their_outcome(pipeline: Pipeline, more: int, text: bool):
    item, record = item_of_size(RAW_RECORD_BYTES + more, seed=more + 2, text=text)
    if more > 0:  # a connector cuts the body, and names the item anew
        item, record = sent_by_connectors(item)
        assert record.size <= RAW_RECORD_BYTES
        assert item.body is not None
        assert item.body.truncated
    produce(pipeline.kafka, [record], compression=None)
    (outcome,) = outcomes_of(pipeline, item.item_id)
    if not text:
        assert (outcome.outcome, outcome.reason) == ("rejected", "undecodable")
        return
    assert outcome.outcome == "enriched"
    (article,) = (a for a in pipeline.enriched() if a.item_id == item.item_id)
    assert item.body is not None
    assert item.body.text is not None
    assert article.text == item.body.text[:TEXT_CHARS]
    assert article.truncated
    assert ("body_truncated" in article.quality) == (more > 0)


# -- dead letters: 13 MiB ----------------------------------------------------------------------------------


@AROUND
def test_the_largest_broken_records_become_dead_letters_with_the_same_bytes(pipeline: Pipeline, more: int):
    key = b"broken"
    value = random.Random(more).randbytes(RAW_RECORD_BYTES + more - len(key))
    original = WireRecord(topic=topics.RAW.name, key=key, value=value, headers=[("h", b"\xff" * 4000)])
    ((topic, partition, offset),) = produce(pipeline.kafka, [original], compression=None)
    item_id = item_id_of_bytes(value)
    (outcome,) = outcomes_of(pipeline, item_id)
    assert (outcome.outcome, outcome.reason) == ("dead_letter", "not_json")
    (letter,) = letters_of(pipeline, item_id)
    assert (letter.key, letter.value, letter.headers[:1]) == (key, value, tuple(original.headers))
    assert header(letter.headers, CUT_HEADER) is None
    said = read_headers(list(letter.headers))
    assert (said.topic, said.partition, said.offset) == (topic, partition, offset)


def test_what_is_over_every_limit_is_refused_by_the_broker(pipeline: Pipeline):
    value = random.Random(5).randbytes(RAW_RECORD_BYTES + RECORD_OVERHEAD)
    with pytest.raises(MessageSizeTooLargeError):
        produce(pipeline.kafka, [WireRecord(topic=topics.RAW.name, key=b"k", value=value)], compression=None)


def unpacking_to(size: int, key: bytes) -> WireRecord:
    """A record that brokers, which measure what they store, take compressed whatever it unpacks to."""
    return WireRecord(topic=topics.RAW.name, key=key, value=b'"' + b" " * (size - len(key) - 1), partition=0)


def letter_of_what_unpacks(pipeline: Pipeline, original: WireRecord) -> Record:
    produce(pipeline.kafka, [original], compression="gzip", largest=2 * original.size + MIB)
    item_id = item_id_of_bytes(original.value)
    (outcome,) = outcomes_of(pipeline, item_id)
    assert (outcome.outcome, outcome.reason) == ("dead_letter", "not_json")
    (letter,) = letters_of(pipeline, item_id)
    assert letter.key == original.key
    return letter


@AROUND
def test_the_largest_dead_letters(pipeline: Pipeline, more: int):
    key = b"letter %d" % more
    small = letter_of_what_unpacks(pipeline, unpacking_to(100 + 10 * more, key))
    headers = header_bytes(small.headers)
    # The next record of the partition has the next offset, which may be a digit longer.
    offset = read_headers(list(small.headers)).offset
    headers += len(str(offset + 1)) - len(str(offset))
    original = unpacking_to(DEAD_LETTER_RECORD_BYTES - headers + more, key)
    letter = letter_of_what_unpacks(pipeline, original)
    assert read_headers(list(letter.headers)).offset == offset + 1
    assert letter.value is not None
    assert original.value is not None
    assert original.value.startswith(letter.value)
    assert (len(letter.value) < len(original.value)) == (more > 0)
    assert header(letter.headers, CUT_HEADER) == (b"%d" % original.size if more > 0 else None)
    if more <= 0:
        assert letter.size + header_bytes(letter.headers) == DEAD_LETTER_RECORD_BYTES + more


def test_what_unpacks_to_many_times_the_limit_is_cut_and_says_so(pipeline: Pipeline):
    original = unpacking_to(80 * MIB, b"bomb")
    letter = letter_of_what_unpacks(pipeline, original)
    assert letter.size + header_bytes(letter.headers) == DEAD_LETTER_RECORD_BYTES
    assert header(letter.headers, CUT_HEADER) == b"%d" % original.size


@pytest.mark.parametrize("name", ["traceparent", "tracestate", "newswire-progress", "other"])
def test_headers_of_any_size_stop_nobody(pipeline: Pipeline, name: str):
    # Six MiB that compress: over the limit of every topic but the first and the last.
    (item,) = items([{"id": f"headers {name}", "text": english(2_000, seed=len(name))}])
    record = raw_record(item)
    record = msgspec.structs.replace(
        record, headers=[*record.headers, (name, b"7" * (6 * MIB)), ("empty", b"")]
    )
    broken = msgspec.structs.replace(record, value=b"broken " + name.encode())
    produce(pipeline.kafka, [record, broken])
    good, bad = outcomes_of(pipeline, item.item_id, item_id_of_bytes(broken.value))
    assert (good.outcome, good.attempt) == ("enriched", 1)
    assert bad.outcome == "dead_letter"
    (letter,) = letters_of(pipeline, bad.item_id)
    assert letter.headers[: len(broken.headers)] == tuple(broken.headers)


# -- text: 300,000 code points -----------------------------------------------------------------------------


@AROUND
@pytest.mark.parametrize("make", [words, astral, quotations])
def test_the_longest_texts(pipeline: Pipeline, make: Any, more: int):
    text = make(TEXT_CHARS + more, seed=more + 7)
    assert len(text) == TEXT_CHARS + more
    (item,) = pipeline.send(items([{"id": f"{make.__name__} {more}", "text": text}]))
    (outcome,) = outcomes_of(pipeline, item.item_id)
    assert outcome.outcome == "enriched"
    (enriched,) = (a for a in pipeline.enriched() if a.item_id == item.item_id)
    for event in (events_of(pipeline, topics.ARTICLE.name, Article)[item.item_id], enriched):
        assert event.text == text[:TEXT_CHARS]
        assert event.truncated == (more > 0)
    of_its_own: list[tuple[Any, str, list[Any]]] = [
        (Claim, topics.CLAIMS.name, enriched.claims),
        (Entity, topics.ENTITIES.name, enriched.entities),
    ]
    for kind, topic, parts in of_its_own:
        found = [msgspec.json.decode(r.value or b"", type=kind) for r in consume(pipeline.kafka, topic)]
        of_this = [part for part in found if part.revision_id == enriched.revision_id]
        assert sorted(of_this, key=repr) == sorted(parts, key=repr)
    if make is quotations:
        # Tens of thousands of claims take many times a record: those that fit are kept, and it says so.
        assert (enriched.analysis.claims, enriched.analysis.reason) == ("partial", "record_limit")
        assert len(enriched.claims) > 500
        for claim in enriched.claims:
            for span in claim.content:
                assert enriched.text[span.start : span.end] == span.exact


@AROUND
@pytest.mark.parametrize(
    ("field", "limit"),
    [("title", limits.TITLE_CHARS), ("description", limits.DESCRIPTION_CHARS)],
    ids=["title", "description"],
)
def test_titles_and_descriptions(pipeline: Pipeline, field: str, limit: int, more: int):
    line = astral(limit + more, seed=more + 40).replace(" ", "-")
    sent = {"id": f"{field} {more}", "text": english(3_000, seed=more + limit), field: line}
    (item,) = pipeline.send(items([sent]))
    (outcome,) = outcomes_of(pipeline, item.item_id)
    assert outcome.outcome == "enriched"
    (article,) = (a for a in pipeline.enriched() if a.item_id == item.item_id)
    assert getattr(article, field) == line[:limit]
    assert (f"{field}_truncated" in article.quality) == (more > 0)
    assert not article.truncated


# -- the command -------------------------------------------------------------------------------------------


def page(name: str, size: int, seed: int) -> bytes:
    start = f"<html><head><title>{name}</title></head><body><article><p>{english(3_000, seed)}</p></article>"
    filler = b"<script>" + b"x" * size
    return (start.encode() + filler)[:size]


def test_ingest_of_large_pages_and_lines(pipeline: Pipeline, tmp_path: Path):
    root = tmp_path / "large"
    root.mkdir()
    sizes = {
        "below": PAGE_BODY_BYTES - 1,
        "at": PAGE_BODY_BYTES,
        "above": PAGE_BODY_BYTES + 1,
        "far": 20 * MIB,
    }
    for seed, (name, size) in enumerate(sizes.items(), 60):
        (root / f"{name}.html").write_bytes(page(name, size, seed))
    done = newswire(pipeline, "ingest", root, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["confirmed"], report["cut"], report["dead_letters"]) == (4, 2, 0)

    eventually(lambda: len(outcomes_from(pipeline, "files:large")) == 4, "all pages have outcomes", 400)
    ended = outcomes_from(pipeline, "files:large")
    assert {outcome.outcome for outcome in ended} == {"enriched"}
    found = {a.native_id: a for a in pipeline.enriched() if a.source_id == "files:large"}
    flagged = {name: "body_truncated" in found[f"{name}.html"].quality for name in sizes}
    assert flagged == {"below": False, "at": False, "above": True, "far": True}
    for seed, name in enumerate(sizes, 60):
        assert found[f"{name}.html"].text == english(3_000, seed)


def line_of(native_id: str, size: int) -> bytes:
    """A JSON line of exactly *size* bytes without its end, nearly all of it text."""
    start = b'{"id": "%s", "text": "%s' % (native_id.encode(), english(3_000, size).encode())
    return start + (b" and so on" * (size // 10))[: size - len(start) - 2] + b'"}'


@pytest.fixture(scope="module")
def long_lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lines") / "long-lines.jsonl"
    lines = (
        line_of("at", LINE_BYTES),
        line_of("above", LINE_BYTES + 1),
        b"x" * (14 * MIB),
        line_of("after", 5_000),
    )
    path.write_bytes(b"\n".join(lines))
    return path


def test_ingest_of_lines_that_are_too_long(pipeline: Pipeline, long_lines: Path):
    done = newswire(pipeline, "ingest", long_lines, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["confirmed"], report["cut"], report["dead_letters"]) == (2, 1, 2)
    assert report["reasons"] == {"line_too_long": 1, "not_json": 1}
    source = "files:long-lines.jsonl"
    eventually(lambda: len(outcomes_from(pipeline, source)) >= 4, "all lines have outcomes", 400)
    ended = sorted((o.outcome, o.reason, o.stage) for o in outcomes_from(pipeline, source))
    assert ended == [
        ("dead_letter", "line_too_long", "connect"),
        ("dead_letter", "not_json", "connect"),
        ("enriched", None, "enrich"),
        ("enriched", None, "enrich"),
    ]
    (cut,) = (a for a in pipeline.enriched() if (a.source_id, a.native_id) == (source, "at"))
    assert cut.truncated
    assert "body_truncated" in cut.quality
    for outcome in outcomes_from(pipeline, source):
        if outcome.outcome == "dead_letter":
            (letter,) = letters_of(pipeline, outcome.item_id)
            assert letter.size <= DEAD_LETTER_RECORD_BYTES
            assert header(letter.headers, CUT_HEADER) is not None


def test_pipe_of_lines_that_are_too_long(pipeline: Pipeline, long_lines: Path):
    done = newswire(pipeline, "pipe", "normalize", "dedupe", "enrich", stdin=long_lines.read_bytes())
    assert done.returncode == 0, done.stderr
    at, above, broken, after = map(json.loads, done.stdout.splitlines())
    assert (at["event"], at["native_id"], len(at["text"])) == ("enriched_article", "at", TEXT_CHARS)
    assert at["truncated"]
    assert "body_truncated" in at["quality"]
    assert (above["event"], above["outcome"], above["reason"]) == ("outcome", "dead_letter", "line_too_long")
    assert (broken["event"], broken["outcome"], broken["reason"]) == ("outcome", "dead_letter", "not_json")
    assert (after["event"], after["native_id"], after["truncated"]) == ("enriched_article", "after", False)


# -- after all of it ---------------------------------------------------------------------------------------


def test_nothing_is_larger_than_its_topic_allows_and_all_is_in_order(pipeline: Pipeline):
    largest: dict[str, int] = {}
    for topic in topics.all_names():
        for record in consume(pipeline.kafka, topic):
            if header(record.headers, "ce_id") is not None or topic == topics.DEAD_LETTER.name:
                largest[topic] = max(largest.get(topic, 0), record.size)
    for topic, size in largest.items():
        assert size <= topic_named(topic).record_bytes, topic
    print("largest record, bytes:", largest)
    assert_in_order(pipeline)

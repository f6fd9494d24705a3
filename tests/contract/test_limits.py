"""The limits fit into one another at every hop."""

from __future__ import annotations

import base64

import msgspec
import pytest

from schemas import ids, limits
from schemas.article import Article, Extractor, Fingerprints, Sketch
from schemas.base import Dated
from schemas.dead_letter import MESSAGE_CHARS, STACKTRACE_CHARS, DeadLetterHeaders, write_headers
from schemas.json_schema import schema
from schemas.outcome import Hop, Times
from schemas.raw_item import Body, RawItem
from schemas.sighting import Relation, Sighting, UniqueArticle
from schemas.topics import RECORD_OVERHEAD
from schemas.wire import Progress, WireRecord, encode, event_headers

AT = "2026-11-24T05:12:08.702123Z"
HASH = "0" * 64
ID = ids.item_id_of_bytes(b"")
URL = "https://example.org/" + "a" * (limits.URL_CHARS - 20)


def headers() -> list[tuple[str, bytes]]:
    hops = [Hop(topic="news.article.backfill.v1", partition=999, offset=2**62)] * 3
    times = Times(published=AT, observed=AT, raw=AT, normalized=AT, judged=AT, enriched=AT)
    return event_headers(
        id=ID,
        type="newswire.unique_article.v1",
        source="/newswire/normalize",
        subject=URL,
        time=AT,
        progress=Progress(times=times, hops=hops, attempt=99, requeued_from=hops[0]),
    )


def size(value: bytes) -> int:
    return WireRecord(topic="t", key=URL.encode(), value=value).size


def bytes_of(found: list[tuple[str, bytes]]) -> int:
    """Return what headers take of a record: each has two lengths of at most five bytes."""
    return sum(len(name) + len(value) + 10 for name, value in found)


def raw_item(data: bytes) -> RawItem:
    return RawItem(
        item_id=ID,
        source_id=ID,
        source_kind="page",
        native_id="🚢" * limits.NATIVE_ID_CHARS,
        url=URL,
        link_key=URL,
        fetched_at=AT,
        title="🚢" * 10_000,
        description="🚢" * 100_000,
        body=Body(media_type="text/html", data=data, sha256=HASH),
    )


def test_the_largest_page_fits_a_raw_record_with_half_a_mebibyte_to_spare() -> None:
    value = encode(raw_item(b"\xff" * limits.PAGE_BODY_BYTES))
    assert len(value) > len(base64.b64encode(b"\xff" * limits.PAGE_BODY_BYTES))
    assert size(value) < limits.RAW_RECORD_BYTES - limits.MIB // 2


def test_one_mebibyte_more_would_not() -> None:
    assert size(encode(raw_item(b"\xff" * (limits.PAGE_BODY_BYTES + limits.MIB)))) > limits.RAW_RECORD_BYTES


def test_the_largest_raw_record_fits_a_dead_letter_with_its_error() -> None:
    longest = DeadLetterHeaders(
        topic="news.raw.backfill.v1",
        partition=999_999,
        offset=2**62,
        stage="normalize",
        task_id="h" * 300,
        exception_class="c" * 300,
        exception_message="🚢" * MESSAGE_CHARS,
        exception_stacktrace="🚢" * STACKTRACE_CHARS,
        reason="r" * 300,
        item_id=ID,
        attempt=10**6,
        failed_at=AT,
    )
    added = RECORD_OVERHEAD + bytes_of(write_headers(longest))
    assert limits.RAW_RECORD_BYTES + added < limits.DEAD_LETTER_RECORD_BYTES


def test_the_longest_headers_of_ours_fit_beside_every_record() -> None:
    # 61 bytes of batch header and some 30 of the record's own lengths are counted as well.
    assert bytes_of(headers()) + 100 < RECORD_OVERHEAD


def longest_article(text: str, sketch: Sketch) -> Article:
    return Article(
        item_id=ID,
        article_id=ID,
        source_id=ID,
        source_kind="page",
        native_id="🚢" * limits.NATIVE_ID_CHARS,
        link_key=URL,
        fetched_at=AT,
        url=URL,
        canonical_url=URL,
        title="\x01" * limits.TITLE_CHARS,
        description="\x01" * limits.DESCRIPTION_CHARS,
        text=text,
        text_basis="page",
        published_at=Dated(value=AT),
        raw_hash=HASH,
        content_hash=HASH,
        fingerprints=Fingerprints(words=150_000, exact=HASH, minhash=bytes(512), sketch=sketch),
        extractor=Extractor(name="plain", version="1"),
    )


def sketch_of(words: int, numbers: int) -> Sketch:
    return Sketch(
        shingles=bytes(4 * words),
        sentences=list(range(0, words, 20)),
        numbers=[f"{n:06}" for n in range(numbers)],
    )


@pytest.mark.parametrize(
    ("text", "sketch"),
    [
        ("\x01" * limits.TEXT_CHARS, sketch_of(0, 0)),
        ("🚢 " * (limits.TEXT_CHARS // 2), sketch_of(limits.TEXT_CHARS // 2, 0)),
        ("1234567 " * (limits.TEXT_CHARS // 8), sketch_of(limits.TEXT_CHARS // 8, limits.TEXT_CHARS // 8)),
    ],
    ids=["escaped", "one-letter words", "numbers"],
)
def test_the_longest_text_fits_every_record_that_carries_it(text: str, sketch: Sketch) -> None:
    article = longest_article(text, sketch)
    relation = Relation(article_id=ID, revision_id=ID, item_id=ID, kind="near_copy")
    sighting = Sighting(
        item_id=ID,
        native_id=article.native_id,
        source_id=ID,
        link_key=URL,
        article_id=ID,
        revision_id=ID,
        revision_number=1,
        observed_at=AT,
        judged_record_at=AT,
        title=article.title,
        url=URL,
        verdict="new",
        enrich=True,
        relations=[relation] * 10,
        window_start=AT,
        content_hash=HASH,
        fingerprints=article.fingerprints,
        extractor="plain/1",
        raw_hash=HASH,
        text_basis="page",
    )
    bare = msgspec.structs.replace(sighting, fingerprints=Fingerprints())
    for event in (article, sighting, UniqueArticle(article=article, sighting=bare)):
        assert size(encode(event)) < limits.RECORD_BYTES, type(event).__name__


def test_a_list_that_a_page_fills_leaves_room_for_the_longest_text() -> None:
    article = longest_article("🚢" * limits.TEXT_CHARS, sketch_of(0, 0))
    entries = ["🚢" * limits.LIST_ENTRY_CHARS] * limits.LIST_ITEMS
    for field in ("subjects", "bylines", "alternates"):
        filled = msgspec.structs.replace(article, **{field: entries})
        assert size(encode(filled)) < limits.RECORD_BYTES


def test_the_writers_schema_states_the_limits() -> None:
    fields = schema("article", "writer")["properties"]
    assert fields["text"]["maxLength"] == limits.TEXT_CHARS
    assert fields["title"]["maxLength"] == limits.TITLE_CHARS
    assert fields["description"]["maxLength"] == limits.DESCRIPTION_CHARS
    assert fields["canonical_url"]["maxLength"] == limits.URL_CHARS
    assert schema("raw_item", "writer")["properties"]["native_id"]["maxLength"] == limits.NATIVE_ID_CHARS


def test_limits_are_ordered() -> None:
    assert limits.PAGE_BODY_BYTES < limits.RAW_RECORD_BYTES < limits.DEAD_LETTER_RECORD_BYTES
    assert limits.RECORD_BYTES < limits.RAW_RECORD_BYTES

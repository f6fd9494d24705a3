from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.framework import records
from connectors.framework.connector import Broken
from connectors.framework.errors import Skippable
from connectors.framework.items import cut_body, raw_item, text_body
from connectors.framework.lines import item_from_line
from connectors.framework.records import CUT_HEADER, dead_item, raw_record
from schemas import ids
from schemas.dead_letter import read_headers
from schemas.limits import DEAD_LETTER_RECORD_BYTES, MIB, RAW_RECORD_BYTES
from schemas.outcome import Hop, Outcome
from schemas.raw_item import Body, RawItem
from schemas.wire import decode, header
from tests.support.contracts import problems, validator

FETCHED_AT = "2026-11-24T09:30:00Z"


def item_of(body: Body | None, lane="live") -> RawItem:
    return raw_item(
        source_id="s", source_kind="files", native_id="n", fetched_at=FETCHED_AT, body=body, lane=lane
    )


def broken(data: bytes, native_id="place") -> Broken:
    return Broken(
        error=Skippable("unreadable thing", reason="broken", detail="for developers"),
        data=data,
        source_id="s",
        native_id=native_id,
        observed_at=FETCHED_AT,
    )


@pytest.mark.parametrize(("lane", "topic"), [("live", "news.raw.v1"), ("backfill", "news.raw.backfill.v1")])
def test_an_item_becomes_a_cloud_event_of_its_lane(lane, topic):
    item = item_of(text_body("A text.", "text/plain"), lane)
    sent, record = raw_record(item)
    assert sent is item
    assert record.topic == topic
    assert record.key == item.link_key.encode()
    assert decode(record.value, RawItem) == item
    assert header(record.headers, "ce_id") == header(record.headers, "ce_subject") == item.item_id.encode()
    assert header(record.headers, "ce_type") == b"newswire.raw_item.v1"
    assert header(record.headers, "ce_source") == b"/newswire/connect"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(Body(data=b"\xff" * (8 * MIB), sha256="0"), id="bytes within it"),
        pytest.param(text_body("é" * (4 * MIB), "text/plain"), id="text within it"),
    ],
)
def test_the_largest_body_of_bytes_or_text_fits_whole(body):
    item = item_of(body)
    sent, record = raw_record(item)
    assert sent is item
    assert record.size <= RAW_RECORD_BYTES


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(text_body("\x01" * (8 * MIB), "text/plain"), id="escapes"),
        pytest.param(text_body("plain text " * 300_000 + "\x01" * 4_000_000, "text/plain"), id="late"),
        pytest.param(text_body("\x01" * 4_000_000 + "plain text " * 300_000, "text/plain"), id="early"),
        pytest.param(Body(data=b"\xff" * (10 * MIB), sha256="0"), id="bytes over it"),
    ],
)
def test_a_record_over_the_limit_is_cut_and_flagged_never_dropped(body):
    sent, record = raw_record(item_of(body))
    assert RAW_RECORD_BYTES - 10 < record.size <= RAW_RECORD_BYTES
    assert sent.body.truncated
    kept = sent.body.text if body.data is None else sent.body.data
    assert sent.body.sha256 == ids.sha256_hex(kept)
    assert (body.text if body.data is None else body.data).startswith(kept)
    assert decode(record.value, RawItem) == sent


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=3_000), st.lists(st.text(max_size=300), max_size=5), st.one_of(st.none(), st.text()))
def test_whatever_an_item_holds_its_record_is_within_the_limit(text, bylines, title):
    item = raw_item(
        source_id="s",
        source_kind="files",
        native_id="n",
        fetched_at=FETCHED_AT,
        body=text_body(text, "text/plain"),
        bylines=bylines,
        title=title,
    )
    whole = records._record_of(item).size
    limit = max(whole - 500, records._record_of(cut_body(item, 0)).size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "RAW_RECORD_BYTES", limit)
        sent, record = raw_record(item)
    assert record.size <= limit
    assert sent.body.truncated == (whole > limit)
    assert item.body.text.startswith(sent.body.text)


def test_an_item_that_is_too_large_without_its_body_says_so():
    item = msgspec.structs.replace(item_of(text_body("t", "text/plain")), title="x" * RAW_RECORD_BYTES)
    with pytest.raises(Skippable) as raised:
        raw_record(item)
    assert raised.value.reason == "too_large"
    letter = dead_item(item, raised.value).letter
    assert letter.size <= DEAD_LETTER_RECORD_BYTES
    assert header(letter.headers, CUT_HEADER) is None


def test_what_json_cannot_hold_says_so_and_is_kept_with_escapes():
    item = msgspec.structs.replace(item_of(text_body("t", "text/plain")), title="half \ud83d")
    with pytest.raises(Skippable) as raised:
        raw_record(item)
    assert raised.value.reason == "not_encodable"
    dead = dead_item(item, raised.value)
    assert rb'"title": "half \ud83d"' in dead.letter.value
    assert dead.outcome.item_id == item.item_id


def test_a_dead_letter_has_the_original_bytes_and_says_why():
    dead = dead_item(broken(b"{not json"), broken(b"").error)
    assert dead.letter.topic == "news.dead-letter.v1"
    assert dead.letter.value == b"{not json"
    headers = read_headers(dead.letter.headers)
    assert (headers.topic, headers.partition, headers.offset) == ("news.raw.v1", -1, -1)
    assert (headers.stage, headers.reason) == ("connect", "broken")
    assert headers.exception_message == "place: unreadable thing"
    assert headers.exception_stacktrace == "for developers"
    assert headers.item_id == ids.item_id_of_bytes(b"{not json")


def test_its_outcome_says_where_the_dead_letter_lies():
    dead = dead_item(broken(b"{not json"), broken(b"").error)
    hop = Hop(topic="news.dead-letter.v1", partition=2, offset=7)
    record = dead.outcome_record(hop)
    outcome = decode(record.value, Outcome)
    assert record.topic == "news.outcomes.v1"
    assert record.key == outcome.item_id.encode()
    assert (outcome.outcome, outcome.reason, outcome.stage) == ("dead_letter", "broken", "connect")
    assert (outcome.source_id, outcome.native_id) == ("s", "place")
    assert outcome.times.observed == FETCHED_AT
    assert outcome.hops == [hop]
    assert header(record.headers, "ce_id") == ids.outcome_event_id(outcome.item_id, 1).encode()


def test_what_left_no_bytes_is_known_by_place_and_time():
    one, other = (dead_item(broken(b"", place), broken(b"").error) for place in ("a.txt", "b.txt"))
    assert one.outcome.item_id != other.outcome.item_id
    assert one.outcome.item_id == dead_item(broken(b"", "a.txt"), broken(b"").error).outcome.item_id


@pytest.mark.parametrize("over", [0, 1, 5 * MIB])
def test_a_dead_letter_over_the_limit_is_cut_and_says_how_large_it_was(over):
    room = DEAD_LETTER_RECORD_BYTES - dead_item(broken(b"x"), broken(b"").error).letter.size + 1
    data = b"x" * (room + over)
    letter = dead_item(broken(data), broken(b"").error).letter
    assert letter.size <= DEAD_LETTER_RECORD_BYTES
    if over:
        assert header(letter.headers, CUT_HEADER) == str(len(data)).encode()
        assert letter.size == DEAD_LETTER_RECORD_BYTES
    else:
        assert letter.value == data


def test_a_refused_record_keeps_its_headers_and_bytes():
    item, record = raw_record(item_of(text_body("t", "text/plain")))
    dead = dead_item(item, Skippable("refused by the broker", reason="refused"), record)
    assert dead.letter.value == record.value
    assert dead.letter.key == record.key
    assert header(dead.letter.headers, "ce_id") == item.item_id.encode()
    assert dead.outcome.item_id == item.item_id


def test_what_is_sent_is_what_the_contract_promises_of_a_writer():
    line = (
        b'{"id": "a", "url": "https://example.org/a?b=1", "title": "T", "description": "D", "html": "<p>h", '
        b'"bylines": ["Ada"], "subjects": ["s"], "published_at": "2026", "language": "en", '
        b'"publisher": "example.org", "fetched_at": "2026-11-24T09:30:00+02:00"}'
    )
    of_line = item_from_line(line, source_id="files:x", fetched_at=FETCHED_AT)
    of_bytes = item_of(Body(data=b"\xff", sha256=ids.sha256_hex(b"\xff")))
    cut, _ = raw_record(item_of(text_body("\x01" * (8 * MIB), "text/plain")))
    for item in (of_line, of_bytes, cut, item_of(None)):
        _, record = raw_record(item)
        assert problems(validator("raw_item", "writer"), msgspec.json.decode(record.value)) == []
    dead = dead_item(broken(b"{not json"), broken(b"").error)
    headers = {name: value.decode() for name, value in dead.letter.headers}
    assert problems(validator("dead_letter_headers", "writer"), headers) == []
    record = dead.outcome_record(Hop(topic="news.dead-letter.v1", partition=2, offset=7))
    assert problems(validator("outcome", "writer"), msgspec.json.decode(record.value)) == []


def test_what_is_said_of_a_dead_letter_holds_no_secrets():
    place = "https://jo:CANARY@example.org/feed?api_key=CANARY"
    error = Skippable(f"no feed at {place}", reason="broken", detail=f"Set-Cookie: CANARY\n{place}")
    what = msgspec.structs.replace(broken(b"bytes", place), error=error)
    dead = dead_item(what, error)
    told = b"".join([dead.letter.key or b"", *(value for _, value in dead.letter.headers)])
    told += msgspec.json.encode(dead.outcome)
    assert b"CANARY" not in told
    assert dead.outcome.native_id == "https://***@example.org/feed?api_key=***"
    assert read_headers(dead.letter.headers).exception_message.endswith(
        "no feed at " + dead.outcome.native_id
    )

"""The wire form, against the cloudevents package in both directions and against broken bytes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas import ids
from schemas.base import Event, Span
from schemas.claim import Claim
from schemas.dead_letter import DeadLetterHeaders, read_headers, write_headers
from schemas.json_schema import STRUCTS, event_name, examples_of, schema
from schemas.outcome import Hop, Times
from schemas.topics import TOPICS, Topic
from schemas.wire import (
    ATTEMPT_HEADER,
    MOST_ATTEMPTS,
    PASSED_ON_BYTES,
    PROGRESS_BYTES,
    PROGRESS_HEADER,
    DecodeError,
    Progress,
    WireRecord,
    decode,
    encode,
    event_headers,
    header,
    read_progress,
)
from tests.support.contracts import problems, validator
from tests.support.event_strategies import TEXT, events

EVENT_TOPICS = [topic for topic in TOPICS if topic.event is not None]
SHAPES = {struct: Draft202012Validator(schema(name, "reader")) for name, struct in STRUCTS.items()}
"""Readers' schemas without formats, which random text does not have."""
TIME = "2026-11-24T05:12:08.702Z"


def example(topic: Topic) -> tuple[Event, bytes]:
    data = next(iter(examples_of(event_name(topic.ce_type)).values()))
    assert topic.event is not None
    event = decode(json.dumps(data).encode(), topic.event)
    return event, encode(event)


@pytest.mark.parametrize("topic", EVENT_TOPICS, ids=lambda topic: topic.name)
def test_the_cloudevents_package_reads_what_we_write(topic: Topic) -> None:
    _, value = example(topic)
    progress = Progress(hops=[Hop(topic="news.raw.v1", partition=1, offset=2)], attempt=2)
    headers = event_headers(
        id="5f0c3c0e-6d7b-5b0e-9c57-6f1a2f1f4b21",
        type=topic.ce_type,
        source="/newswire/enrich",
        subject="key 🚢",
        time=TIME,
        progress=progress,
        passed_on=[("traceparent", b"00-aa-bb-01"), ("other", b"stays behind")],
    )
    found = from_binary(KafkaMessage(headers=dict(headers), key=b"key", value=value), JSONFormat())
    assert isinstance(found, CloudEvent)
    assert found.get_specversion() == "1.0"
    assert found.get_id() == "5f0c3c0e-6d7b-5b0e-9c57-6f1a2f1f4b21"
    assert found.get_type() == topic.ce_type
    assert found.get_source() == "/newswire/enrich"
    assert found.get_subject() == "key 🚢"
    assert found.get_time() == datetime(2026, 11, 24, 5, 12, 8, 702000, tzinfo=UTC)
    assert found.get_datacontenttype() == "application/json"
    assert found.get_data() == json.loads(value)


@pytest.mark.parametrize("topic", EVENT_TOPICS, ids=lambda topic: topic.name)
def test_we_read_what_the_cloudevents_package_writes(topic: Topic) -> None:
    event, value = example(topic)
    made = CloudEvent(
        attributes={
            "id": "5f0c3c0e-6d7b-5b0e-9c57-6f1a2f1f4b21",
            "type": topic.ce_type,
            "source": "/newswire/enrich",
            "subject": "key",
            "time": datetime(2026, 11, 24, 5, 12, 8, tzinfo=UTC),
            "datacontenttype": "application/json",
        },
        data=json.loads(value),
    )
    message = to_binary(made, JSONFormat())
    headers = list(message.headers.items())
    assert topic.event is not None
    assert decode(message.value, topic.event) == event
    ours = event_headers(
        id="5f0c3c0e-6d7b-5b0e-9c57-6f1a2f1f4b21",
        type=topic.ce_type,
        source="/newswire/enrich",
        subject="key",
        time="2026-11-24T05:12:08Z",
    )
    assert dict(headers) == dict(ours)


def test_an_event_without_a_subject_has_no_header_for_it() -> None:
    headers = event_headers(id="1", type="t", source="/newswire/x", subject="", time=TIME)
    assert header(headers, "ce_subject") is None
    found = from_binary(KafkaMessage(headers=dict(headers), key=None, value=b"{}"), JSONFormat())
    assert found.get_id() == "1"


def test_only_the_trace_context_is_passed_on() -> None:
    given_headers = [
        ("tracestate", b"a=b"),
        ("ce_id", b"of the input"),
        (PROGRESS_HEADER, b"{}"),
        ("traceparent", b"00-aa-bb-01"),
    ]
    headers = event_headers(id="1", type="t", source="/s", subject="x", time=TIME, passed_on=given_headers)
    assert [pair for pair in headers if not pair[0].startswith("ce_")] == [
        ("content-type", b"application/json"),
        ("tracestate", b"a=b"),
        ("traceparent", b"00-aa-bb-01"),
    ]
    assert header(headers, "ce_id") == b"1"


def test_the_last_header_of_a_name_counts() -> None:
    assert header([("a", b"1"), ("b", b"2"), ("a", b"3")], "a") == b"3"
    assert header([("a", b"1")], "c") is None


@pytest.mark.parametrize("attempt", [1, 2, 11])
def test_attempts_from_the_second_on_have_a_header(attempt: int) -> None:
    headers = event_headers(
        id="1", type="t", source="/s", subject="x", time=TIME, progress=Progress(attempt=attempt)
    )
    expected = None if attempt == 1 else str(attempt).encode()
    assert header(headers, ATTEMPT_HEADER) == expected


@given(st.builds(msgspec.structs.replace, events(Progress), attempt=st.integers(1, MOST_ATTEMPTS)))
def test_progress_travels_unchanged(progress: Progress) -> None:
    headers = event_headers(id="1", type="t", source="/s", subject="x", time=TIME, progress=progress)
    assert read_progress(headers) == progress


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"[]",
        b'{"attempt": "x"}',
        b"\xff\xfe",
        b'{"x":' * 50_000,
        b"null",
        b'{"attempt": 0}',
        b'{"attempt": -1}',
        b'{"attempt": 10001}',
        b'{"hops": [' + b'{"topic": "t", "partition": 0, "offset": 0},' * 500 + b"]}",
        b'{"times": {"raw": "' + b"x" * PROGRESS_BYTES + b'"}}',
    ],
)
def test_a_broken_progress_costs_nothing_but_itself(broken: bytes) -> None:
    assert read_progress([(PROGRESS_HEADER, broken)]) == Progress()


@pytest.mark.parametrize("name", ["traceparent", "tracestate"])
def test_of_a_trace_context_the_last_goes_on_if_it_is_one(name: str) -> None:
    def passed(*values: bytes | None) -> bytes | None:
        headers = event_headers(
            id="1", type="t", source="/s", subject="x", time=TIME, passed_on=[(name, v) for v in values]
        )
        assert len([pair for pair in headers if pair[0] == name]) <= 1
        return header(headers, name)

    assert passed(b"first", b"last") == b"last"
    assert passed(b"x" * PASSED_ON_BYTES) == b"x" * PASSED_ON_BYTES
    assert passed(b"x" * (PASSED_ON_BYTES + 1)) is None
    assert passed(None) is None


def test_no_progress_is_an_empty_one() -> None:
    assert read_progress([]) == Progress(times=Times(), hops=[], attempt=1, requeued_from=None)


@pytest.mark.parametrize("struct", [topic.event for topic in EVENT_TOPICS])
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_whatever_a_struct_can_hold_comes_back_and_passes_readers(
    struct: type[Event], data: st.DataObject
) -> None:
    event = data.draw(events(struct))
    value = encode(event)
    assert decode(value, struct) == event
    assert encode(decode(value, struct)) == value
    assert problems(SHAPES[struct], json.loads(value)) == []


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60), data=st.data())
def test_offsets_count_code_points_and_survive_the_wire(text: str, data: st.DataObject) -> None:
    text = "🚢" + text + "𝒜"
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    span = Span(field="text", start=start, end=end, exact=text[start:end])
    claim = msgspec.structs.replace(
        decode(json.dumps(examples_of("claim")["claim.direct.json"]).encode(), Claim), content=[span]
    )
    found = decode(encode(claim), Claim).content[0]
    assert text[found.start : found.end] == found.exact
    # As a reader in a language of UTF-16 strings would convert them.
    units = text.encode("utf-16-le")
    before = len(text[: found.start].encode("utf-16-le"))
    assert units[before : before + len(found.exact.encode("utf-16-le"))].decode("utf-16-le") == found.exact


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "null_value"),
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"\xff\xfe\x00", "not_json"),
        (b'{"claim_id": "\xff"}', "not_json"),
        (b"[" * 100_000, "wrong_schema"),
        (b'{"unknown": ' + b"[" * 100_000, "not_json"),
        (b'"text"', "wrong_schema"),
        (b"null", "wrong_schema"),
        (b"{}", "wrong_schema"),
        (b'{"item_id": 7}', "wrong_schema"),
    ],
    ids=repr,
)
def test_bytes_that_are_no_event_are_named_by_a_reason(value: bytes | None, reason: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(value, Claim)
    assert caught.value.reason == reason


@given(st.binary(max_size=200))
def test_no_bytes_break_a_reader(value: bytes) -> None:
    with pytest.raises(DecodeError) as caught:  # a Claim takes more than 200 bytes
        decode(value, Claim)
    assert caught.value.reason in {"not_json", "wrong_schema"}


def test_size_is_that_of_key_and_value() -> None:
    headers = event_headers(id="1", type="t", source="/s", subject="x", time=TIME)
    assert WireRecord(topic="t", key=b"k" * 10, value=b"v" * 100, headers=headers).size == 110
    assert WireRecord(topic="t", key=None, value=None).size == 0


HEADERS = st.builds(
    DeadLetterHeaders,
    topic=TEXT,
    partition=st.integers(-1, 10**6),
    offset=st.integers(-1, 2**62),
    stage=st.sampled_from(["connect", "normalize", "dedupe", "enrich"]),
    task_id=TEXT,
    exception_class=TEXT,
    exception_message=TEXT,
    exception_stacktrace=TEXT,
    reason=TEXT,
    item_id=st.just(ids.item_id_of_bytes(b"")),
    attempt=st.integers(1, 99),
    failed_at=st.just(TIME),
)


@given(
    HEADERS,
    st.lists(st.tuples(TEXT.filter(lambda n: not n.startswith("__connect")), st.binary()), max_size=3),
)
def test_dead_letter_headers_come_back_from_among_the_original_ones(
    headers: DeadLetterHeaders, original: list[tuple[str, bytes]]
) -> None:
    written = write_headers(headers)
    assert read_headers([*original, *written]) == headers
    assert problems(validator("dead_letter_headers", "writer"), {n: v.decode() for n, v in written}) == []


def test_dead_letter_headers_that_lack_one_are_refused() -> None:
    data: dict[str, Any] = examples_of("dead_letter_headers")["dead_letter_headers.not_json.json"]
    headers = [(name, value.encode()) for name, value in data.items()]
    with pytest.raises(msgspec.ValidationError):
        read_headers([pair for pair in headers if not pair[0].endswith("offset")])
    with pytest.raises(msgspec.ValidationError):
        read_headers([(n, b"many" if n.endswith("offset") else v) for n, v in headers])

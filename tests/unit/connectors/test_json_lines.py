from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files import item_from_line
from connectors.framework import lines
from connectors.framework.errors import Skippable
from connectors.framework.lines import read_lines
from schemas.base import Publisher

READ_AT = "2026-11-24T10:00:00.000000Z"


def item_of(line: bytes | dict, **more):
    data = line if isinstance(line, bytes) else json.dumps(line).encode()
    return item_from_line(data, **{"source_id": "files:x", "fetched_at": READ_AT} | more)


def reason_of(line: bytes | dict) -> str:
    with pytest.raises(Skippable) as raised:
        item_of(line)
    return raised.value.reason


def outcome_of(line: bytes) -> str:
    try:
        return "item" if item_of(line).native_id else "nameless"
    except Skippable as error:
        return error.reason


def test_every_field_finds_its_place():
    item = item_of(
        {
            "id": "a1",
            "url": "https://example.org/a",
            "title": "A title",
            "description": "A standfirst",
            "text": "A text.\nAs it came.",
            "bylines": ["Ada", "Bob"],
            "subjects": ["economy"],
            "published_at": "yesterday, 10 o'clock",
            "modified_at": 1764000000,
            "language": "en",
            "publisher": "example.org",
            "source": "wire",
            "fetched_at": "2026-11-24T09:30:00+02:00",
            "unknown": {"is": "passed over"},
        }
    )
    assert (item.native_id, item.source_id, item.source_kind) == ("a1", "wire", "files")
    assert (item.url, item.title, item.description) == (
        "https://example.org/a",
        "A title",
        "A standfirst",
    )
    assert (item.body.text, item.body.media_type) == ("A text.\nAs it came.", "text/plain")
    assert (item.bylines, item.subjects) == (["Ada", "Bob"], ["economy"])
    assert (item.published_at, item.modified_at) == ("yesterday, 10 o'clock", "1764000000")
    assert (item.language, item.publisher) == ("en", Publisher(domain="example.org"))
    assert item.fetched_at == "2026-11-24T07:30:00.000000Z"
    assert item.lane == "live"


def test_what_a_line_does_not_say_comes_from_the_reading():
    item = item_of({"text": "t"}, lane="backfill")
    assert (item.source_id, item.fetched_at, item.lane) == ("files:x", READ_AT, "backfill")


def test_html_is_a_body_too_and_text_wins():
    assert item_of({"html": "<p>h"}).body.media_type == "text/html"
    assert item_of({"html": "<p>h", "text": "t"}).body.text == "t"
    assert item_of({"text": ""}).body.text == ""
    assert item_of({"url": "https://example.org/a"}).body is None


@pytest.mark.parametrize(
    ("line", "native_id"),
    [
        ({"id": "a", "url": "https://example.org/"}, "a"),
        ({"id": 17}, "17"),
        ({"id": 0}, "0"),
        ({"id": "", "url": "https://example.org/"}, "https://example.org/"),
        ({"id": None, "url": "https://example.org/"}, "https://example.org/"),
    ],
)
def test_identity_is_the_id_or_the_link(line, native_id):
    assert item_of(line).native_id == native_id


def test_without_either_it_is_the_line():
    one, same, other = (item_of({"text": text}).native_id for text in ("a", "a", "b"))
    assert one == same != other
    assert one.startswith("line:")


@pytest.mark.parametrize(
    ("given_as", "publisher"),
    [
        ("example.org", Publisher(domain="example.org")),
        ("Example.ORG", Publisher(domain="example.org")),
        ("The Example Post", Publisher(name="The Example Post")),
        ({"name": "Post", "country": "GB", "more": 1}, Publisher(name="Post", country="GB")),
        (None, None),
    ],
)
def test_a_publisher_is_a_domain_a_name_or_both(given_as, publisher):
    assert item_of({"publisher": given_as}).publisher == publisher


def test_single_names_are_lists_of_one():
    item = item_of({"bylines": "Ada", "subjects": "economy"})
    assert (item.bylines, item.subjects) == (["Ada"], ["economy"])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b'{"text": "a"} {"text": "b"}', "not_json"),
        (b'{"text": NaN}', "not_json"),
        (b'{"text": "\\ud800", "id": NaN}', "not_json"),
        (b'{"x":' + b"[" * 100_000, "not_json"),
        (b'{"a":"\\ud800","b":' + b"[" * 100_000, "not_json"),
        (b"plain words", "not_json"),
        (b'{"text": "\xff"}', "not_utf8"),
        ('{"text": "wide"}'.encode("utf-16"), "not_json"),
        (b"[1, 2]", "wrong_schema"),
        (b'"text"', "wrong_schema"),
        (b"null", "wrong_schema"),
        (b'{"text": 5}', "wrong_schema"),
        (b'{"id": true}', "wrong_schema"),
        (b'{"id": ["a"]}', "wrong_schema"),
        (b'{"bylines": {"a": 1}}', "wrong_schema"),
        (b'{"title": "\\ud800", "text": 5}', "wrong_schema"),
        (b'{"fetched_at": "yesterday"}', "wrong_schema"),
        (b'{"fetched_at": "2026-11-24T09:30:00"}', "wrong_schema"),
        (b'{"fetched_at": "2026-13-45T09:30:00Z"}', "wrong_schema"),
        (b'{"fetched_at": "0001-01-01T00:00:00+14:00"}', "wrong_schema"),
    ],
)
def test_a_line_of_another_form_says_why(line, reason):
    assert reason_of(line) == reason


def test_half_an_emoji_costs_a_character_not_the_item():
    item = item_of(b'{"id": "a\\ud83d", "text": "cut off \\ud83d", "title": "whole \\ud83d\\ude00"}')
    assert (item.native_id, item.body.text, item.title) == ("a�", "cut off �", "whole 😀")


@given(st.binary(max_size=200))
def test_any_bytes_are_an_item_or_skippable(line):
    assert outcome_of(line) in {"item", "not_json", "not_utf8", "wrong_schema"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(lines._Line.__struct_fields__)), _JSON))
def test_any_values_of_our_fields_are_an_item_or_skippable(line):
    assert outcome_of(json.dumps(line).encode()) in {"item", "not_json", "wrong_schema"}


def read(data: bytes, start: int = 0) -> list[tuple[bytes, int, int, str | None]]:
    stream = io.BytesIO(data)
    stream.seek(start)
    return [(*line[:3], line.error and line.error.reason) for line in read_lines(stream, start)]


def test_lines_come_with_their_places():
    data = b"a\r\n\n  \nbc\nd"
    assert read(data) == [(b"a", 0, 3, None), (b"bc", 7, 10, None), (b"d", 10, 11, None)]
    assert read(data, start=3) == [(b"bc", 7, 10, None), (b"d", 10, 11, None)]
    assert data[7:10] == b"bc\n"


def test_a_byte_order_mark_opens_the_first_line_only():
    mark = b"\xef\xbb\xbf"
    assert read(mark + b"a\n" + mark + b"b\n") == [(b"a", 0, 5, None), (mark + b"b", 5, 10, None)]


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("size", [10, 11, 12, 25, 40])
def test_a_line_that_is_too_long_is_named_and_the_next_one_is_read(monkeypatch, size, end):
    monkeypatch.setattr(lines, "LINE_BYTES", 10)
    monkeypatch.setattr(lines, "_REST_BYTES", 7)
    data = b"x" * size + end
    found = read(data + (b"next\n" if end else b""))
    if size > 10:
        assert found[0] == (b"x" * 11, 0, len(data), "line_too_long")
    else:
        assert found[0] == (data.rstrip(), 0, len(data), None)
    assert [line[0] for line in found[1:]] == ([b"next"] if end else [])

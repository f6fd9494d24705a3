"""Headers: what goes out goes out as it came in; what comes in is text without line ends."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.web.headers import charset_of, clean_headers, media_type_of, request_headers, sendable
from connectors.web.message import FetchKind, Request

URL = "https://news.example/feed"


def test_validators_go_out_byte_for_byte():
    request = Request(url=URL, kind="feed", etag='W/"a, b" é', last_modified="yesterday, or so")
    headers = request_headers(request, "newswire/1")
    assert headers["If-None-Match"] == 'W/"a, b" é'
    assert headers["If-Modified-Since"] == "yesterday, or so"
    assert headers["User-Agent"] == "newswire/1"


@pytest.mark.parametrize("value", ['"a"\r\nHost: evil', '"\0"', "\ud800", ' "a"', '"a"\n', "\x7f"])
def test_what_no_header_can_hold_is_not_sent(value: str):
    headers = request_headers(Request(url=URL, kind="feed", etag=value, last_modified=value), "newswire/1")
    assert headers.keys() == {"User-Agent", "Accept", "Accept-Encoding", "Connection"}


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("feed", "application/atom+xml"),
        ("page", "text/html"),
        ("robots", "text/plain"),
        ("sitemap", "application/xml"),
    ],
)
def test_each_kind_says_what_it_wants(kind: FetchKind, first: str):
    assert request_headers(Request(url=URL, kind=kind), "newswire/1")["Accept"].startswith(first)


def test_headers_that_came():
    joined, values = clean_headers(
        [
            (b"X-Robots-Tag", b"noindex"),
            (b"x-robots-tag", b"bot: noarchive"),
            (b"ETag", b'"\xc3\xa9"'),
            (b"ETag", b'"other"'),
            (b"X-Old", b"caf\xe9"),
            (b"X-Bad", b"a\r\nb\0c\x1b[31m\td "),
            (b"Set-Cookie", b"session=secret"),
            (b"B\xe4d", b"x"),
            (b"", b"x"),
        ]
    )
    assert joined == {
        "x-robots-tag": "noindex, bot: noarchive",
        "etag": '"é"',
        "x-old": "café",
        "x-bad": "abc[31m\td",
    }
    assert values["x-robots-tag"] == ["noindex", "bot: noarchive"]


def test_a_validator_that_could_not_be_sent_back_is_left_out():
    joined, _ = clean_headers([(b"ETag", b'"\xe9"'), (b"Last-Modified", b"\xff")])
    assert joined == {}


@given(st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=50)), max_size=10))
def test_whatever_came_is_text_that_json_can_hold(raw: list[tuple[bytes, bytes]]):
    joined, values = clean_headers(raw)
    msgspec.json.encode(joined)
    assert all(name.isascii() and name == name.lower() for name in joined)
    assert not any(char in value for value in joined.values() for char in "\r\n\0")
    assert joined.keys() == values.keys()


@given(st.binary(max_size=40))
def test_a_validator_that_is_kept_goes_back_as_the_same_bytes(value: bytes):
    joined, _ = clean_headers([(b"etag", value)])
    if value == value.strip(b" \t") and value.isascii() and value.decode().isprintable():
        assert joined["etag"].encode() == value
    assert all(sendable(kept) for kept in joined.values())


@pytest.mark.parametrize(
    ("content_type", "media_type", "charset"),
    [
        ("text/html; charset=utf-8", "text/html", "utf-8"),
        ('Text/HTML;CHARSET="ISO-8859-1"', "text/html", "ISO-8859-1"),
        ("application/rss+xml", "application/rss+xml", None),
        ("text/xml; q=1; charset = 'x'", "text/xml", "x"),
        ("text/html, text/html; charset=a", "text/html", "a"),
        ("text", None, None),
        ("text/", None, None),
        ("<script>/x", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_content_types(content_type: str | None, media_type: str | None, charset: str | None):
    assert media_type_of(content_type) == media_type
    assert charset_of(content_type) == charset


@given(st.text(max_size=100))
def test_any_content_type(text: str):
    media_type = media_type_of(text)
    assert media_type is None or (media_type.isascii() and media_type.count("/") == 1)
    charset = charset_of(text)
    assert charset is None or charset.isascii()

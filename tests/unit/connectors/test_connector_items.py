from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.framework import items
from connectors.framework.items import Clock, body_of, cut_body, raw_item, short_id, text_body, utc
from schemas import ids
from schemas.base import Publisher, Rights
from schemas.limits import LIST_ITEMS, NATIVE_ID_CHARS, PAGE_BODY_BYTES, URL_CHARS
from schemas.raw_item import FeedEntry, Fetch

FACTS = {
    "source_id": "s",
    "source_kind": "files",
    "native_id": "n",
    "fetched_at": "2026-11-24T09:30:00Z",
}


def test_ids_and_key_follow_the_identity_rules():
    body = text_body("A text.", "text/plain")
    item = raw_item(**FACTS, body=body, url="https://example.org/a")
    assert item.item_id == ids.item_id("s", "n", hashlib.sha256(b"A text.").hexdigest(), FACTS["fetched_at"])
    assert item.link_key != raw_item(**FACTS, body=body).link_key
    assert item.url == "https://example.org/a"
    assert item.body == body


def test_the_same_bytes_seen_later_are_another_item():
    body = text_body("A text.", "text/plain")
    first, second = (
        raw_item(**FACTS | {"fetched_at": f"2026-11-24T09:30:0{n}Z"}, body=body).item_id for n in (0, 1)
    )
    assert first != second


@pytest.mark.parametrize("missing", ["source_id", "native_id"])
def test_nothing_identifies_an_item_without_source_or_native_id(missing):
    with pytest.raises(ValueError, match="identity"):
        raw_item(**FACTS | {missing: ""}, body=None)


def test_a_link_that_is_too_long_is_no_link():
    long = "https://example.org/" + "a" * URL_CHARS
    item = raw_item(**FACTS, body=None, url=long)
    assert item.url is None
    assert item.link_key == raw_item(**FACTS, body=None).link_key


def test_long_identities_stay_apart():
    long = "n" * NATIVE_ID_CHARS
    assert short_id(long) == long
    one, other = short_id(long + "1"), short_id(long + "2")
    assert one != other
    assert len(one) == len(other) == NATIVE_ID_CHARS


def test_every_field_has_a_limit():
    long = "x" * 2_000_000
    item = raw_item(
        **FACTS,
        body=None,
        title=long,
        description=long,
        bylines=[long] * 1_000,
        subjects=[long] * 1_000,
        published_at=long,
        modified_at=long,
        language=long,
        publisher=Publisher(domain=long, name=long, family=long, country=long),
        entry=FeedEntry(
            title=long,
            summary=long,
            content=long,
            authors=[long] * 1_000,
            categories=[long] * 1_000,
            published=long,
            updated=long,
            language=long,
            feed_url=long,
            source=Publisher(name=long),
        ),
        fetch=Fetch(headers={f"{n}{long}": long for n in range(50)}, requested_url=long, result=long),
        rights=Rights(x_robots_tag=[long] * 1_000, meta_robots=[long] * 1_000, license=long, copyright=long),
        part_of=long,
    )
    assert len(item.bylines) == len(item.entry.categories) == LIST_ITEMS
    assert len(msgspec.json.encode(item)) < 2_500_000


def test_lone_surrogates_are_replaced_wherever_text_enters():
    item = raw_item(
        **FACTS | {"native_id": "n\ud800"},
        body=text_body("half \udc00 a pair", "text/plain"),
        title="\ud83d",
        bylines=["\ud83d"],
        fetch=Fetch(headers={"x": "\ud83d"}),
    )
    assert item.body.text == "half � a pair"
    assert item.title == item.bylines[0] == item.fetch.headers["x"] == "�"
    assert msgspec.json.decode(msgspec.json.encode(item))["native_id"] == "n�"


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        (b"plain", None, "plain"),
        ("naïve €".encode(), None, "naïve €"),
        (b"\xef\xbb\xbfwith a mark", None, "\ufeffwith a mark"),
        (b"", None, ""),
        ("naïve".encode("latin-1"), None, None),
        ("wide".encode("utf-16"), None, None),
        ("wide".encode("utf-16-le"), None, None),
        ("日本".encode("iso-2022-jp"), None, None),
        (b"declared", "iso-8859-1", None),
        (b"declared", "UTF-8", "declared"),
    ],
)
def test_bytes_are_text_where_they_are_plainly_utf_8(data, charset, text):
    body = body_of(data, "text/html", charset=charset)
    assert body.text == text
    assert body.data == (data if text is None else None)
    assert body.sha256 == hashlib.sha256(data).hexdigest()
    assert not body.truncated


@given(st.binary(max_size=300))
def test_a_body_gives_its_bytes_back(data):
    body = body_of(data, "text/plain")
    assert (body.data if body.data is not None else body.text.encode()) == data
    assert (body.text is None) != (body.data is None)


def test_a_body_over_the_limit_is_cut_between_characters(monkeypatch):
    monkeypatch.setattr(items, "PAGE_BODY_BYTES", 10)
    body = body_of("ab€€€€€".encode(), "text/plain")
    assert body.text == "ab€€"
    assert body.truncated
    assert body.sha256 == hashlib.sha256("ab€€".encode()).hexdigest()
    assert text_body("ab€€€€€", "text/plain").text == "ab€€"
    assert text_body("ab€€€€€", "text/plain").truncated
    cut = body_of(b"\xff" * 11, "text/plain")
    assert (cut.data, cut.truncated) == (b"\xff" * 10, True)


def test_a_body_at_the_limit_is_whole():
    assert not body_of(b"x" * PAGE_BODY_BYTES, "text/plain").truncated
    assert body_of(b"x" * (PAGE_BODY_BYTES + 1), "text/plain").truncated
    assert not text_body("x" * PAGE_BODY_BYTES, "text/plain").truncated
    assert text_body("x" * (PAGE_BODY_BYTES + 1), "text/plain").truncated


@given(st.one_of(st.text(max_size=400), st.binary(max_size=400)), st.integers(0, 400))
def test_cutting_keeps_a_beginning_within_the_budget_and_names_the_item_anew(content, budget):
    body = text_body(content, "text/plain") if isinstance(content, str) else None
    body = body or items.Body(media_type="text/plain", data=content, sha256=ids.sha256_hex(content))
    item = raw_item(**FACTS, body=body)
    cut = cut_body(item, budget)
    kept = cut.body.text if body.data is None else cut.body.data
    assert (body.text if body.data is None else body.data).startswith(kept)
    assert len(msgspec.json.encode(kept)) - 2 <= budget
    assert cut.body.truncated
    assert cut.body.sha256 == ids.sha256_hex(kept)
    assert cut.item_id == ids.item_id("s", "n", cut.body.sha256, FACTS["fetched_at"])


def test_times_are_utc_and_no_two_are_the_same():
    assert (
        utc(datetime(2026, 11, 24, 9, 30, tzinfo=timezone(timedelta(hours=2))))
        == "2026-11-24T07:30:00.000000Z"
    )
    clock = Clock()
    times = [clock.now() for _ in range(5_000)]
    assert len(set(times)) == 5_000
    assert times == sorted(times)
    assert abs(datetime.fromisoformat(times[0]) - datetime.now(UTC)) < timedelta(minutes=1)

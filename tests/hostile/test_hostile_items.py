"""Hostile records in news.raw: each ends once, dead letters keep their bytes, and nobody falls.

The broker's clients take any bytes as key, value and headers, so whoever may write to news.raw may send all
of this.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter
from typing import Any

import msgspec
import pytest

from schemas import topics
from schemas.dead_letter import read_headers
from schemas.ids import is_uuid, item_id_of_bytes, sha256_hex
from schemas.limits import MIB, TEXT_CHARS
from schemas.outcome import Outcome
from schemas.raw_item import Body
from schemas.wire import WireRecord, encode
from tests.support.brokers import consume, produce
from tests.support.order import assert_in_order, resident_mib
from tests.support.pipeline import Pipeline, items, raw_record
from tests.support.sizes import english, item_of
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1500)]

EMPTY_ITEMS = 2_000
MOST_MIB = 1500
"""Resident memory of one process: twice what the largest honest pages take."""
FEW = re.compile(r"[a-z_]+(?::(?:[a-z_]+|\d{3}))?")
"""What a reason looks like: reasons are labels of metrics, so no item may bring one of its own."""
FIELDS: dict[str, Any] = json.loads(encode(items([{"id": "model", "text": english(2_000, seed=1)}])[0]))


def raw(value: bytes | None, key: bytes | None = b"hostile", *headers: tuple[str, bytes]) -> WireRecord:
    return WireRecord(topic=topics.RAW.name, key=key, value=value, headers=list(headers))


def changed(name: str, **fields: Any) -> WireRecord:
    """A record that is an item's but for some fields, with an id of its own."""
    item_id = item_id_of_bytes(name.encode())
    data = FIELDS | {"item_id": item_id, "native_id": name, "link_key": f"test {name}"} | fields
    return raw(json.dumps(data).encode(), name.encode())


def page(name: str, html: str | bytes, **fields: Any) -> WireRecord:
    data = html.encode() if isinstance(html, str) else html
    return raw_record(
        item_of(name, Body(media_type="text/html", data=data, sha256=sha256_hex(data)), **fields)
    )


NO_ITEMS: dict[str, WireRecord] = {
    "null": raw(None),
    "null with another key": raw(None, b"another"),
    "no key": raw(b"no key", None),
    "empty": raw(b""),
    "a blank": raw(b" "),
    "no JSON": raw(b"\xff\xfe not an item"),
    "cut off": raw(encode(items([{"id": "cut", "text": "x"}])[0])[:-20]),
    "two values": raw(b"{} {}"),
    "JSON null": raw(b"null"),
    "a number": raw(b"1e400"),
    "a long number": raw(b"9" * 100_000),
    "a string": raw(b'"item"'),
    "an array": raw(b"[{}]"),
    "another object": raw(b'{"hello": "world"}'),
    "deep arrays": raw(b"[" * 100_000),
    "deep objects": raw(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "deep where nobody looks": raw(
        json.dumps(FIELDS)[:-1].encode() + b',"unknown":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    ),
    "many keys": raw(json.dumps({f"key {n}": n for n in range(200_000)}).encode()),
    "one key many times": raw(b"{" + b'"item_id":"x",' * 100_000 + b'"a":1}'),
    "lone surrogate in an id": raw(b'{"item_id": "\\ud800"}'),
    "NaN": raw(b'{"item_id": NaN}'),
    "a BOM": raw(b"\xef\xbb\xbf{}"),
    "UTF-16": raw(json.dumps(FIELDS).encode("utf-16")),
    "gzip": raw(gzip.compress(json.dumps(FIELDS).encode())),
    "NULs": raw(b"\0" * MIB),
    "noise": raw(random.Random(1).randbytes(3 * MIB)),
    "many headers": raw(b"many headers", b"k", *[(f"h{n}", b"x" * 100) for n in range(5_000)]),
    "an empty header name": raw(b"empty header", b"k", ("", b""), ("ce_id", b"\xff\xfe"), ("ce_id", b"")),
    "forged error headers": raw(b"forged", b"k", ("__connect.errors.item-id", b"x"), ("__connect.errors.attempt", b"no")),
    "a lone surrogate in the text": changed("surrogate", title="half a pair: \ud83d"),
    "a number for the text": changed("number", body={"text": 5, "sha256": "0" * 64}),
    "an array for the body": changed("array", body=[]),
    "bytes that are no base64": changed("base64", body={"data": "####", "sha256": "0" * 64}),
    "no id": changed("no id", item_id=""),
    "an id that is none": changed("wrong id", item_id="../../etc/passwd"),
    "an endless id": changed("endless id", item_id="x" * 5_000_000),
    "an endless native id": changed("endless native", native_id="x" * 5_000_000),
    "an endless source": changed("endless source", source_id="x" * 5_000_000),
    "an endless key": changed("endless key", link_key="x" * 5_000_000),
    "no source": changed("no source", source_id=""),
    "no time": changed("no time", fetched_at=""),
    "a word for the time": changed("word time", fetched_at="yesterday"),
    "a day that is none": changed("no day", fetched_at="2026-02-31T00:00:00Z"),
    "a year before Christ": changed("bc", fetched_at="-0044-03-15T00:00:00Z"),
    "a year far off": changed("far off", fetched_at="12026-01-01T00:00:00Z"),
    "an endless time": changed("endless time", fetched_at="2" * 5_000_000),
    "the other lane": changed("other lane", lane="backfill"),
    "an endless lane": changed("endless lane", lane="x" * 5_000_000),
}  # fmt: skip
"""Records of which nobody can make an item: each becomes a dead letter."""

BAD_URLS = [
    "", " ", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://", "http:///a", "//", "://",
    "http://user:password@example.org/", "http://[::1", "http://[::1]:99999/", "http://example.org:port/",
    "http://example..org/", "http://.example.org/", "http://exa mple.org/", "http://\u202eexample.org/",
    "http://example.org/\x00", "http://xn--\u00e9.org/", "http://" + "a" * 300 + ".org/", "http://" + "a." * 2_000,
    "http://example.org/" + "a" * 5_000, "http://example.org/" + "é" * 4_000, "http://example.org/" + "%" * 4_000,
    "http://example.org/" + "a/../" * 800, "http://example.org/?" + "&".join(f"a{n}=1" for n in range(500)),
    "http://example.org/#" + "x" * 4_000, "http://2130706433/", "http://0x7f.1/", "HTTP://EXAMPLE.ORG:080/",
    "http://example.org\\@evil.example/", "mailto:a@example.org", "http://\ud7ff.example/", "x" * MIB,
    "http://example.org/amp" * 180, "https://cdn.ampproject.org/c/s/" * 120, "http://m.m.m.m.co.uk/",
]  # fmt: skip
BAD_DATES = [
    "", "0", "-1", "9" * 400, "1e300", "0000-00-00", "-2026-01-01", "99999-01-01", "2026-99-99T99:99:99Z",
    "Thu, 32 Foo 2026 25:61:61 +9999", "now", "in 5000 years", "2026-01-01T00:00:00+99:99", "1" * 100_000,
    "\u0662\u0660\u0662\u0666-01-01", "(" * 10_000, "1 " * 5_000,
]  # fmt: skip
NOISY = "".join(chr(n) for n in range(0x20, 0x3000) if not 0xD800 <= n < 0xE000)

ITEMS: dict[str, WireRecord] = {
    **{f"url {n}": changed(f"url {n}", url=url, part_of=url) for n, url in enumerate(BAD_URLS)},
    **{
        f"date {n}": changed(f"date {n}", published_at=date, modified_at=date)
        for n, date in enumerate(BAD_DATES)
    },
    "NULs in the text": changed("nuls", body=FIELDS["body"] | {"text": "a\0b " * 1_000}),
    "controls": changed("controls", title="\x01\x1b[2J\x7f", body=FIELDS["body"] | {"text": "\x01" * MIB}),
    "every character": changed("characters", title=NOISY, description=NOISY, bylines=[NOISY], language=NOISY),
    "an unknown media type": changed("media", body=FIELDS["body"] | {"media_type": "x/" + "y" * MIB}),
    "an unknown charset": changed(
        "charset", body={"data": "YWJj/w==", "charset": "x" * 100_000, "sha256": "0" * 64, "media_type": "text/plain"}
    ),
    "neither text nor bytes": changed("neither", body={"sha256": "0" * 64}),
    "text and bytes": changed("both", body=FIELDS["body"] | {"data": "YWJj"}),
    "a hash that is none": changed("hash", body=FIELDS["body"] | {"sha256": "x" * 100_000}),
    "no body": changed("no body", body=None),
    "a failed fetch": changed("failed", body=None, fetch={"result": "<script>" * 10_000, "status": -5}),
    "an impossible status": changed("status", fetch={"status": 10**18, "failures": 10**18}),
    "an endless header": changed("headers", fetch={"headers": {"x-robots-tag": "noai " * 500_000}}),
    "many lists": changed(
        "lists", bylines=["Ada Quill"] * 300_000, subjects=[f"subject {n}" for n in range(200_000)]
    ),
    "an endless publisher": changed("publisher", publisher={"name": "x" * (4 * MIB), "domain": "y" * (4 * MIB)}),
    "endless rights": changed("rights", rights={"license": "x" * (4 * MIB), "copyright": "y" * (4 * MIB)}),
    "an endless language": changed("language", language="en" + "-xx" * MIB),
    "an endless description": changed("description", title="t" * (3 * MIB), description="d " * (3 * MIB)),
    "an endless entry": changed("entry", body=None, entry={"content": "<p>entry " * MIB, "title": "<b>" * 500_000}),
    "a canary": changed("canary", synthetic=True),
    "unknown fields": changed("unknown", colour="blue", schema={"$ref": "http://example.org/"}),
    "an unknown kind": changed("kind", source_kind="carrier pigeon"),
    "gzip as a page": page("gzip page", gzip.compress(b"<html>" + b"<p>word</p>" * 100_000)),
    "a picture as a page": page("picture", b"\x89PNG\r\n\x1a\n" + random.Random(2).randbytes(MIB)),
    "deep nesting": page("deep", "<html><body>" + "<div>" * 10_000 + "<p>" + english(2_000, 3)),
    "deeper nesting": page("deeper", "<html><body>" + "<b><i>" * 200_000 + english(2_000, 4)),
    "many attributes": page(
        "attributes",
        "<html><body><p " + " ".join(f"a{n}='x'" for n in range(20_000)) + ">" + english(2_000, 5),
    ),
    "many links": page("links", "<html><body>" + "<a href='/x'>link</a> " * 50_000),
    "many paragraphs": page("paragraphs", "<html><body><article>" + "<p>A line of words.</p>" * 20_000),
    "many tables": page("tables", "<html><body>" + "<table><tr><td>" * 3_000 + english(2_000, 6)),
    "many entities": page("entities", "<html><body><p>" + "&amp;&#x1F6A2;&nosuch;&#0;&#xD800;" * 30_000),
    "entity expansion": page(
        "expansion",
        "<!DOCTYPE html [<!ENTITY a 'ha'>" + "".join(
            f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
        ) + "]><html><body><p>&i;</p>" + english(2_000, 7),
    ),
    "an outside entity": page(
        "outside",
        "<!DOCTYPE html [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><html><body><p>&x; " + english(2_000, 8),
    ),
    "deep JSON-LD": page(
        "json-ld",
        "<html><head><script type='application/ld+json'>" + '{"author":' * 50_000 + "</script></head><body><p>"
        + english(2_000, 9),
    ),
    "many meta elements": page(
        "meta",
        "<html><head>" + "<meta name='author' content='Ada Quill'>" * 30_000 + "</head><body><p>" + english(2_000, 10),
    ),
    "an endless tag": page("tag", "<html><body><p x='" + "y" * (4 * MIB) + "'>" + english(2_000, 11)),
    "an endless comment": page("comment", "<html><body><!--" + "-" * (4 * MIB) + "><p>" + english(2_000, 12)),
    "an endless word": page("word", "<html><body><p>" + "w" * (4 * MIB)),
    "blanks": page("blanks", "<html><body><p>" + " \n\t\u00a0" * MIB),
    "a lying charset": page("lying", b"<meta charset=utf-16><p>" + english(2_000, 13).encode()),
}  # fmt: skip
"""Records that are items, if strange ones: each has some outcome, and what is made of it has sizes."""


def item_of_record(record: WireRecord) -> str:
    """The id under which a record's outcome must be found: its own where it is JSON and has one, else that of
    its bytes.

    Python's reader takes more for JSON than there is: UTF-16 where it is given bytes, and halves of pairs.
    """
    try:
        read = json.loads((record.value or b"").decode())
        json.dumps(read, ensure_ascii=False).encode()
        named = read["item_id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        named = None
    return named if isinstance(named, str) and is_uuid(named) else item_id_of_bytes(record.value)


def outcomes(pipeline: Pipeline) -> list[Outcome]:
    return [
        msgspec.json.decode(r.value or b"", type=Outcome)
        for r in consume(pipeline.kafka, topics.OUTCOMES.name)
    ]


def test_hostile_records_end_once_each_and_cost_nobody_anything(shared_pipeline: Pipeline):
    pipeline = shared_pipeline
    empty = [
        msgspec.structs.replace(item, fetched_at=f"2026-11-24T08:00:00.{n:06d}Z")
        for n, item in enumerate(items({"id": f"empty {n}"} for n in range(EMPTY_ITEMS)))
    ]
    good = items(
        {"id": f"good {n}", "text": english(1_500, seed=1000 + n), "language": "en"} for n in range(40)
    )
    sent = {
        **NO_ITEMS,
        **ITEMS,
        **{f"empty {n}": raw_record(item) for n, item in enumerate(empty)},
        **{f"good {n}": raw_record(item) for n, item in enumerate(good)},
    }
    names = list(sent)
    random.Random(17).shuffle(names)
    places = dict(zip(names, produce(pipeline.kafka, [sent[name] for name in names]), strict=True))
    wanted = {item_of_record(record) for record in sent.values()}
    eventually(
        lambda: wanted <= {each.item_id for each in outcomes(pipeline)}, "all have outcomes", 900, pause_s=2
    )

    every = outcomes(pipeline)
    counts = Counter(each.item_id for each in every)
    # The two tombstones are one item: there is nothing to tell them apart.
    assert counts.pop(item_id_of_bytes(None)) == 2
    assert set(counts.values()) == {1}
    assert counts.keys() | {item_id_of_bytes(None)} == wanted
    ended = {each.item_id: each for each in every}
    by_name = {name: ended[item_of_record(record)] for name, record in sent.items()}
    assert {name: by_name[name].outcome for name in NO_ITEMS if by_name[name].outcome != "dead_letter"} == {}
    assert Counter(by_name[f"good {n}"].outcome for n in range(40)) == {"enriched": 40}
    assert {by_name[f"empty {n}"].reason for n in range(EMPTY_ITEMS)} == {"empty"}
    unhandled = {
        name: (by_name[name].reason, by_name[name].stage)
        for name in ITEMS
        if by_name[name].outcome == "dead_letter"
    }
    assert unhandled == {}, "every item has a reading or a rejection"
    assert [each.reason for each in every if each.reason and not FEW.fullmatch(each.reason)] == []

    # A letter may come after the outcome that tells of it.
    consume(
        pipeline.kafka, topics.DEAD_LETTER.name, until=lambda read: len(read) >= len(NO_ITEMS), timeout_s=120
    )
    letters = {}
    for record in consume(pipeline.kafka, topics.DEAD_LETTER.name):
        said = read_headers(list(record.headers))
        letters[said.topic, said.partition, said.offset] = record
    assert set(letters) == {places[name] for name in NO_ITEMS}
    for name, original in NO_ITEMS.items():
        letter = letters[places[name]]
        assert (letter.key, letter.value) == (original.key, original.value), name
        assert letter.headers[: len(original.headers)] == tuple(original.headers), name

    for article in pipeline.enriched():
        assert len(article.text) <= TEXT_CHARS
        assert "root:" not in article.text, "an outside entity was read"
    memory = {stage: resident_mib(running[0]) for stage, running in pipeline.running.items()}
    print("resident memory, MiB:", memory)
    print("outcomes:", Counter(f"{o.outcome}({o.reason})" for o in every))
    assert max(size for sizes in memory.values() for size in sizes.values()) < MOST_MIB
    assert_in_order(pipeline)

"""Feeds and pages made to harm who parses them: each ends as a feed or as a reason, within the limits.

The limits are a child's own, of time and memory: a test passes when the child was not lost where nothing may
lose it, took no more CPU time than the limit of time, and when the next feed is read.  That nothing is opened is shown three ways: by Python's audit hook
over the same documents, by a canary file and a canary server that no document may reach, and by the child
itself, whose limit of open files is used up.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import psutil
import pytest
import pytest_asyncio

from connectors.feeds.model import FeedError, ParsedFeed
from connectors.feeds.parsing import FeedParser
from connectors.feeds.parsing.children import TIMEOUT_S
from schemas.limits import FEED_ENTRIES, MIB
from tests.support.feeds import ITEM, URL, rss

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]

CANARY = "canary-7c1e"
LOL = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(20))
ALONE = ITEM.encode()
Made = Callable[[str, str], bytes]
"""A document, given the path of the canary file and the address of the canary server."""


QUOTED = 'a{}="1"'
NAMESPACE = 'xmlns:a{0}="u{0}"'


def many(pattern: str, count: int) -> str:
    return " ".join(pattern.format(number) for number in range(count))


def doctype(subset: str) -> str:
    return f"<!DOCTYPE rss [{subset}]>"


def nested(depth: int, *, closed: bool = True) -> bytes:
    end = "</div>" * depth if closed else ""
    return rss(f"<item><description>{'<div>' * depth}x{end}</description></item>")


def entities(declared: str, used: str) -> bytes:
    return rss(f"<item><title>{used}</title></item>", before=doctype(declared))


FEEDS: dict[str, Made] = {
    "billion laughs": lambda f, u: entities(f'<!ENTITY a "lol">{LOL}', "&u;"),
    "billion laughs after twenty document types": lambda f, u: rss(
        "<item><title>&u;</title></item>", before="<!DOCTYPE rss>" * 20 + doctype(f'<!ENTITY a "lol">{LOL}')
    ),
    "quadratic": lambda f, u: entities(f'<!ENTITY a "{"x" * 100_000}">', "&a;" * 200_000),
    "quadratic with a short one": lambda f, u: entities(f'<!ENTITY a "{"x" * 40}">', "&a;" * 400_000),
    "a million entities": lambda f, u: entities("<!ENTITY a 'b'>" * 500_000, "&a;"),
    "an external entity, a file": lambda f, u: entities(f'<!ENTITY a SYSTEM "file://{f}">', "&a;"),
    "an external entity, an address": lambda f, u: entities(f'<!ENTITY a SYSTEM "{u}">', "&a;"),
    "an external parameter entity": lambda f, u: entities(f'<!ENTITY % p SYSTEM "{u}"> %p;', "&a;"),
    "an external document type, a file": lambda f, u: rss(before=f'<!DOCTYPE rss SYSTEM "file://{f}">'),
    "an external document type, an address": lambda f, u: rss(before=f'<!DOCTYPE rss PUBLIC "-//x//" "{u}">'),
    "a style sheet": lambda f, u: rss(before=f'<?xml-stylesheet href="{u}"?><?xml-stylesheet href="{f}"?>'),
    "instructions": lambda f, u: rss(f'<?xml-stylesheet href="{f}"?>' * 20_000 + ITEM),
    "an inclusion": lambda f, u: rss(
        f'<item xmlns:xi="http://www.w3.org/2001/XInclude"><title>a</title><xi:include href="file://{f}" parse="text"/></item>'
    ),
    "a schema": lambda f, u: (
        f'<rss xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="{u}"><channel/></rss>'
    ).encode(),
    "a base and a link that are files": lambda f, u: rss(f'<item xml:base="file://{f}"><link>.</link></item>'),
    "nested 100 k deep": lambda f, u: nested(100_000),
    "nested 100 k deep, never closed": lambda f, u: nested(100_000, closed=False),
    "100 k items, never closed": lambda f, u: b"<rss><channel>" + b"<item>" * 100_000,
    "40 k attributes": lambda f, u: rss(f"<item {many(QUOTED, 40_000)}><guid>1</guid></item>"),
    "40 k attributes, unquoted": lambda f, u: rss(f"<item {many('a{}=1', 40_000)}><guid>1</guid></item>"),
    "one attribute 40 k times": lambda f, u: rss(f"<item {many(QUOTED.format(1), 40_000)}><guid>1</guid></item>"),
    "20 k namespaces": lambda f, u: f"<rss {many(NAMESPACE, 20_000)}>".encode() + rss()[rss().index(b">") + 1 :],
    "100 k namespaces, one after another": lambda f, u: rss(many("<a{0}:x xmlns:a{0}='u{0}'/>", 100_000)),
    "200 k items": lambda f, u: rss(ITEM * 200_000),
    "200 k items, ill-formed": lambda f, u: rss(ITEM * 200_000)[:-30] + b"<x",
    "200 k items of JSON": lambda f, u: json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": n} for n in range(200_000)]}
    ).encode(),
    "JSON nested a million deep": lambda f, u: b'{"items":' + b"[" * 1_000_000,
    "unclosed CDATA": lambda f, u: rss(f"<item><title><![CDATA[{'x' * 5 * MIB}")[:-20],
    "300 k sections of CDATA, none closed": lambda f, u: rss(f"<item><title>{'<![CDATA[' * 300_000}"),
    "300 k comments, none closed": lambda f, u: rss("<!--" * 300_000),
    "a million instructions, none closed": lambda f, u: b"<rss>" + b"<?" * 500_000,
    "a million less-than signs": lambda f, u: b"<rss>" + b"<" * 1_000_000,
    "a million document types": lambda f, u: b"<!DOCTYPE " * 1_000_000,
    "500 k ampersands": lambda f, u: rss(f"<item><title>{'&' * 500_000}</title></item>"),
    "an attribute of 15 MiB": lambda f, u: rss(f'<item><title a="{"x" * 15 * MIB}">x</title></item>'),
    "a title of 15 MiB": lambda f, u: rss(f"<item><title>{'x' * 15 * MIB}</title></item>"),
    "15 MiB of NULs": lambda f, u: b"\0" * 15 * MIB,
    "15 MiB of NULs in an element": lambda f, u: b"<rss>" + b"\0" * 15 * MIB,
    "15 MiB of spaces": lambda f, u: b" " * 15 * MIB,
    "NULs between all characters": lambda f, u: b"x" + b"".join(bytes([byte, 0]) for byte in rss()),
    "all bytes": lambda f, u: bytes(range(256)) * 20_000,
    "UTF-16 without a mark": lambda f, u: rss().decode().encode("utf-16-be"),
    "UTF-16, cut in a character": lambda f, u: rss().decode().encode("utf-16")[:-1],
    "a prolog that lies of UTF-16": lambda f, u: rss(before='<?xml version="1.0" encoding="UTF-16"?>'),
    "a prolog of UTF-7": lambda f, u: b'<?xml version="1.0" encoding="UTF-7"?>+ADw-rss+AD4-',
    "a prolog of a codec that runs": lambda f, u: rss(before='<?xml version="1.0" encoding="unicode_escape"?>'),
    "a prolog of EBCDIC": lambda f, u: rss(before='<?xml version="1.0" encoding="cp037"?>'),
    "a prolog without an end": lambda f, u: b"<?xml " + b"a='b' " * 500_000,
    "a body that is a path": lambda f, u: f.encode(),
    "a body that is a file's address": lambda f, u: f"file://{f}".encode(),
    "a body that is an address": lambda f, u: u.encode(),
    "a body that is an address in a feed's clothes": lambda f, u: f"{u}\n<rss></rss>".encode(),
    "one guid 100 k times": lambda f, u: rss("<item><guid>1</guid><title>t</title></item>" * 100_000),
    "one guid, 5,000 titles": lambda f, u: rss("".join(f"<item><guid>1</guid><title>{n}</title></item>" for n in range(5_000))),
    "a page nested 10 k deep": lambda f, u: b"<html><body>" + b"<div>" * 10_000 + b"<link rel=feed href=/f>",
    "a page nested a million deep": lambda f, u: b"<html><body>" + b"<b><p>" * 500_000,
    "a page with 20 k attributes": lambda f, u: f"<html><body {many('a{}=1', 20_000)}>".encode(),
    "a page with 50 k links": lambda f, u: b"<html>" + b"<a href='/feed/1.rss'>x</a>" * 50_000,
    "a page that advertises 50 k feeds": lambda f, u: "".join(
        ["<html>", *(f"<link rel=alternate type=application/rss+xml href=/f{n}>" for n in range(50_000))]
    ).encode(),
    "a page whose base is a file": lambda f, u: f"<html><base href='file://{f}'><link rel=feed href='x'>".encode(),
}  # fmt: skip
MAY_BE_KILLED = {
    "quadratic",
    "quadratic with a short one",
    "200 k items",
    "200 k items, ill-formed",
    "500 k ampersands",
    "200 k items of JSON",
    "a million less-than signs",
    "15 MiB of NULs in an element",
    "unclosed CDATA",
    "all bytes",
}
"""What costs more than a second, so that a slow machine may end it with the reason ``timeout``."""
DATES = (
    "", " ", "0", "-1", "now", "yesterday", "Tue, 32 Nov 2026 25:61:61 +9999", "0000-00-00T00:00:00Z", "9999-12-31",
    "1e400", "Mon, 01 Jan 0001 00:00:00 GMT", "2026-11-24T09:30:00+99:99", "\u0662\u0660\u0662\u0666", "24.11.2026 – 9 Uhr",
    "x" * 100_000, "9" * 10_000, "2026-11-24\x00", "&#xD800;", "Tue, 24 Nov 2026 09:30:00 " + "(" * 5_000,
)  # fmt: skip


class Canary(BaseHTTPRequestHandler):
    """Answers with what must never be read."""

    reached = 0

    def do_GET(self) -> None:
        type(self).reached += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"<!ENTITY a '{CANARY}'>".encode())


@pytest.fixture(scope="module")
def canary_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("canary") / "secret.txt"
    path.write_text(CANARY)
    return str(path)


@pytest.fixture(scope="module")
def canary_url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Canary) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/secret"
        server.shutdown()
        thread.join()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def parser() -> AsyncIterator[FeedParser]:
    made = FeedParser()
    await made.parse(rss(), url=URL)
    yield made
    await made.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def patient() -> AsyncIterator[FeedParser]:
    """One whose limit of time a slow machine keeps to as well, for what must not come near it."""
    made = FeedParser(timeout_s=60)
    await made.parse(rss(), url=URL)
    yield made
    await made.close()


async def end_of(parser: FeedParser, data: bytes) -> ParsedFeed | FeedError:
    try:
        return await parser.parse(data, url=URL)
    except FeedError as error:
        return error


async def end_in_time(parser: FeedParser, data: bytes) -> ParsedFeed | FeedError:
    """Parse within the published limit, by CPU time: others' work on the same machine counts not."""
    before = spent_s()
    end = await end_of(parser, data)
    assert spent_s() - before < TIMEOUT_S
    return end


def spent_s() -> float:
    """Return the CPU time of all child processes, of which one parses."""
    return sum(sum(child.cpu_times()[:2]) for child in psutil.Process().children())


@pytest.mark.parametrize("name", FEEDS)
async def test_it_ends_as_a_feed_or_as_a_reason(
    parser: FeedParser, patient: FeedParser, name: str, canary_file: str, canary_url: str
):
    document = FEEDS[name](canary_file, canary_url)
    if name in MAY_BE_KILLED:
        end = await end_of(parser, document)
    else:
        parser = patient
        end = await end_in_time(parser, document)
    if isinstance(end, FeedError):
        allowed = {"not_a_feed", "broken", "empty"} | ({"timeout"} if name in MAY_BE_KILLED else set())
        assert end.reason in allowed, end.message
        assert end.message
        assert len(end.feeds) <= 20
    else:
        assert len(end.entries) <= FEED_ENTRIES
        assert len({entry.native_id for entry in end.entries}) == len(end.entries)
        assert all(entry.url is None or entry.url.startswith("http") for entry in end.entries)
    said = end.message + repr(end.feeds) if isinstance(end, FeedError) else repr(end)
    assert CANARY not in said
    assert Canary.reached == 0
    next_ = await end_of(parser, rss())
    if isinstance(next_, FeedError) and next_.reason == "timeout":
        # A child is started for it, for which a busy machine takes its time.
        next_ = await end_of(parser, rss())
    assert isinstance(next_, ParsedFeed)
    assert next_.entries, "the next one is read"


@pytest.mark.parametrize("field", ["pubDate", "dc:date", "atom:updated", "dcterms:modified"])
async def test_dates_of_every_bad_kind(patient: FeedParser, field: str):
    items = "".join(
        f"<item><guid>{n}</guid><{field}><![CDATA[{date}]]></{field}></item>" for n, date in enumerate(DATES)
    )
    end = await end_in_time(patient, rss(items))
    assert isinstance(end, ParsedFeed)
    assert [entry.native_id for entry in end.entries] == [str(n) for n in range(len(DATES))]
    end = await end_in_time(patient, rss(items)[:-40])
    assert isinstance(end, ParsedFeed)
    assert len(end.entries) >= len(DATES) - 1


AUDITED = """
import sys
from connectors.feeds.model import FeedError
from connectors.feeds.parsing.read import parse_bytes
from connectors.feeds.parsing.warm_up import warm_up

warm_up()
events = []
watched = ("open", "os.", "socket.", "subprocess.", "urllib.", "ftplib.", "http.", "shutil.", "glob.")
sys.addaudithook(lambda event, args: events.append((event, repr(args)[:200])) if event.startswith(watched) else None)
data = sys.stdin.buffer.read()
ends = 0
while data:
    size = int.from_bytes(data[:8], "big")
    document, data = data[8 : 8 + size], data[8 + size :]
    try:
        parse_bytes(document, url="https://example.org/feed")
    except FeedError:
        pass
    ends += 1
print(ends, events)
open("/dev/null").close()
print(len(events), "seen of a file that was opened")
"""


async def test_nothing_is_opened_by_whatever_it_says(canary_file: str, canary_url: str):
    small = [made(canary_file, canary_url) for made in FEEDS.values()]
    documents = [document for document in small if len(document) < 200_000]
    sent = b"".join(len(document).to_bytes(8, "big") + document for document in documents)
    done = subprocess.run(
        [sys.executable, "-c", AUDITED],
        input=sent,
        capture_output=True,
        cwd=Path(__file__).resolve().parents[2],
        check=False,
        timeout=500,
    )
    assert done.stderr == b""
    ends, control = done.stdout.decode().splitlines()
    assert ends == f"{len(documents)} []"
    assert control == "1 seen of a file that was opened"
    assert Canary.reached == 0


async def test_the_canaries_sing_where_they_are_asked(canary_file: str, canary_url: str):
    from urllib.request import urlopen

    with urlopen(canary_url) as answer:
        assert CANARY in answer.read().decode()
    assert Path(canary_file).read_text() == CANARY
    assert Canary.reached == 1
    Canary.reached = 0

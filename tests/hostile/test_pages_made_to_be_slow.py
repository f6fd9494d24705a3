"""Pages made to cost time and memory: each ends as an article or as a reason, in a child with its real limits.

An item takes the way that it takes in a worker: encoded, decoded and normalized in a child of the stage.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from connectors.feeds.discovery import discover_feeds
from newswire.settings import Settings
from schemas.ids import sha256_hex
from schemas.limits import MIB, PAGE_BODY_BYTES, RECORD_BYTES
from schemas.raw_item import Body
from schemas.wire import encode
from streams.engine.records import Done, Input
from streams.normalize.stage import NormalizeStage
from tests.support.sizes import item_of

pytestmark = pytest.mark.timeout(400)

WORDS = "The warden of pier five told Ada Quill on Monday that many boats had come in before the storm. " * 8
SECONDS = 30.0
"""Of CPU, for one page: what the stage allows.  The worst takes 5 to 9, by what else the machine does meanwhile."""
MEMORY = 1_000 * MIB
"""Resident, for the child: half of what the stage allows it to ask for."""


def many(pattern: str, count: int) -> str:
    return "".join(pattern.format(number) for number in range(count))


ATTRIBUTES = many('a{}="1" ', 20_000)
JSON_LD = '[{"a":'
PAGES: dict[str, Callable[[], str]] = {
    "10 k divisions": lambda: f"<html><body>{'<div>' * 10_000}<p>{WORDS}</p>{'</div>' * 10_000}",
    "10 k divisions, never closed": lambda: f"<html><body>{'<div>' * 10_000}<p>{WORDS}",
    "10 k of many kinds": lambda: f"<html><body>{'<section><div><span><b>' * 2_500}<p>{WORDS}",
    "10 k tables": lambda: f"<html><body>{'<table><tr><td>' * 10_000}{WORDS}",
    "10 k lists": lambda: f"<html><body>{'<ul><li>' * 10_000}{WORDS}",
    "10 k quotations": lambda: f"<html><body>{'<blockquote>' * 10_000}<p>{WORDS}",
    "10 k links in each other": lambda: f"<html><body><p>{'<a href=/x>' * 10_000}{WORDS}",
    "10 k objects of JSON-LD": lambda: (
        f"<html><head><script type='application/ld+json'>{JSON_LD * 10_000}</script></head><body><p>{WORDS}"
    ),
    "20 k attributes": lambda: f"<html><body><article {ATTRIBUTES}><p>{WORDS}</p>",
    "20 k attributes of the root": lambda: f"<html {ATTRIBUTES}><body {ATTRIBUTES}><p>{WORDS}</p>",
    "20 k attributes of a meta element": lambda: f"<html><head><meta {ATTRIBUTES}></head><body><p>{WORDS}</p>",
    "one attribute 20 k times": lambda: f"<html><body {'a=1 ' * 20_000}><p>{WORDS}</p>",
    "20 k elements with attributes": lambda: f"<html><body><p>{WORDS}</p>{'<p class=x id=y>word</p>' * 20_000}",
    "50 k links": lambda: f"<html><body><article><p>{WORDS}</p>{many('<a href=/{}>link</a> ', 50_000)}",
    "50 k links in the text": lambda: (
        f"<html><body><article><p>{WORDS}{many('word <a href=/{}>and</a> so ', 50_000)}"
    ),
    "50 k links in a list": lambda: f"<html><body><p>{WORDS}</p><ul>{many('<li><a href=/{0}>no {0}</a>', 50_000)}",
    "50 k words in bold": lambda: f"<html><body><p>{WORDS}{'<b>word</b> and ' * 50_000}",
    "50 k canonical links": lambda: f"<html><head>{many('<link rel=canonical href=/{}>', 50_000)}</head><p>{WORDS}",
    "all of it": lambda: (
        f"<html><body {ATTRIBUTES}>{'<div>' * 10_000}<p>{WORDS}</p>{'<a href=/a>link</a>' * 50_000}"
    ),
    "8 MiB of divisions": lambda: f"<html><body>{'<div>' * (PAGE_BODY_BYTES // 5 - 300)}<p>{WORDS}",
    "8 MiB of less-than signs": lambda: f"<html><body><p>{WORDS}{'<' * (PAGE_BODY_BYTES - 2_000)}",
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[NormalizeStage]:
    # What counts is CPU time: how long it takes beside others' work is not the page's doing.
    made = NormalizeStage(Settings(normalize_children=1, normalize_timeout_s=300))
    await made.start()
    yield made
    await made.stop()


async def child_of(stage: NormalizeStage) -> psutil.Process:
    """The one child of the stage."""
    assert stage._children is not None
    return psutil.Process(await asyncio.wrap_future(stage._children._pool.schedule(os.getpid)))


def resident(process: psutil.Process, what: str) -> int:
    (line,) = [
        line for line in Path(f"/proc/{process.pid}/status").read_text().splitlines() if line.startswith(what)
    ]
    return int(line.split()[1]) * 1024


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", PAGES)
async def test_normalize_ends_with_an_event_or_a_reason(
    stage: NormalizeStage, name: str, capsys: pytest.CaptureFixture[str]
):
    data = PAGES[name]().encode()
    assert len(data) <= PAGE_BODY_BYTES
    body = Body(media_type="text/html", charset="utf-8", text=data.decode(), sha256=sha256_hex(data))
    value = encode(item_of(name, body))
    worker = await child_of(stage)
    before, began = worker.cpu_times(), time.monotonic()
    (result,) = await stage.process([Input(value=value, timestamp_ms=0)])
    assert await child_of(stage) == worker, "it is the same child as before"
    after = worker.cpu_times()
    seconds = after.user + after.system - before.user - before.system
    peak = resident(worker, "VmHWM")
    with capsys.disabled():
        took = f"{seconds:.1f} s of CPU, {time.monotonic() - began:.1f} s, peak {peak / MIB:.0f} MiB"
        print(f"\n{name}: {took}", end="")
    assert isinstance(result, Done), result
    if result.ending is None:
        (article,) = result.emits
        assert WORDS.split(".", maxsplit=1)[0].encode() in article.value
        assert len(article.value) < RECORD_BYTES
    else:
        assert result.ending.outcome == "rejected"
        assert result.ending.reason in {"empty", "undecodable"}
    assert seconds < SECONDS
    assert peak < MEMORY


@pytest.mark.parametrize("name", PAGES)
def test_discovery_ends_with_few_links(name: str):
    page = PAGES[name]()
    began = time.process_time()
    found = discover_feeds(page, "https://example.org/")
    assert len(found) <= 20
    assert time.process_time() - began < 20


def test_the_pages_are_what_they_say():
    sizes = {name: len(make()) for name, make in PAGES.items()}
    assert min(sizes.values()) > 30_000
    assert max(sizes.values()) > PAGE_BODY_BYTES - 10_000
    assert PAGES["50 k links"]().count("<a ") == 50_000

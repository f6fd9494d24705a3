"""Parsing in children: reused, replaced, bounded, and with nothing to open."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from connectors.feeds.model import FeedError
from connectors.feeds.parsing import FeedParser
from tests.support.feeds import URL, rss
from tests.support.waiting import eventually_async

BIG = rss("".join(f"<item><title>{n}</title><guid>{n}</guid></item>" for n in range(60_000)))
SLOW = rss(f"<item><title>{'&' * 4_000_000}</title></item>")
"""Seconds of work: each is escaped by itself."""
VAST = rss("".join(f"<item><title>{n}</title><guid>{n}</guid></item>" for n in range(300_000)))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def parser() -> AsyncIterator[FeedParser]:
    made = FeedParser()
    yield made
    await made.close()


async def child_of(parser: FeedParser) -> int:
    """The process that works; other tests' may end at any time."""
    return int(await asyncio.wrap_future(parser._pool.schedule(os.getpid)))


async def gone(*children: int) -> bool:
    return not any(map(psutil.pid_exists, children))


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_feed_and_a_reason_come_back(parser: FeedParser):
    feed = await parser.parse(rss(), url=URL, content_type="text/xml", charset="utf-8")
    assert feed.entries[0].title == "Ferry stops"
    with pytest.raises(FeedError) as raised:
        await parser.parse(b"<html><link rel=feed href=/rss>", url=URL)
    assert (raised.value.reason, raised.value.links) == ("not_a_feed", ["https://example.org/rss"])


async def test_a_folder_of_modules_that_changes_is_not_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.syspath_prepend(tmp_path)
    parser = FeedParser()
    try:
        for number, cut in enumerate([rss(), rss().decode().encode("utf-16")[:-1]]):
            (tmp_path / f"{number}.log").touch()
            assert (await parser.parse(cut, url=URL)).entries
        (tmp_path / "2.log").touch()
        with pytest.raises(FeedError) as raised:
            await parser.parse(b"/etc/passwd", url=URL)
        assert raised.value.reason == "not_a_feed"
    finally:
        await parser.close()


async def test_many_may_wait_for_one_child_that_is_reused(parser: FeedParser):
    await parser.parse(rss(), url=URL)
    before = await child_of(parser)
    feeds = await asyncio.gather(
        *(parser.parse(rss(f"<item><guid>{n}</guid></item>"), url=URL) for n in range(300))
    )
    assert [feed.entries[0].native_id for feed in feeds] == [str(n) for n in range(300)]
    assert await child_of(parser) == before


async def test_nothing_can_be_opened(parser: FeedParser):
    await parser.parse(rss(), url=URL)
    for job in (Path(__file__).read_bytes, socket.socket):
        with pytest.raises(OSError, match="Too many open files"):
            await asyncio.wrap_future(parser._pool.schedule(job))


async def test_one_that_takes_too_long_costs_nobody_else():
    parser = FeedParser(timeout_s=0.2)
    try:
        await settled(parser)
        with pytest.raises(FeedError, match="not parsed after") as raised:
            await parser.parse(SLOW, url=URL)
        assert raised.value.reason == "timeout"
        await settled(parser)
    finally:
        await parser.close()


async def test_one_that_takes_too_much_memory_costs_nobody_else():
    parser = FeedParser(memory_mib=200, timeout_s=60)
    try:
        with pytest.raises(FeedError, match="200 MiB") as raised:
            await parser.parse(VAST, url=URL)
        assert raised.value.reason == "memory"
        assert (await parser.parse(rss(), url=URL)).entries
    finally:
        await parser.close()


async def test_one_that_kills_its_child_costs_nobody_else():
    parser = FeedParser(timeout_s=60)
    try:
        await parser.parse(rss(), url=URL)
        child = await child_of(parser)
        busy = psutil.Process(child).cpu_times().user
        lost = asyncio.create_task(parser.parse(VAST, url=URL))
        while psutil.Process(child).cpu_times().user < busy + 0.2:
            await asyncio.sleep(0.01)
        psutil.Process(child).kill()
        with pytest.raises(FeedError, match="exit code") as raised:
            await lost
        assert raised.value.reason == "crashed"
        assert (await parser.parse(rss(), url=URL)).entries
    finally:
        await parser.close()


async def test_a_child_that_dies_idle_is_replaced():
    parser = FeedParser()
    killed = set()
    try:
        for _ in range(2):
            await parser.parse(rss(), url=URL)
            killed.add(child := await child_of(parser))
            psutil.Process(child).kill()
            feeds = await asyncio.gather(*(parser.parse(rss(), url=URL) for _ in range(20)))
            assert all(feed.entries for feed in feeds)
        last = await child_of(parser)
    finally:
        await parser.close()
    assert len(killed | {last}) == 3
    await eventually_async(lambda: gone(*killed, last), "no child is left", 60)
    with pytest.raises(RuntimeError, match="closed"):
        await parser.parse(rss(), url=URL)


async def test_a_parse_that_is_given_up_costs_nobody_else(parser: FeedParser):
    given_up = asyncio.create_task(parser.parse(BIG, url=URL))
    await asyncio.sleep(0.05)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert (await parser.parse(rss(), url=URL)).entries


async def settled(parser: FeedParser) -> None:
    """Wait until a child answers: one that was just started may be too slow for a short limit."""
    for _ in range(50):
        try:
            await parser.parse(rss(), url=URL)
        except FeedError:
            continue
        return
    raise AssertionError("no child answers")

"""Feeds on loopback that change over time, each on an address of its own, and a log of every request.

Run as a script: ``loopback_feeds.py COUNT LOG PERIOD_S``.  It prints its port once it serves.  Feed *n* is at
``http://127.<1 + n // 200>.0.<1 + n % 200>:PORT/feed``: addresses are domains of their own, so that the feeds
are spread over partitions.  It shows its newest entries, one more every *PERIOD_S* seconds until it is sent
SIGUSR1, and the log has a line for every request that was waited for: which feed, when it came, when its answer
had left, and which entries that showed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

SHOWN = 60
ENTRY = (
    "<item><guid isPermaLink='false'>{feed}-{number}</guid><title>Entry {number} of feed {feed}</title>"
    "<link>http://{host}/entry/{number}</link><pubDate>{date}</pubDate>"
    "<description>Entry {number} of feed {feed} has this text, and it is its own.</description></item>"
)


class Served(msgspec.Struct):
    """One request, as the server saw it; times are in epoch seconds."""

    feed: int
    begin: float
    end: float
    entries: list[str]


def host_of(feed: int) -> str:
    return f"127.{1 + feed // 200}.0.{1 + feed % 200}"


def url_of(feed: int, port: int) -> str:
    return f"http://{host_of(feed)}:{port}/feed"


def served(log: Path) -> list[Served]:
    """Read the log; a line that is just being written is left out."""
    lines = log.read_bytes().split(b"\n")[:-1]
    return [msgspec.json.decode(line, type=Served) for line in lines]


def overlaps(requests: list[Served]) -> list[tuple[Served, Served]]:
    """Return pairs of requests for one feed that were under way at one time."""
    found = []
    last: dict[int, Served] = {}
    for one in sorted(requests, key=lambda each: each.begin):
        before = last.get(one.feed)
        if before is not None and one.begin < before.end:
            found.append((before, one))
        if before is None or one.end > before.end:
            last[one.feed] = one
    return found


class Feeds:
    def __init__(self, count: int, log: Path, period_s: float) -> None:
        self.count, self.period_s = count, period_s
        self.log = log.open("ab", buffering=0)
        self.began = time.time()
        self.port = 0
        self.ended: float | None = None
        self.feeds = {host_of(feed): feed for feed in range(count)}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        begin = time.time()
        feed = self.feeds.get((request.host or "").partition(":")[0])
        if feed is None or request.path != "/feed":
            return web.Response(status=404)
        # Feeds publish at different times, as feeds do.
        newest = int(((self.ended or begin) - self.began) / self.period_s + feed % 7 / 7)
        numbers = range(max(0, newest - SHOWN + 1), newest + 1)
        response = web.StreamResponse(headers={"Content-Type": "application/rss+xml; charset=utf-8"})
        await response.prepare(request)
        body = "".join(
            ENTRY.format(feed=feed, number=number, host=request.host, date=formatdate(begin, usegmt=True))
            for number in reversed(numbers)
        )
        with contextlib.suppress(ConnectionError):
            await response.write(
                f"<?xml version='1.0'?><rss version='2.0'><channel><title>Feed {feed}</title>".encode()
            )
            await asyncio.sleep(random.uniform(0.1, 0.5))  # so that a second reader at one time would show
            if request.transport is None or request.transport.is_closing():
                return response  # whoever asked has given up, and is shown nothing
            await response.write(f"{body}</channel></rss>".encode())
            await response.write_eof()
        entries = [f"{feed}-{number}" for number in numbers]
        line = {"feed": feed, "begin": begin, "end": time.time(), "entries": entries}
        self.log.write(json.dumps(line).encode() + b"\n")
        return response

    def end(self) -> None:
        self.ended = time.time()

    async def serve(self) -> None:
        app: Any = web.Application()
        app.router.add_route("GET", "/{path:.*}", self.answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        for host in self.feeds:
            site = web.TCPSite(runner, host, self.port)
            await site.start()
            if not self.port:
                self.port = runner.addresses[0][1]
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self.end)
        print(self.port, flush=True)
        while os.getppid() != 1:
            await asyncio.sleep(0.5)


if __name__ == "__main__":
    asyncio.run(Feeds(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])).serve())

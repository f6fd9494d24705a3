"""A universe of feeds that nobody has to run: what each of them answers is a function of its number and the time.

Feed *n* has the host ``feed-<n>.example``, all of them on one loopback port.  How often they publish is
log-uniform between a quarter of an hour and two weeks; what servers do with validators, and how often they fail,
is of the order that public lists of feeds show.  ``python -m bench.universe`` serves it and prints the port.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
import time
from email.utils import formatdate
from functools import lru_cache
from typing import Any, Final

import msgspec
import uvloop

__all__ = ["EPOCH", "ROBOTS", "SHOWN", "Feed", "feed", "lookup", "number_of", "url_of"]

EPOCH: Final = 1_760_000_000.0
"""Every feed has published since then."""
SHOWN: Final = 20
SHORTEST_S, LONGEST_S = 900.0, 14 * 86_400.0
ROBOTS: Final = b"User-agent: *\nDisallow: /private/\n"
HOST: Final = "feed-{number}.example"
WORDS: Final = (
    "council harbour minister flood ferry budget school election court strike energy summit border trade"
    " hospital report drought festival railway museum treaty airline orchard bridge inquiry"
).split()
_ITEM: Final = (
    "<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title><link>{link}</link>"
    "<pubDate>{date}</pubDate><description>{text}</description></item>"
)


class Feed(msgspec.Struct, frozen=True):
    """One feed.  Shares are of all feeds."""

    number: int
    period_s: float
    phase_s: float
    failure: str
    """``404`` (2 %), ``500`` (1.5 %), ``429`` (0.5 %), ``silent`` (0.2 %) or empty."""
    validators: bool
    """65 % answer 304 to their ETag."""
    robots: bool
    """30 % have a robots.txt; the others answer 404."""

    def newest(self, at: float) -> int:
        """Return the number of the newest entry at a time."""
        return int((at - EPOCH + self.phase_s) / self.period_s)

    def entries(self, at: float) -> range:
        """Return the numbers of the entries that are shown, oldest first."""
        newest = self.newest(at)
        return range(max(0, newest - SHOWN + 1), newest + 1)

    def guid(self, entry: int) -> str:
        """Return an entry's identity."""
        return f"{self.number}-{entry}"

    def link(self, entry: int) -> str:
        """Return an entry's address."""
        return f"http://{HOST.format(number=self.number)}/entry/{entry}"

    def title(self, entry: int) -> str:
        """Return an entry's title."""
        pick = (self.number * 31 + entry * 17) % 23
        return f"{WORDS[pick].title()} {WORDS[(pick + entry) % 25]} {entry} of {self.number}"

    def text(self, entry: int) -> str:
        """Return an entry's teaser, some 200 characters."""
        start = (self.number + entry * 7) % len(WORDS)
        words = [WORDS[(start + step * 3) % len(WORDS)] for step in range(28)]
        return f"Entry {entry}: {' '.join(words)}."

    def etag(self, at: float) -> str:
        """Return what tells one window from another."""
        return f'"{self.number}-{self.newest(at)}"'

    def body(self, at: float) -> bytes:
        """Return the feed as RSS, some 8 KB; those of some thousand feeds are kept as servers keep them."""
        return _body(self, self.entries(at))

    def built(self, entries: range) -> bytes:
        """Build the feed that shows these entries."""
        items = [
            _ITEM.format(
                guid=self.guid(entry),
                title=self.title(entry),
                link=self.link(entry),
                date=formatdate(EPOCH - self.phase_s + entry * self.period_s, usegmt=True),
                text=self.text(entry),
            )
            for entry in reversed(entries)
        ]
        head = f"<?xml version='1.0'?><rss version='2.0'><channel><title>Feed {self.number}</title>"
        return f"{head}{''.join(items)}</channel></rss>".encode()


@lru_cache(maxsize=30_000)
def _body(one: Feed, entries: range) -> bytes:
    return one.built(entries)


@lru_cache(maxsize=200_000)
def feed(number: int) -> Feed:
    """Return a feed."""
    draws = hashlib.blake2b(b"%d" % number, digest_size=10).digest()
    share = [int.from_bytes(draws[at : at + 2], "big") / 65536 for at in range(0, 10, 2)]
    period_s = SHORTEST_S * (LONGEST_S / SHORTEST_S) ** share[0]
    failure = ""
    for name, below in (("404", 0.02), ("500", 0.035), ("429", 0.04), ("silent", 0.042)):
        if share[2] < below:
            failure = name
            break
    return Feed(number, period_s, share[1] * period_s, failure, share[3] < 0.65, share[4] < 0.3)


def url_of(number: int, port: int) -> str:
    """Return a feed's address."""
    return f"http://{HOST.format(number=number)}:{port}/feed"


def number_of(host: str) -> int:
    """Return the number of the feed at a host, -1 where there is none."""
    digits = host.partition(".")[0].removeprefix("feed-")
    return int(digits) if digits.isdigit() else -1


def lookup(host: str, _port: int) -> list[tuple[int, str]]:
    """Resolve every host of the universe to loopback, and none besides."""
    if number_of(host) < 0:
        raise OSError(f"{host} is not of this universe")
    return [(int(socket.AF_INET), "127.0.0.1")]


class _Server(asyncio.Protocol):
    """As little of HTTP/1.1 as clients need, so that it costs less than whoever it is a measure of."""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while (end := self._rest.find(b"\r\n\r\n")) >= 0:
            head, self._rest = self._rest[:end], self._rest[end + 4 :]
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        lines = head.decode("latin-1").split("\r\n")
        path = lines[0].split(" ")[1]
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        one = feed(number_of(headers.get("host", "")))
        now = time.time()
        if path == "/robots.txt":
            if one.robots:
                self._send("200 OK", ROBOTS, "Content-Type: text/plain\r\n")
            else:
                self._send("404 Not Found", b"none", "Content-Type: text/plain\r\n")
        elif one.failure == "silent":
            return
        elif one.failure:
            more = "Retry-After: 600\r\n" if one.failure == "429" else ""
            self._send(f"{one.failure} Failing", b"failing", f"Content-Type: text/plain\r\n{more}")
        elif one.validators and headers.get("if-none-match") == one.etag(now):
            self._send("304 Not Modified", b"", f"ETag: {one.etag(now)}\r\n")
        else:
            etag = f"ETag: {one.etag(now)}\r\n" if one.validators else ""
            self._send("200 OK", one.body(now), f"Content-Type: application/rss+xml\r\n{etag}")

    def _send(self, status: str, body: bytes, headers: str) -> None:
        head = f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode("latin-1") + body)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Server, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(0.5)


if __name__ == "__main__":
    uvloop.run(_serve())

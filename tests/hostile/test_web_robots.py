"""What is found under /robots.txt and is none: it ends in a decision, in bounded time and memory."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from connectors.web.limits import Limits
from connectors.web.make import polite_fetcher
from connectors.web.politeness import PoliteFetcher
from connectors.web.robots import read_robots
from newswire.settings import Settings
from tests.support.web import Exchange, Handler, SteppedClock, page, redirect, serving, status

QUICK = Limits(connect_s=1.0, first_byte_s=0.3, total_s=1.0)
"""For who says nothing; the others are not to end by time, however slow the machine is."""
PATIENT = Limits()
SHUT = b"User-agent: *\nDisallow: /\n"
HTML = b"<!doctype html><html><head><title>Not found</title></head><body>" + b"<p>User-agent: *</p>" * 5_000


@asynccontextmanager
async def fetching(limits: Limits) -> AsyncIterator[PoliteFetcher]:
    fetcher = polite_fetcher(Settings(), clock=SteppedClock(), limits=limits)
    yield fetcher
    await fetcher.close()


async def silent(exchange: Exchange) -> None:
    await asyncio.sleep(60)


async def endless(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\n\r\n" + SHUT)
    while True:
        await exchange.send(b"# and more\n" * 1_000)


async def next_one(exchange: Exchange) -> None:
    await exchange.answer(status=302, headers={"Location": exchange.path + "x"})


CASES: dict[str, tuple[Handler, str]] = {
    "html": (page(HTML), "ok"),
    "an image": (page(os.urandom(50_000).replace(b"\n", b"")), "ok"),
    "nothing": (page(b""), "ok"),
    "NULs": (page(bytes(10_000) + b"\n" + SHUT), "robots"),
    "5 MB, a rule first": (page(SHUT + b"# x\n" * 1_300_000), "robots"),
    "5 MB, a rule last": (page(b"# x\n" * 1_300_000 + SHUT), "ok"),
    "one line of 5 MB": (page(b"User-agent: *\nDisallow: /" + b"x" * 5_000_000), "ok"),
    "without end": (endless, "robots"),
    "itself": (redirect("/robots.txt"), "ok"),
    "a long way": (next_one, "ok"),
    "nowhere": (status(302), "ok"),
    "another scheme": (redirect("ftp://news.example/robots.txt"), "ok"),
    "401": (status(401), "ok"),
    "404": (status(404), "ok"),
    "429": (status(429), "robots_unreachable"),
    "500": (status(500), "robots_unreachable"),
    "503": (status(503, Retry_After="soon"), "robots_unreachable"),
    "silence": (silent, "timeout"),
}


@pytest.mark.parametrize("case", CASES)
async def test_each_ends_in_a_decision(case: str):
    handler, expected = CASES[case]

    async def handle(exchange: Exchange) -> None:
        await (page() if exchange.path == "/page" else handler)(exchange)

    limits = QUICK if expected == "timeout" else PATIENT
    async with serving(handle) as site, fetching(limits) as fetcher:
        response = await fetcher.fetch(site.request("/page"))
        assert response.result == expected, response
        assert ("/page" in site.paths) is (expected == "ok")
        asked = len(site.paths)
        assert (await fetcher.fetch(site.request("/page"))).result == expected
        assert len(site.paths) == asked + (expected == "ok")  # it is remembered


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"User-agent: bot{number}\n" for number in range(15_000)) + "Disallow: /x\n" * 20_000,
        "User-agent: *\n" + "Disallow: /*a*a*a*a*a*a*a*a*b$\n" * 15_000,
        "User-agent: *\n" + "Disallow: /" + "*a" * 240_000 + "\n",
        "User-agent: *\n" + "Disallow: /" + "%" * 480_000 + "\n",
        "User-agent: *\n" * 30_000 + "Disallow: /x\n",
        "User-agent: *\nDisallow: /x\n" * 17_000,
        "User-agent: *\nCrawl-delay: 9\n" + "\u2028" * 160_000,
        ":" * 500_000,
        "user-agent " * 45_000,
    ],
    ids=range(9),
)
def test_rules_made_to_be_slow(text: str):
    """Of the largest size that is read: each ends, and takes no more room than it is long."""
    rules = read_robots(text.encode()[: PATIENT.robots_bytes], "newswire")
    parser = rules.parsed()
    for url in ("https://news.example/" + "a" * 4_000, "https://news.example/x"):
        rules.verdict(url, parser)
    assert rules.size < 2 * PATIENT.robots_bytes

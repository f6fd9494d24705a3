"""Servers that never end, never begin, lie about sizes or speak something else.

Limits are those of production but for the times, which are shortened where an answer ends by them.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

import pytest

from connectors.web.fetcher import GuardedFetcher
from connectors.web.limits import Limits
from tests.support.web import Exchange, Handler, page, serving

QUICK = Limits(connect_s=2.0, first_byte_s=0.5, total_s=1.5)
PATIENT = Limits()
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
async def fetcher() -> AsyncIterator[GuardedFetcher]:
    fetcher = GuardedFetcher(user_agent="newswire/1", limits=PATIENT)
    yield fetcher
    await fetcher.close()


@pytest.fixture
async def hasty() -> AsyncIterator[GuardedFetcher]:
    """One for answers that end by time: all others must not, however slow the machine is."""
    fetcher = GuardedFetcher(user_agent="newswire/1", limits=QUICK)
    yield fetcher
    await fetcher.close()


def raw(*pieces: bytes, then: bytes = b"", every_s: float = 0.0, close: bool = False) -> Handler:
    """Send *pieces*; then *then* for ever, or close, or fall silent."""

    async def handle(exchange: Exchange) -> None:
        for piece in pieces:
            await exchange.send(piece)
        while then:
            await exchange.send(then)
            await asyncio.sleep(every_s)
        if close:
            exchange.writer.close()
        else:
            await asyncio.sleep(60)

    return handle


CASES: dict[str, tuple[Handler, set[str]]] = {
    # Without end
    "body": (raw(OK + b"\r\n", then=bytes(65_536)), {"too_large"}),
    "chunked body": (
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n", then=b"10000\r\n" + bytes(65_536) + b"\r\n"),
        {"too_large"},
    ),
    "incompressible body": (raw(OK + b"\r\n", then=os.urandom(65_536)), {"too_large"}),
    "chunk extension": (
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n5", then=b";x=" + b"y" * 65_536),
        {"too_large", "bad_response", "timeout", "connect"},
    ),
    "trailers": (
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", then=b"X: " + b"y" * 1_000 + b"\r\n"),
        {"too_large", "bad_response", "timeout", "connect"},
    ),
    "header line": (raw(OK + b"X: ", then=b"y" * 65_536), {"too_large"}),
    "header lines": (raw(OK, then=b"X: y\r\n" * 1_000), {"too_large", "bad_response"}),
    "long header lines": (raw(OK, then=b"X: " + b"y" * 30_000 + b"\r\n"), {"too_large", "bad_response"}),
    "status line": (raw(b"HTTP/1.1 200 ", then=b"O" * 65_536), {"too_large", "bad_response"}),
    "interim answers": (raw(then=b"HTTP/1.1 100 Continue\r\n\r\n"), {"timeout", "bad_response"}),
    "interim answers, slowly": (raw(then=b"HTTP/1.1 103 Early Hints\r\n\r\n", every_s=0.2), {"timeout"}),
    # One byte at a time
    "slow status line": (raw(then=b"H", every_s=0.2), {"timeout", "bad_response"}),
    "slow headers": (raw(OK + b"X: ", then=b"y", every_s=0.2), {"timeout"}),
    "slow body": (raw(OK + b"\r\n", then=b"y", every_s=0.2), {"timeout"}),
    "slow error page": (raw(b"HTTP/1.1 403 No\r\n\r\n", then=b"y", every_s=0.2), {"403", "timeout"}),
    # Silence
    "silence": (raw(), {"timeout"}),
    "silence in headers": (raw(OK), {"timeout"}),
    "silence in the body": (raw(OK + b"Content-Length: 9\r\n\r\nx"), {"timeout"}),
    "hang up": (raw(close=True), {"connect"}),
    "hang up in headers": (raw(OK, close=True), {"connect", "bad_response"}),
    # Lies
    "more announced than sent": (raw(OK + b"Content-Length: 9\r\n\r\nx", close=True), {"connect"}),
    "chunk cut short": (
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\nx", close=True),
        {"connect", "bad_response"},
    ),
    "a terabyte announced": (raw(OK + b"Content-Length: 1000000000000\r\n\r\n"), {"too_large"}),
    "a number without end announced": (
        raw(OK + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n"),
        {"bad_response", "too_large"},
    ),
    "less than nothing announced": (raw(OK + b"Content-Length: -1\r\n\r\n"), {"bad_response"}),
    "two sizes announced": (raw(OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nx"), {"bad_response"}),
    "a wrong chunk size": (raw(OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n"), {"bad_response"}),
    "a negative chunk size": (
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n"),
        {"bad_response"},
    ),
    "not the coding it claims": (
        raw(OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"),
        {"bad_response"},
    ),
    # Other tongues
    "SSH": (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), {"bad_response"}),
    "SMTP": (raw(b"220 mail.example ESMTP\r\n"), {"bad_response"}),
    "TLS": (raw(b"\x16\x03\x01\x02\x00\x01"), {"bad_response"}),
    "HTTP/0.9": (raw(b"<html>hello</html>\n"), {"bad_response"}),
    "HTTP/9.9": (raw(b"HTTP/9.9 200 OK\r\n\r\n", close=True), {"bad_response"}),
    "a status that is none": (raw(b"HTTP/1.1 2x0 OK\r\n\r\n"), {"bad_response"}),
    "zeros": (raw(then=bytes(65_536)), {"bad_response"}),
    "noise": (raw(b"\xff\xfe" + os.urandom(65_536).replace(b"HTTP", b"")), {"bad_response"}),
    "a switch of protocols": (
        raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
        {"101", "bad_response"},
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_each_ends_in_its_reason(fetcher: GuardedFetcher, hasty: GuardedFetcher, case: str):
    handler, expected = CASES[case]
    fetcher = hasty if "timeout" in expected else fetcher
    async with serving(handler) as site:
        response = await fetcher.fetch(site.request())
    assert response.result in expected, response
    assert response.detail or response.result.isdigit()
    assert response.wire_bytes <= QUICK.wire_bytes + 1_000_000
    assert len(response.body) <= QUICK.error_bytes


async def test_headers_in_plenty_are_refused_as_a_whole(fetcher: GuardedFetcher):
    lines = b"".join(b"X-%d: %s\r\n" % (number, b"y" * 1_000) for number in range(70))
    async with serving(raw(OK + lines + b"Content-Length: 0\r\n\r\n")) as site:
        response = await fetcher.fetch(site.request())
    assert (response.result, response.headers) == ("too_large", {})


async def test_large_headers_of_real_sites_pass(fetcher: GuardedFetcher):
    headers = {"Content-Security-Policy": "default-src " + "https://cdn.example " * 1_500}
    async with serving(page(**headers)) as site:
        assert (await fetcher.fetch(site.request())).ok


async def test_what_follows_an_answer_unasked_is_no_answer(fetcher: GuardedFetcher):
    """A second answer behind the first one must not become that of the next request."""
    smuggled = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"

    async def handle(exchange: Exchange) -> None:
        await exchange.send(OK + b"Content-Length: 4\r\n\r\ngood" + smuggled)

    async with serving(handle) as site:
        for _ in range(5):
            response = await fetcher.fetch(site.request())
            assert response.body in {b"good", b""}, response
            await asyncio.sleep(0.02)


async def test_redirects_without_end(fetcher: GuardedFetcher):
    asked = 0

    async def handle(exchange: Exchange) -> None:
        nonlocal asked
        asked += 1
        await exchange.answer(status=301, headers={"Location": f"/{asked}"})

    async with serving(handle) as site:
        response = await fetcher.fetch(site.request())
    assert (response.result, asked) == ("redirects", 6)


async def test_a_redirect_with_an_endless_body_is_followed(fetcher: GuardedFetcher):
    endless = raw(b"HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n", then=bytes(65_536))
    async with serving({"/": endless, "/there": page()}) as site:
        assert (await fetcher.fetch(site.request())).ok


async def test_slow_hops_share_one_limit():
    async def handle(exchange: Exchange) -> None:
        await asyncio.sleep(0.6)
        await exchange.answer(status=302, headers={"Location": exchange.path + "x"})

    fetcher = GuardedFetcher(user_agent="newswire/1", limits=Limits(total_s=2.2))
    async with serving(handle) as site:
        response = await fetcher.fetch(site.request())
    await fetcher.close()
    assert response.result == "timeout"
    assert 1 <= len(site.requests) <= 4


async def test_a_server_that_never_accepts(fetcher: GuardedFetcher):
    """A full backlog: the connection is never made."""
    import socket

    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        port = server.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        async with serving(page()) as site:
            site.port = port
            quick = GuardedFetcher(user_agent="x", limits=Limits(connect_s=0.5, first_byte_s=5, total_s=5))
            response = await quick.fetch(site.request())
            await quick.close()
        for filler in fillers:
            filler.close()
    assert response.result == "timeout"


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "file:///etc/passwd", "http://127.0.0.1/", "\\\\host\\share"]
)
async def test_a_body_is_a_body(fetcher: GuardedFetcher, path: str, monkeypatch: pytest.MonkeyPatch):
    """Also one that looks like a path or a URL."""
    opened: list[object] = []
    monkeypatch.setattr("builtins.open", lambda *args, **kwargs: opened.append(args))
    async with serving(page(path.encode())) as site:
        assert (await fetcher.fetch(site.request())).body == path.encode()
    assert opened == []


def test_the_defaults_are_the_published_ones():
    limits = Limits()
    assert (limits.connect_s, limits.first_byte_s, limits.total_s) == (10, 20, 60)
    assert limits.body_bytes("page") == 8 << 20
    assert limits.body_bytes("feed") == limits.body_bytes("sitemap") == 20 << 20
    assert limits.body_bytes("robots") == 500 << 10
    assert (limits.wire_bytes, limits.ratio, limits.headers_bytes, limits.redirects) == (
        10 << 20,
        200,
        64 << 10,
        5,
    )

"""Headers that carry line ends, control characters or absurd times."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from connectors.web.cache import freshness_s
from connectors.web.fetcher import GuardedFetcher
from connectors.web.limits import DAY_S
from tests.support.web import Exchange, page, serving

NOW = 1_800_000_000.0
ABSURD = [
    "",
    "0",
    "-1",
    "9" * 5_000,
    "1e308",
    "NaN",
    "yesterday",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Mon, 00 Foo 0000 99:99:99 XYZ",
    "Sun, 06 Nov 1994 08:49:37 +9999",
    "\u0661\u0662",
]


@pytest.fixture
async def fetcher() -> AsyncIterator[GuardedFetcher]:
    fetcher = GuardedFetcher(user_agent="newswire/1")
    yield fetcher
    await fetcher.close()


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\0", "\x0b", "\x85", "\u2028"])
async def test_nothing_of_ours_starts_another_line(fetcher: GuardedFetcher, end: str):
    """Stored validators and URLs, as an attacker would have them."""
    async with serving(page()) as site:
        injected = f"x{end}X-Injected: 1"
        await fetcher.fetch(site.request("/plain", etag=injected, last_modified=injected))
        await fetcher.fetch(site.request(f"/{injected}?{injected}"))
        assert len(site.requests) == 2
        assert all(b"x-injected" not in exchange.headers for exchange in site.requests)


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r", b"\0", b"\x0b", b"\x85", b"\xe2\x80\xa8"])
@pytest.mark.parametrize("name", ["ETag", "Last-Modified", "X-Robots-Tag", "Location", "Retry-After"])
async def test_nothing_of_theirs_does(fetcher: GuardedFetcher, end: bytes, name: str):
    async def handle(exchange: Exchange) -> None:
        status = 302 if name == "Location" else 200
        await exchange.answer(b"x", status=status, headers={name: b"/x" + end + b"X-Injected: 1"})

    async with serving(handle) as site:
        response = await fetcher.fetch(site.request())
        again = await fetcher.fetch(
            site.request(
                etag=response.headers.get("etag"), last_modified=response.headers.get("last-modified")
            )
        )
    assert response.result in {"ok", "bad_response", "redirects"}
    assert again.result in {"ok", "bad_response", "redirects"}
    for text in (*response.headers, *response.headers.values()):
        assert not set(text) & set("\r\n\0\x0b")
    msgspec.json.encode(response)
    assert all(b"x-injected" not in exchange.headers for exchange in site.requests)


@pytest.mark.parametrize("value", ABSURD)
async def test_absurd_times_are_clamped_or_nothing(fetcher: GuardedFetcher, value: str):
    headers = {
        "Date": value,
        "Expires": value,
        "Last-Modified": value,
        "Age": value,
        "Retry-After": value,
        "Cache-Control": f"max-age={value}",
    }
    async with serving(page(**headers)) as site:
        response = await fetcher.fetch(site.request())
    assert response.ok
    assert response.retry_after_s is None or 0 <= response.retry_after_s <= DAY_S
    fresh = freshness_s(response.headers, NOW)
    assert fresh is None or 0 <= fresh <= DAY_S


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: \xff\xfe/\x00",
        b"Content-Type: text/html; charset=" + b"x" * 9_000,
        b"Content-Type: ../../etc/passwd",
        b"Content-Encoding: ,,, , identity",
        b": nameless",
        b"No colon at all",
        b"Bad Name: x",
        b" Folded: x",
        b"X-B\xc3\xa4d: x",
    ],
)
async def test_odd_headers(fetcher: GuardedFetcher, raw: bytes):
    async def handle(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\n" + raw + b"\r\nContent-Length: 1\r\n\r\nx")

    async with serving(handle) as site:
        response = await fetcher.fetch(site.request())
    assert response.result in {"ok", "bad_response"}
    assert response.media_type is None or ".." not in response.media_type
    msgspec.json.encode(response)


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 200 OK\r\nSet-Cookie: id=canary\0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nSet-Cookie canary\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncanary\xff: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"canary" * 20_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: canary\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncanary",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ncanary\r\n",
        b"HTTP/1.1 403 Of /?token=canary\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 2x0 canary\r\n\r\n",
        b"canary\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://jo:canary@127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
    ],
)
async def test_what_is_said_of_an_answer_quotes_nothing_of_it(fetcher: GuardedFetcher, sent: bytes):
    async def handle(exchange: Exchange) -> None:
        await exchange.send(sent)
        exchange.writer.close()

    async with serving(handle) as site:
        response = await fetcher.fetch(site.request("/?api_key=canary"))
    assert not response.ok
    assert response.detail
    assert "canary" not in response.detail

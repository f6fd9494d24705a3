"""The guarded fetcher against real servers: what it sends, follows, keeps and calls things."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest

from connectors.web.fetcher import GuardedFetcher
from connectors.web.limits import Limits
from connectors.web.message import FetchKind, Request, Response
from newswire.telemetry.metrics import REGISTRY
from schemas.base import Rights
from tests.support.ports import held_port
from tests.support.web import ADDRESS, Exchange, Site, page, redirect, serving, status


@pytest.fixture
async def fetcher() -> AsyncIterator[GuardedFetcher]:
    fetcher = GuardedFetcher(user_agent="newswire/1 (+https://contact.example)")
    yield fetcher
    await fetcher.close()


async def test_a_page(fetcher: GuardedFetcher):
    async def handle(exchange: Exchange) -> None:
        await exchange.answer(
            gzip.compress(b"a page"),
            headers={
                "Content-Type": "text/html; charset=utf-8",
                "Content-Encoding": "gzip",
                "ETag": '"1"',
                "X-Robots-Tag": "noai",
                "Set-Cookie": "session=1",
            },
        )

    async with serving(handle) as site:
        response = await fetcher.fetch(site.request("/a?b=c#d"))
    assert response.ok
    assert response.status == 200
    assert response.body == b"a page"
    assert (response.media_type, response.charset) == ("text/html", "utf-8")
    assert response.requested_url == site.url("/a?b=c#d")
    assert response.final_url == site.url("/a?b=c")
    assert response.permanent_url is None
    assert response.headers["etag"] == '"1"'
    assert "set-cookie" not in response.headers
    assert response.wire_bytes == len(gzip.compress(b"a page"))
    assert response.duration_s > 0
    assert response.rights == Rights(x_robots_tag=["noai"], ai_training=False)


async def test_what_is_sent(fetcher: GuardedFetcher, monkeypatch: pytest.MonkeyPatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with serving(page(Set_Cookie="session=1")) as site:
        await fetcher.fetch(site.request(etag='W/"a"', last_modified="long ago"))
        await fetcher.fetch(site.request(kind="feed"))
    first, second = (exchange.headers for exchange in site.requests)
    assert first[b"user-agent"] == b"newswire/1 (+https://contact.example)"
    assert first[b"if-none-match"] == b'W/"a"'
    assert first[b"if-modified-since"] == b"long ago"
    assert first[b"accept-encoding"] == b"gzip, deflate, br, zstd"
    assert first[b"host"] == f"{ADDRESS}:{site.port}".encode()
    assert second[b"accept"].startswith(b"application/atom+xml")
    assert b"if-none-match" not in second
    assert b"cookie" not in second


@pytest.mark.parametrize("etag", ['"a"', 'W/"a, b"', "unquoted", '"é"', "a\tb", '"' + "x" * 3_000 + '"'])
async def test_a_validator_comes_back_byte_for_byte(fetcher: GuardedFetcher, etag: str):
    async def handle(exchange: Exchange) -> None:
        if exchange.headers.get(b"if-none-match") == etag.encode():
            await exchange.answer(status=304)
        else:
            await exchange.answer(b"x", headers={"ETag": etag.encode()})

    async with serving(handle) as site:
        first = await fetcher.fetch(site.request())
        second = await fetcher.fetch(site.request(etag=first.headers["etag"]))
    assert (first.result, second.result) == ("ok", "not_modified")


async def test_a_304_that_nobody_asked_for_is_none(fetcher: GuardedFetcher):
    async with serving(status(304)) as site:
        response = await fetcher.fetch(site.request())
    assert (response.result, response.status) == ("bad_response", 304)


@pytest.mark.parametrize("code", [201, 202, 204, 206, 400, 401, 403, 404, 410, 418, 429, 451, 500, 503, 599])
async def test_another_status_is_the_result(fetcher: GuardedFetcher, code: int):
    async with serving(status(code)) as site:
        response = await fetcher.fetch(site.request())
    assert (response.result, response.status) == (str(code), code)
    assert not response.ok


async def test_an_error_page_is_kept_in_part(fetcher: GuardedFetcher):
    async def handle(exchange: Exchange) -> None:
        await exchange.answer(b"are you human? " * 10_000, status=403)

    async with serving(handle) as site:
        response = await fetcher.fetch(site.request())
    assert response.result == "403"
    assert response.body.startswith(b"are you human?")
    assert len(response.body) == Limits().error_bytes


@pytest.mark.parametrize(("value", "seconds"), [("7", 7), ("99999999", 86_400), ("soon", None)])
async def test_when_to_come_back(fetcher: GuardedFetcher, value: str, seconds: float | None):
    async with serving(status(503, Retry_After=value)) as site:
        response = await fetcher.fetch(site.request())
    assert response.retry_after_s == seconds


@pytest.mark.parametrize(
    ("codes", "permanent"),
    [
        ([301], "/1"),
        ([308], "/1"),
        ([302], None),
        ([303], None),
        ([307], None),
        ([301, 308, 301], "/3"),
        ([301, 302], "/1"),
        ([302, 301], None),
        ([301, 302, 301], "/1"),
        ([302] * 5, None),
    ],
)
async def test_redirects(fetcher: GuardedFetcher, codes: list[int], permanent: str | None):
    handlers = {f"/{number}": redirect(f"/{number + 1}#x", code) for number, code in enumerate(codes)}
    async with serving({**handlers, f"/{len(codes)}": page()}) as site:
        response = await fetcher.fetch(site.request("/0"))
    assert response.ok
    assert response.final_url == site.url(f"/{len(codes)}")
    assert response.permanent_url == (permanent and site.url(permanent))
    assert site.paths == [f"/{number}" for number in range(len(codes) + 1)]


async def test_a_redirect_too_many(fetcher: GuardedFetcher):
    async with serving({f"/{number}": redirect(f"/{number + 1}") for number in range(9)}) as site:
        response = await fetcher.fetch(site.request("/0"))
    assert response.result == "redirects"
    assert site.paths == ["/0", "/1", "/2", "/3", "/4", "/5"]


@pytest.mark.parametrize(
    ("location", "result"),
    [
        ("/0", "redirects"),
        ("", "redirects"),
        ("#part", "redirects"),
        ("http://[", "refused_url"),
        ("ftp://news.example/", "refused_url"),
        ("http://user:pass@news.example/", "refused_url"),
        ("//127.0.0.1:1/", "refused_url"),
        ("//127.0.0.2/", "refused_address"),
        ("http://0x7f.1/", "refused_address"),
    ],
)
async def test_redirects_that_are_not_followed(fetcher: GuardedFetcher, location: str, result: str):
    async with serving({"/0": redirect(location)}) as site:
        response = await fetcher.fetch(site.request("/0"))
    assert response.result == result
    assert response.final_url == site.url("/0")
    assert site.paths == ["/0"]


async def test_a_redirect_without_location_leads_nowhere(fetcher: GuardedFetcher):
    async with serving(status(301)) as site:
        response = await fetcher.fetch(site.request())
    assert (response.result, response.status) == ("redirects", 301)


async def test_relative_and_foreign_spelling_of_locations(fetcher: GuardedFetcher):
    async with serving({"/a/b": redirect("../c é?x=y z"), "/c%20%C3%A9?x=y%20z": page()}) as site:
        response = await fetcher.fetch(site.request("/a/b"))
    assert response.ok, response


async def test_a_url_is_asked_for_as_it_is_written(fetcher: GuardedFetcher):
    written = "/%7euser/%2F/../a%20b;c=(d)?q=%e9&signature=a+b/c==&x"
    async with serving(page()) as site:
        await fetcher.fetch(site.request(written))
    assert site.paths == [written]


async def test_connections_are_kept(fetcher: GuardedFetcher):
    async with serving(page()) as site:
        for _ in range(3):
            assert (await fetcher.fetch(site.request())).ok
    assert site.connections == 1


@pytest.mark.parametrize("kind", ["feed", "sitemap"])
async def test_what_is_asked_for_seldom_keeps_none(fetcher: GuardedFetcher, kind: FetchKind):
    async def handle(exchange: Exchange) -> None:
        await exchange.answer(b"x")
        if exchange.headers.get(b"connection") == b"close":
            exchange.writer.close()

    async with serving(handle) as site:
        for _ in range(3):
            assert (await fetcher.fetch(site.request(kind=kind))).ok
    assert site.connections == 3


async def test_a_kept_connection_serves_no_source_that_may_not_have_it(fetcher: GuardedFetcher):
    """Names resolve to the same server for both, and one has a connection open already."""
    opened = GuardedFetcher(user_agent="x", lookup=lambda host, port: [(2, ADDRESS)])
    async with serving(page()) as site:
        allowed = Request(url=f"http://intranet:{site.port}/", kind="page", allow_hosts=("intranet",))
        assert (await opened.fetch(allowed)).ok
        other = Request(url=allowed.url, kind="page", allow_hosts=("other",))
        assert (await opened.fetch(other)).result == "refused_url"
        assert site.connections == len(site.requests) == 1
    await opened.close()


async def test_a_connection_on_port_80_is_not_shared_with_strangers(monkeypatch: pytest.MonkeyPatch):
    """The same host, port and name, allowed to one source: the other's request reaches no socket."""
    monkeypatch.setattr("connectors.web.target._PORTS", {"http": 0, "https": 443})
    async with serving(page()) as site:
        monkeypatch.setattr("connectors.web.target._PORTS", {"http": site.port, "https": 443})
        fetcher = GuardedFetcher(user_agent="x", lookup=lambda host, port: [(2, ADDRESS)])
        url = f"http://intranet:{site.port}/"
        for _ in range(2):
            allowed = await fetcher.fetch(Request(url=url, kind="page", allow_hosts=("intranet",)))
            stranger = await fetcher.fetch(Request(url=url, kind="page"))
            assert (allowed.result, stranger.result) == ("ok", "refused_address")
        assert site.connections == 1
        await fetcher.close()


async def test_names_without_address(fetcher: GuardedFetcher):
    def lookup(host: str, port: int) -> list[tuple[int, str]]:
        raise OSError("no such name")

    nameless = GuardedFetcher(user_agent="x", lookup=lookup)
    response = await nameless.fetch(Request(url="http://news.example/", kind="page"))
    assert response.result == "dns"
    empty = GuardedFetcher(user_agent="x", lookup=lambda host, port: [])
    assert (await empty.fetch(Request(url="http://news.example/", kind="page"))).result == "dns"
    await nameless.close()
    await empty.close()


async def test_nobody_listens(fetcher: GuardedFetcher):
    with held_port() as port:
        response = await fetcher.fetch(Site(port).request())
    assert (response.result, response.status, response.body) == ("connect", None, b"")


async def test_who_cancels_a_fetch_ends_it(fetcher: GuardedFetcher):
    async def silent(exchange: Exchange) -> None:
        await asyncio.sleep(60)

    async with serving(silent) as site:
        task = asyncio.create_task(fetcher.fetch(site.request()))
        while not site.requests:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_fetches_are_counted(fetcher: GuardedFetcher):
    def count(result: str) -> float:
        labels = {"resource": "sitemap", "result": result}
        return REGISTRY.get_sample_value("newswire_fetches_total", labels) or 0.0

    before = count("ok"), count("4xx")
    async with serving({"/ok": page()}) as site:
        await fetcher.fetch(site.request("/ok", kind="sitemap"))
        await fetcher.fetch(site.request("/missing", kind="sitemap"))
    assert (count("ok"), count("4xx")) == (before[0] + 1, before[1] + 1)


def test_a_response_is_ok_or_not():
    assert Response(result="ok", requested_url="", final_url="").ok
    assert not Response(result="404", requested_url="", final_url="").ok

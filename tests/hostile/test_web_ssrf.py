"""No fetch reaches an address that it must not: a canary server on loopback counts who connects.

The canary's port counts as the usual one of http, so that nothing but the address stands in the way.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from connectors.feeds.poller import Poller, PollOptions
from connectors.web.fetcher import GuardedFetcher
from connectors.web.guard import Lookup
from connectors.web.limits import Limits
from connectors.web.make import polite_fetcher
from connectors.web.message import FetchKind, Request
from newswire.settings import Settings
from newswire.sources.lists import read_list
from schemas.source import SourceDefinition
from tests.support.feeds import rss
from tests.support.polling import Everything, ParserInPlace, book_of, definition
from tests.support.web import Site, SteppedClock, page, redirect, serving
from tests.support.web_forms import ELSEWHERE, LOOPBACK

V4, V6 = int(socket.AF_INET), int(socket.AF_INET6)
QUICK = Limits(connect_s=1.0, first_byte_s=1.0, total_s=2.0)
"""For what leads nowhere; all else is decided on this machine, and is not to end by time."""
PATIENT = Limits()
NOWHERE = (V6, "3ffe::1")
"""A public address that nobody has, for names that seem harmless at first."""


@pytest.fixture
async def canary(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    async with serving(page(b"secret")) as site:
        monkeypatch.setattr("connectors.web.target._PORTS", {"http": site.port, "https": 443})
        yield site


def names(*answers: list[tuple[int, str]]) -> Lookup:
    """Resolve any name to each of *answers* in turn, and to the last one from then on."""
    left = list(answers)

    def lookup(host: str, port: int) -> list[tuple[int, str]]:
        return left.pop(0) if len(left) > 1 else left[0]

    return lookup


async def result_of(
    url: str, lookup: Lookup | None = None, allow_hosts: tuple[str, ...] = (), limits: Limits = PATIENT
) -> str:
    fetcher = GuardedFetcher(user_agent="x", limits=limits, **({"lookup": lookup} if lookup else {}))
    try:
        response = await fetcher.fetch(Request(url=url, kind="page", allow_hosts=allow_hosts))
    finally:
        await fetcher.close()
    assert b"secret" not in response.body
    return response.result


async def test_the_canary_is_there_for_who_may_see_it(canary: Site):
    fetcher = GuardedFetcher(user_agent="x")
    assert (await fetcher.fetch(canary.request())).body == b"secret"
    await fetcher.close()


@pytest.mark.parametrize("host", [*LOOPBACK, *ELSEWHERE, "localhost", "LOCALHOST.", "ip6-localhost"])
async def test_no_spelling_of_an_address_gets_through(canary: Site, host: str):
    assert await result_of(canary.url(host=host)) in {"refused_address", "refused_url", "dns"}
    assert canary.connections == 0


@pytest.mark.parametrize(
    "address",
    [
        (V4, "127.0.0.1"),
        (V4, "127.9.9.9"),
        (V4, "0.0.0.0"),
        (V4, "10.0.0.1"),
        (V4, "169.254.169.254"),
        (V6, "::1"),
        (V6, "::"),
        (V6, "::ffff:127.0.0.1"),
        (V6, "::ffff:7f00:1"),
        (V6, "64:ff9b::7f00:1"),
        (V6, "fe80::1%lo"),
        (V6, "fd00::1"),
    ],
)
async def test_a_name_is_what_it_resolves_to(canary: Site, address: tuple[int, str]):
    assert await result_of(canary.url(host="news.example"), names([address])) == "refused_address"
    assert canary.connections == 0


async def test_one_good_address_does_not_vouch_for_another(canary: Site):
    answer = [NOWHERE, (V4, "127.0.0.1"), (V6, "::1"), (V4, "127.0.0.2")]
    assert await result_of(canary.url(host="news.example"), names(answer), limits=QUICK) != "ok"
    assert canary.connections == 0


@pytest.mark.parametrize("first", [[NOWHERE], [(V4, "10.0.0.1")], []])
async def test_a_name_that_resolves_anew_is_judged_anew(canary: Site, first: list[tuple[int, str]]):
    """DNS rebinding: a harmless answer first, loopback from then on."""
    fetcher = GuardedFetcher(user_agent="x", limits=QUICK, lookup=names(first, [(V4, "127.0.0.1")]))
    for _ in range(3):
        response = await fetcher.fetch(Request(url=canary.url(host="news.example"), kind="page"))
        assert not response.ok
        for session in fetcher._sessions.values():
            session.connector.clear_dns_cache()  # type: ignore[union-attr]
    await fetcher.close()
    assert canary.connections == 0


@pytest.mark.parametrize("host", [*LOOPBACK, *ELSEWHERE, "localhost", "news.example"])
@pytest.mark.parametrize("code", [301, 302, 307])
async def test_no_redirect_gets_through(canary: Site, host: str, code: int):
    async with serving(redirect(canary.url("/x", host=host), code)) as site:
        allowed = (f"127.0.0.1:{site.port}",)
        lookup = names([(V4, "127.0.0.1")])
        assert await result_of(site.url(), lookup, allowed) in {"refused_address", "refused_url"}
        assert site.connections == 1
    assert canary.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://8.8.8.8@127.0.0.1:{port}/",
        "http://8.8.8.8:80@127.0.0.1:{port}/",
        "http://user:pass@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}#@8.8.8.8/",
        "http://127.0.0.1:{port}?@8.8.8.8/",
        "http://127.0.0.1:{port}\\@8.8.8.8/",
        "http:\\\\127.0.0.1:{port}/",
        "http:127.0.0.1:{port}/",
        "http:/127.0.0.1:{port}/",
        "http:////127.0.0.1:{port}/",
        "HTTP://127.0.0.1:{port}/",
        "\thttp://127.0.0.1:{port}/",
        "ht\ntp://127.0.0.1:{port}/",
        "http://127.0.0.1%00:{port}/",
        "http://127.0.0.1 :{port}/",
        "http://127.0.0.1\t:{port}/",
        "http://[::1%25lo]:{port}/",
        "http://[::ffff:127.0.0.1%25lo]:{port}/",
        "http://127.0.0.1:{port}:80/",
        "//127.0.0.1:{port}/",
        "gopher://127.0.0.1:{port}/_GET",
        "file://127.0.0.1/etc/passwd",
        "ws://127.0.0.1:{port}/",
        "unix:///var/run/docker.sock",
    ],
)
async def test_no_spelling_of_a_url_gets_through(canary: Site, url: str):
    assert await result_of(url.format(port=canary.port)) in {"refused_address", "refused_url"}
    assert canary.connections == 0


async def test_what_one_host_is_allowed_no_other_is(canary: Site):
    lookup = names([(V4, "127.0.0.1")])
    allowed = ("intranet", "127.0.0.2")
    assert await result_of(canary.url(host="intranet.example"), lookup, allowed) == "refused_address"
    assert await result_of(canary.url(), lookup, allowed) == "refused_address"
    assert canary.connections == 0


@pytest.mark.parametrize(
    "address", [(V4, "169.254.169.254"), (V4, "0.0.0.0"), (V6, "fe80::1"), (V4, "224.0.0.1")]
)
async def test_an_allowed_host_is_still_no_metadata_service(canary: Site, address: tuple[int, str]):
    found = await result_of(canary.url(host="intranet"), names([address]), ("intranet",))
    assert found == "refused_address"
    assert canary.connections == 0


@pytest.mark.parametrize("kind", ["page", "feed", "sitemap"])
async def test_neither_robots_nor_what_it_guards(canary: Site, kind: FetchKind):
    """The polite fetcher asks for robots.txt first: that, too, is behind the guard."""
    fetcher = polite_fetcher(
        Settings(), clock=SteppedClock(), limits=PATIENT, lookup=names([(V4, "127.0.0.1")])
    )
    for host in ("127.0.0.1", "localhost", "news.example", "[::1]"):
        response = await fetcher.fetch(Request(url=canary.url(host=host), kind=kind))
        assert response.result == "refused_address"
    await fetcher.close()
    assert canary.connections == 0


async def test_a_robots_txt_that_leads_astray(canary: Site):
    fetcher = polite_fetcher(Settings(), clock=SteppedClock(), limits=PATIENT)
    async with serving({"/robots.txt": redirect(canary.url()), "/": page()}) as site:
        assert (await fetcher.fetch(site.request())).ok
    await fetcher.close()
    assert canary.connections == 0


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
async def test_no_proxy_is_taken_from_the_environment(
    canary: Site, name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(name, canary.url())
    monkeypatch.setenv("no_proxy", "")
    assert await result_of("http://203.0.113.1/", limits=QUICK) != "ok"
    assert canary.connections == 0


HOSTS = [*LOOPBACK, *ELSEWHERE, "localhost", "news.example"]


async def polled(definitions: list[SourceDefinition]) -> Everything:
    """Poll each once, and fetch what it points to, with every name on loopback."""
    clock, emit = SteppedClock(), Everything()
    fetcher = polite_fetcher(Settings(), clock=clock, limits=PATIENT, lookup=names([(V4, "127.0.0.1")]))
    options = PollOptions(once=True)
    poller = Poller(book_of(definitions), fetcher, ParserInPlace(), clock=clock, emit=emit, options=options)
    try:
        async with asyncio.timeout(110):
            await poller.run()
    finally:
        await fetcher.close()
    return emit


async def test_no_link_of_a_feed_gets_through(canary: Site):
    """Nor what a feed says of itself, its hub and its pictures."""
    links = [canary.url(f"/{number}", host=host) for number, host in enumerate(HOSTS)]
    items = "".join(
        f"<item><guid isPermaLink='false'>{number}</guid><link>{link}</link>"
        f"<enclosure url='{link}' type='image/png'/><source url='{link}'>s</source></item>"
        for number, link in enumerate(links)
    )
    own = "".join(f"<atom:link rel='{rel}' href='{links[0]}'/>" for rel in ("self", "hub", "next"))
    feed = page(rss(items, f"<image><url>{links[0]}</url></image><link>{links[0]}</link>{own}"))
    async with serving({"/feed": feed}) as site:
        source = definition(site.url("/feed"), follow="always", allow_hosts=[f"127.0.0.1:{site.port}"])
        found = await polled([source])
    results = {item.native_id: item.fetch and item.fetch.result for item in found.items}
    assert results.keys() == {str(number) for number in range(len(HOSTS))}
    # What is no address of the web at all is not even asked for.
    assert set(results.values()) <= {"refused_address", "refused_url", None}
    assert list(results.values()).count("refused_address") > len(HOSTS) / 2
    assert canary.connections == 0


async def test_no_source_of_a_list_gets_through(canary: Site):
    outlines = "".join(f"<outline type='rss' xmlUrl='{canary.url('/f', host=host)}'/>" for host in HOSTS)
    listed = read_list(f"<opml version='2.0'><body>{outlines}</body></opml>".encode())
    assert len(listed.definitions) > len(HOSTS) / 2
    found = await polled(listed.definitions)
    assert found.items == []
    reasons = [cursor["health"]["reason"] for cursor in found.cursors.values()]
    assert len(reasons) == len(listed.definitions)
    assert all(reason.startswith("refused") for reason in reasons), reasons
    assert canary.connections == 0

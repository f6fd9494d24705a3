"""Manners, measured at the server: time is a stepped clock, so all waiting is over at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from email.message import Message
from itertools import pairwise

import msgspec
import pytest

import newswire
from connectors.web import agent
from connectors.web.make import polite_fetcher
from connectors.web.message import Request, Response
from connectors.web.politeness import Policy, PoliteFetcher
from newswire.settings import Settings
from newswire.telemetry.metrics import REGISTRY
from schemas.base import Rights
from tests.support.web import Exchange, Handler, Site, SteppedClock, page, redirect, serving, status


class Stage:
    """A polite fetcher, its clock and a server that notes when it was asked for what."""

    def __init__(self, fetcher: PoliteFetcher, clock: SteppedClock, site: Site) -> None:
        self.fetcher = fetcher
        self.clock = clock
        self.site = site
        self.times: list[tuple[str, float]] = []

    async def get(self, path: str, **more: object) -> Response:
        return await self.fetcher.fetch(self.site.request(path, **more))  # type: ignore[arg-type]

    def gaps(self) -> list[float]:
        times = [time for path, time in self.times if path != "/robots.txt"]
        return [later - earlier for earlier, later in pairwise(times)]


@asynccontextmanager
async def stage(handlers: Mapping[str, Handler], policy: Policy | None = None) -> AsyncIterator[Stage]:
    clock = SteppedClock()
    fetcher = polite_fetcher(Settings(), clock=clock, policy=policy)

    async def handle(exchange: Exchange) -> None:
        made.times.append((exchange.path, clock.now()))
        await handlers.get(exchange.path, status(404))(exchange)

    async with serving(handle) as site:
        made = Stage(fetcher, clock, site)
        yield made
        await fetcher.close()


def robots(text: str) -> Handler:
    return page(text.encode(), Content_Type="text/plain")


async def test_robots_are_asked_first_and_once():
    async with stage(
        {"/a": page(), "/b": page(), "/robots.txt": robots("User-agent: *\nDisallow: /b")}
    ) as at:
        first, second = await at.get("/a"), await at.get("/b")
    assert first.rights == Rights(robots_allowed=True)
    assert (second.result, second.rights) == ("robots", Rights(robots_allowed=False))
    assert [path for path, _ in at.times] == ["/robots.txt", "/a"]


@pytest.mark.parametrize("kind", ["page", "feed", "sitemap"])
async def test_every_kind_asks_robots(kind: str):
    async with stage({"/a": page(), "/robots.txt": robots("User-agent: newswire\nDisallow: /")}) as at:
        assert (await at.get("/a", kind=kind)).result == "robots"
    assert at.site.paths == ["/robots.txt"]


async def test_training_agents_shut_out_are_noted():
    text = "User-agent: GPTBot\nDisallow: /\nUser-agent: *\nAllow: /"
    async with stage({"/a": page(), "/robots.txt": robots(text)}) as at:
        assert (await at.get("/a")).rights == Rights(robots_allowed=True, ai_training=False)


async def test_a_redirect_asks_robots_too():
    async with stage(
        {"/a": redirect("/b"), "/b": page(), "/robots.txt": robots("User-agent: *\nDisallow: /b")}
    ) as at:
        response = await at.get("/a")
    assert response.result == "robots"
    assert response.final_url == at.site.url("/b")
    assert at.site.paths == ["/robots.txt", "/a"]


async def test_a_redirect_to_another_host_asks_that_ones_robots():
    async with (
        stage({"/robots.txt": robots("User-agent: *\nDisallow: /")}) as at,
        serving({"/a": redirect(at.site.url("/b"))}) as other,
    ):
        hosts = (f"127.0.0.1:{at.site.port}", f"127.0.0.1:{other.port}")
        response = await at.fetcher.fetch(Request(url=other.url("/a"), kind="page", allow_hosts=hosts))
    assert response.result == "robots"
    assert at.site.paths == ["/robots.txt"]
    assert other.paths == ["/robots.txt", "/a"]


async def test_robots_may_be_elsewhere():
    async with stage(
        {"/robots.txt": redirect("/1"), "/1": redirect("/2"), "/2": robots("User-agent: *\nDisallow: /")}
    ) as at:
        assert (await at.get("/a")).result == "robots"


async def test_one_at_a_time_with_gaps_in_the_order_of_asking():
    paths = [f"/{number}" for number in range(8)]

    async def slow(exchange: Exchange) -> None:
        await asyncio.sleep(0.01)
        await exchange.answer(b"x")

    async with stage(dict.fromkeys(paths, slow)) as at:
        responses = await asyncio.gather(*map(at.get, paths))
    assert all(response.ok for response in responses)
    assert at.site.open_most == 1
    assert at.site.paths == ["/robots.txt", *paths]
    assert min(at.gaps()) >= 5


@pytest.mark.parametrize(("delay", "gap"), [("1", 5), ("20", 20), ("100000", 120)])
async def test_crawl_delay_counts_within_bounds(delay: str, gap: float):
    async with stage({"/a": page(), "/robots.txt": robots(f"User-agent: *\nCrawl-delay: {delay}")}) as at:
        await at.get("/a")
        await at.get("/a")
    assert at.gaps() == [gap]


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize(("retry_after", "rest"), [(None, 30), ("1", 30), ("90", 90)])
async def test_a_host_that_is_overloaded_gets_a_rest(code: int, retry_after: str | None, rest: float):
    headers = {"Retry_After": retry_after} if retry_after else {}
    async with stage({"/busy": status(code, **headers), "/a": page()}) as at:
        await at.get("/busy")
        assert REGISTRY.get_sample_value("newswire_resting_hosts") == 1
        await at.get("/a")
        assert REGISTRY.get_sample_value("newswire_resting_hosts") == 0
    assert at.gaps() == [rest]


async def test_who_waits_already_rests_too():
    async with stage({"/busy": status(429), "/a": page()}) as at:
        await asyncio.gather(at.get("/busy"), at.get("/a"), at.get("/a"))
    assert at.gaps() == [30, 5]


async def test_a_long_rest_is_not_waited_for():
    async with stage({"/busy": status(429, Retry_After="3600"), "/a": page()}) as at:
        await at.get("/busy")
        response = await at.get("/a")
        assert response.result == "resting"
        assert response.retry_after_s == 3_600
        at.clock.time += 3_601
        assert (await at.get("/a")).ok
    assert at.site.paths == ["/robots.txt", "/busy", "/a"]


async def test_robots_in_trouble_rest_as_well():
    async with stage({"/robots.txt": status(503, Retry_After="3600")}) as at:
        response = await at.get("/a")
        assert (response.result, response.retry_after_s) == ("robots_unreachable", 3_600)
    assert at.site.paths == ["/robots.txt"]


async def test_hosts_do_not_wait_for_each_other():
    clock = SteppedClock()
    fetcher = polite_fetcher(Settings(), clock=clock)
    async with serving(page()) as one, serving(page()) as two:
        await fetcher.fetch(one.request())
        await fetcher.fetch(two.request())
        assert clock.slept == []
        await fetcher.close()


async def test_all_hosts_together_have_a_number_of_connections():
    open_now = most = 0
    full = asyncio.Event()

    async def count(exchange: Exchange) -> None:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        if most == 3:
            full.set()
        async with asyncio.timeout(60):
            await full.wait()
        await asyncio.sleep(0.01)
        open_now -= 1
        await exchange.answer(b"x")

    fetcher = polite_fetcher(Settings(connect_fetches=3), clock=SteppedClock())
    async with asyncio.TaskGroup() as group, serving_many(12, count) as sites:
        tasks = [group.create_task(fetcher.fetch(site.request())) for site in sites]
        responses = await asyncio.gather(*tasks)
        assert all(response.ok for response in responses)
        await fetcher.close()
    assert most == 3


@asynccontextmanager
async def serving_many(number: int, handler: Handler) -> AsyncIterator[list[Site]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(serving(handler)) for _ in range(number)]


@pytest.mark.parametrize("answers", [[False], [True, False]])
async def test_who_may_no_longer_start_does_not(answers: list[bool]):
    """Asked for robots.txt, then for the page: the last answer is no."""
    left = iter(answers)
    async with stage({"/a": page()}) as at:
        response = await at.fetcher.fetch(at.site.request("/a"), may_start=lambda: next(left))
        assert response.result == "not_started"
        assert "/a" not in at.site.paths
        assert (await at.get("/a")).ok  # nothing is held, nothing remembered


async def test_who_gives_up_takes_nothing_along():
    release = asyncio.Event()

    async def slow(exchange: Exchange) -> None:
        await release.wait()
        await exchange.answer(b"x")

    async with stage({"/slow": slow, "/a": page()}, Policy(fetches=2)) as at:
        asking = asyncio.create_task(at.get("/slow"))
        await until(lambda: "/slow" in at.site.paths)
        waiting = [asyncio.create_task(at.get("/a")) for _ in range(3)]
        await asyncio.sleep(0.01)
        for task in (asking, *waiting[:2]):
            task.cancel()
        assert (await waiting[2]).ok
        release.set()


async def until(seen: Callable[[], bool]) -> None:
    while not seen():
        await asyncio.sleep(0.005)


async def test_hosts_that_need_nothing_are_forgotten():
    clock = SteppedClock()
    fetcher = polite_fetcher(Settings(), clock=clock)
    hosts = fetcher._hosts
    for number in range(10_000):
        name = f"h{number}.example"
        host = hosts.enter(name)
        host.free_at = clock.now() + 5
        hosts.leave(name, host)
        clock.time += 0.1
    assert len(hosts) <= 1_100
    await fetcher.close()


async def test_the_agent_is_named_after_its_settings():
    settings = Settings(connect_contact_url="https://contact.example/bot")
    async with serving({"/a": page(), "/robots.txt": robots("User-agent: ours\nDisallow: /a")}) as site:
        plain = polite_fetcher(settings, clock=SteppedClock())
        named = polite_fetcher(
            Settings(connect_user_agent="Ours/2 (+mailto:us@contact.example)"), clock=SteppedClock()
        )
        assert (await plain.fetch(site.request("/a"))).ok
        assert (await named.fetch(site.request("/a"))).result == "robots"
        agents = [exchange.headers[b"user-agent"].decode() for exchange in site.requests]
        await plain.close()
        await named.close()
    assert agents[0].startswith("newswire/")
    assert agents[0].endswith("(+https://contact.example/bot)")
    assert agents[-1] == "Ours/2 (+mailto:us@contact.example)"


@pytest.mark.parametrize(
    ("urls", "ends"),
    [
        (["Homepage, https://project.example/"], " (+https://project.example/)"),
        (["Chat, irc://x", "Source, https://project.example/src"], " (+https://project.example/src)"),
        (None, f"newswire/{newswire.__version__}"),
    ],
)
def test_the_project_stands_for_a_contact_where_it_has_a_page(
    monkeypatch: pytest.MonkeyPatch, urls: list[str] | None, ends: str
):
    found = Message()
    for url in urls or ():
        found["Project-URL"] = url
    monkeypatch.setattr(agent, "metadata", lambda _name: found)
    agent._project_url.cache_clear()
    try:
        assert agent.user_agent(Settings()).endswith(ends)
        assert agent.user_agent(Settings(connect_contact_url="https://ours.example/")).endswith(
            "(+https://ours.example/)"
        )
    finally:
        agent._project_url.cache_clear()


def test_a_process_may_open_as_many_files_as_it_has_fetches():
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
        polite_fetcher(Settings(connect_fetches=500))
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (min(2_024, before[1]), before[1])
        polite_fetcher(Settings(connect_fetches=5))
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (min(2_024, before[1]), before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_defaults_are_the_published_ones():
    assert msgspec.structs.asdict(Policy()) == {
        "gap_s": 5.0,
        "crawl_delay_most_s": 120.0,
        "rest_s": 30.0,
        "longest_wait_s": 120.0,
        "fetches": 256,
        "robots_bytes": 128 * 1024 * 1024,
    }

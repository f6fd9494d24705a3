"""Which robots.txt holds: fetched once, kept a day at most, held on to while its host is away."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc

import pytest

from connectors.web.limits import DAY_S
from connectors.web.message import Request, Response
from connectors.web.politeness import Policy
from connectors.web.robots import RobotsRules
from connectors.web.robots_cache import RobotsCache
from connectors.web.target import Target, target_of
from tests.support.web import SteppedClock

SECTIONS = "search admin login print cart tag author archive feed api static media preview embed amp".split()
SHUT = b"User-agent: *\nDisallow: /"
PAGE = Request(url="https://news.example/a", kind="page", allow_hosts=("intranet",))


class Web:
    """Answers as told, and remembers what it was asked."""

    def __init__(self, **response: object) -> None:
        self.asked: list[Request] = []
        self.response = response

    async def fetch(self, request: Request) -> Response:
        self.asked.append(request)
        await asyncio.sleep(0)
        found = {"result": "ok", "requested_url": request.url, "final_url": request.url, **self.response}
        return Response(**found)  # type: ignore[arg-type]


def cache(clock: SteppedClock, most_bytes: int = 1 << 20) -> RobotsCache:
    return RobotsCache(token="newswire", clock=clock, most_bytes=most_bytes)


def target(url: str = PAGE.url) -> Target:
    return target_of(url, PAGE.allow_hosts)


async def allowed(robots: RobotsCache, web: Web, url: str = PAGE.url) -> bool | str:
    rules = await robots.rules(target(url), PAGE, web.fetch)
    return rules.verdict(url).allowed if isinstance(rules, RobotsRules) else rules.result


async def test_it_is_asked_for_as_the_source_may():
    web = Web(body=SHUT)
    assert await allowed(cache(SteppedClock()), web) is False
    assert web.asked == [
        Request(url="https://news.example/robots.txt", kind="robots", allow_hosts=("intranet",))
    ]


@pytest.mark.parametrize(
    "result", ["400", "401", "403", "404", "410", "204", "300", "redirects", "refused_address"]
)
async def test_none_allows_everything(result: str):
    assert await allowed(cache(SteppedClock()), Web(result=result, body=SHUT)) is True


@pytest.mark.parametrize("result", ["500", "502", "503", "599", "429", "bomb", "bad_response", "too_large"])
async def test_a_server_in_trouble_disallows_everything(result: str):
    assert await allowed(cache(SteppedClock()), Web(result=result, body=b"")) == "robots_unreachable"


@pytest.mark.parametrize("result", ["timeout", "connect", "dns", "tls"])
async def test_no_answer_is_what_the_page_would_have_got(result: str):
    assert await allowed(cache(SteppedClock()), Web(result=result)) == result


async def test_it_is_kept_for_a_day():
    clock, web = SteppedClock(), Web(body=SHUT)
    robots = cache(clock)
    for _ in range(3):
        await allowed(robots, web)
        clock.time += DAY_S / 3 - 1
    assert len(web.asked) == 1
    clock.time += 10
    await allowed(robots, web)
    assert len(web.asked) == 2


@pytest.mark.parametrize(
    ("cache_control", "kept_s"), [("max-age=7200", 7_200), ("no-store", 3_600), ("max-age=999999", DAY_S)]
)
async def test_its_own_wish_counts_between_an_hour_and_a_day(cache_control: str, kept_s: float):
    clock, web = SteppedClock(), Web(body=SHUT, headers={"cache-control": cache_control})
    robots = cache(clock)
    await allowed(robots, web)
    clock.time += kept_s - 1
    await allowed(robots, web)
    assert len(web.asked) == 1
    clock.time += 2
    await allowed(robots, web)
    assert len(web.asked) == 2


@pytest.mark.parametrize("result", ["503", "timeout", "dns"])
async def test_known_rules_hold_while_their_host_is_away(result: str):
    clock, web = SteppedClock(), Web(body=b"User-agent: *\nDisallow: /private")
    robots = cache(clock)
    await allowed(robots, web)
    web.response = {"result": result}
    for _ in range(3):
        clock.time += DAY_S + 1
        assert await allowed(robots, web) is True
        assert await allowed(robots, web, "https://news.example/private") is False
    assert len(web.asked) == 4


async def test_trouble_is_asked_about_again():
    clock, web = SteppedClock(), Web(result="503")
    robots = cache(clock)
    assert await allowed(robots, web) == "robots_unreachable"
    clock.time += 599
    assert await allowed(robots, web) == "robots_unreachable"
    assert len(web.asked) == 1
    clock.time += 2
    web.response = {"body": b""}
    assert await allowed(robots, web) is True


async def test_trouble_is_left_alone_as_long_as_it_asks():
    clock, web = SteppedClock(), Web(result="503", retry_after_s=7_200.0)
    robots = cache(clock)
    response = await robots.rules(target(), PAGE, web.fetch)
    assert isinstance(response, Response)
    assert response.retry_after_s == 7_200
    clock.time += 7_199
    await allowed(robots, web)
    assert len(web.asked) == 1


@pytest.mark.parametrize("result", ["resting", "not_started"])
async def test_what_was_not_asked_is_not_remembered(result: str):
    web = Web(result=result)
    robots = cache(SteppedClock())
    assert await allowed(robots, web) == result
    web.response = {"body": SHUT}
    assert await allowed(robots, web) is False


async def test_one_is_fetched_once_for_all_who_wait():
    web = Web(body=SHUT)
    robots = cache(SteppedClock())
    assert await asyncio.gather(*(allowed(robots, web) for _ in range(50))) == [False] * 50
    assert len(web.asked) == 1


async def test_who_gives_up_waiting_takes_nobody_along():
    web = Web(body=SHUT)
    robots = cache(SteppedClock())
    first = asyncio.create_task(allowed(robots, web))
    second = asyncio.create_task(allowed(robots, web))
    await asyncio.sleep(0)
    first.cancel()
    assert await second is False


async def test_an_allowed_host_and_the_same_one_of_strangers_are_two():
    web = Web(result="refused_address")
    robots = cache(SteppedClock())
    open_target = target_of("http://intranet/", ("intranet",))
    strict_target = target_of("http://intranet/")
    await robots.rules(strict_target, PAGE, web.fetch)
    web.response = {"body": SHUT}
    rules = await robots.rules(open_target, PAGE, web.fetch)
    assert isinstance(rules, RobotsRules)
    assert not rules.verdict("http://intranet/").allowed


async def test_memory_is_bounded_and_the_least_used_goes():
    web = Web(body=SHUT)
    robots = cache(SteppedClock(), most_bytes=100 * 500)
    await allowed(robots, web, "https://often.example/")
    for number in range(1_000):
        await allowed(robots, web, f"https://h{number}.example/")
        await allowed(robots, web, "https://often.example/")
    assert len(web.asked) == 1_001
    assert 50 < len(robots._entries) < 200
    await allowed(robots, web, "https://h0.example/")
    assert len(web.asked) == 1_002


def held() -> int:
    gc.collect()  # when cycles are collected else depends on what ran before
    return tracemalloc.get_traced_memory()[0]


async def test_there_is_room_for_all_hosts_that_one_process_polls():
    rules = "User-agent: *\nCrawl-delay: 10\n" + "".join(f"Disallow: /{name}/\n" for name in SECTIONS)
    webs = [Web(result="404"), Web(body=rules.encode())]
    robots = cache(SteppedClock(), most_bytes=1 << 30)
    tracemalloc.start()
    try:
        before = held()
        for number in range(2_000):
            await allowed(robots, webs[number % 2], f"https://www.feed-{number}.example/")
        robots._parsed.clear()  # bounded by itself
        for web in webs:
            web.asked.clear()
        taken = held() - before
    finally:
        tracemalloc.stop()
    assert 180_000 / 2_000 * robots._bytes < Policy().robots_bytes
    assert 0.5 * robots._bytes < taken < 1.2 * robots._bytes


async def test_parsers_are_kept_for_a_few():
    web = Web(body=SHUT)
    robots = cache(SteppedClock())
    for number in range(600):
        at = target(f"https://h{number}.example/")
        rules = await robots.rules(at, PAGE, web.fetch)
        assert isinstance(rules, RobotsRules)
        assert not (await robots.verdict(at, rules)).allowed
        assert not (await robots.verdict(at, rules)).allowed
    assert len(robots._parsed) == 512


async def test_a_long_file_is_read_as_a_short_one_is():
    web = Web(body=SHUT + b"".join(b"\nDisallow: /%d" % number for number in range(20_000)))
    robots = cache(SteppedClock())
    rules = await robots.rules(target(), PAGE, web.fetch)
    assert isinstance(rules, RobotsRules)
    assert rules.chars > 100_000
    assert not (await robots.verdict(target(), rules)).allowed


async def test_new_rules_are_parsed_anew():
    clock, web = SteppedClock(), Web(body=SHUT)
    robots = cache(clock)
    for body, says in ((SHUT, False), (b"User-agent: *\nDisallow: /b", True)):
        web.response = {"body": body}
        rules = await robots.rules(target(), PAGE, web.fetch)
        assert isinstance(rules, RobotsRules)
        assert (await robots.verdict(target(), rules)).allowed is says
        clock.time += DAY_S + 1

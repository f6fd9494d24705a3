"""Many sites at once, and what they do: they are slow, or rest, or hide their robots.txt."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from connectors.feeds import connector
from connectors.feeds import poller as module
from connectors.framework.connector import Reading
from connectors.web.message import Request, Response
from connectors.web.politeness import Policy
from newswire.settings import Settings
from newswire.telemetry.metrics import REGISTRY
from tests.support.poller_runs import HOUR, START, A, Book, Run, Web, added, answered, feed_of, site
from tests.support.polling import definition
from tests.support.virtual import VirtualClock


def overdue() -> float:
    return REGISTRY.get_sample_value("newswire_feed_oldest_overdue_seconds") or 0.0


async def test_a_robots_txt_that_is_away_for_a_while_costs_neither_a_page_nor_a_visit():
    """As after a worker's restart, when no rules are remembered."""
    web = site("b", "a", whole=False)
    away = [(0.0, 0.2), (1.2, 1.5)]

    def answer(request: Request) -> Response:
        hours = (run.clock.now() - START) / HOUR
        if request.kind == "page" and any(begin <= hours < end for begin, end in away):
            return answered(request, result="robots_unreachable", retry_after_s=600.0)
        return web.answer(request)

    asked = Web(answer)
    run = Run(Book(added()), asked)
    await run.until(2)
    assert run.names == ["a", "b"]
    assert all(item.body is not None for item in run.emitted.items)
    assert asked.times("page") == 2 * 4, "twice in vain, had, and visited in vain"
    await run.until(90)
    assert asked.times("page") == 2 * 7, "after 6, 24 and 72 hours"
    await run.stop()


async def test_while_nothing_is_taken_nothing_more_is_asked_for():
    room = asyncio.Event()

    async def wait(_reading: Reading) -> None:
        await room.wait()

    web = Web(lambda request: answered(request, feed_of("a")))
    sources = [definition(f"https://{number}.example/feed") for number in range(40)]
    run = Run(Book(*map(added, sources)), web, emit=wait, fetches=16)
    await run.until(1)
    assert len(web.asked) == 4, "a quarter of the fetches, since no host is slow"
    assert HOUR - 30 < overdue() <= HOUR, "nobody woke the loop, and it tells how long it has gone on"
    run.poller._turned_slow("0.example")
    await run.until(1.001)
    assert overdue() > HOUR - 30, "nor does a wake that brings no room"
    room.set()
    await run.until(1.1)
    assert {request.url for request in web.asked} == {one.url for one in sources}
    assert overdue() == 0
    await run.stop()


async def test_sources_that_come_together_are_polled_one_after_the_other():
    clock = VirtualClock(START)
    times: list[float] = []

    def answer(request: Request) -> Response:
        times.append(clock.now() - START)
        return answered(request, feed_of("a"))

    sources = [definition(f"https://{number}.example/feed") for number in range(1_000)]
    run = Run(Book(*map(added, sources)), Web(answer), clock)
    await run.until(0.02)
    assert len(times) == 1_000
    assert 48 < max(times) <= 50.1
    assert max(sum(second <= at < second + 1 for at in times) for second in range(50)) < 50
    await run.stop()


async def test_slow_hosts_hold_up_nobody_else(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "SLOW_AFTER_S", 0.01)
    never = asyncio.Event()

    async def silence(request: Request) -> Response:
        await never.wait()
        return answered(request, result="timeout")

    web = Web(lambda request: silence(request) if "slow" in request.url else answered(request, feed_of("a")))
    slow = [definition(f"https://slow-{number}.example/feed") for number in range(100)]
    good = [definition(f"https://good-{number}.example/feed") for number in range(100)]
    clock = VirtualClock(START)
    run = Run(
        Book(*[added(one) for pair in zip(slow, good, strict=True) for one in pair]), web, clock, fetches=160
    )
    done: set[str] = set()
    for _ in range(200):
        await run.until((clock.now() - START) / HOUR + 0.01)
        await asyncio.sleep(0.01)
        done = {request.url for request in web.asked if "good" in request.url}
        if len(done) == 100:
            break
    assert len(done) == 100
    assert sum(run.poller.turns.running) <= 160
    await run.stop()


async def test_a_host_that_rests_for_long_is_put_off_and_not_held_against_its_feed():
    answers = iter(["resting", "ok"])
    web = Web(lambda request: answered(request, feed_of("a"), next(answers), retry_after_s=2 * HOUR))
    run = Run(Book(added()), web)
    await run.until(1.9)
    assert len(web.asked) == 1
    await run.until(2.1)
    assert run.names == ["a"]
    assert run.emitted.cursors[A.source_id]["health"]["failures"] == 0
    await run.stop()


def test_so_many_fetches_at_once_as_the_settings_say(monkeypatch: pytest.MonkeyPatch):
    class Enough(Exception):
        pass

    policies = []

    def made(settings: Settings, *, clock: Any, policy: Policy) -> None:
        policies.append(policy)
        raise Enough

    monkeypatch.setattr(connector, "polite_fetcher", made)
    feeds = connector.FeedsConnector(settings=Settings(connect_fetches=7))
    feeds.open(connector.FeedsOptions(feeds=["https://example.org/"], gap_s=9), {})
    with pytest.raises(Enough):
        list(feeds.read())
    assert [(policy.fetches, policy.gap_s) for policy in policies] == [(7, 9)]

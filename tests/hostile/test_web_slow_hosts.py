"""A hundred hosts that answer a byte a second cost a hundred good ones nothing but a connection each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter

import pytest

from connectors.web.make import polite_fetcher
from connectors.web.message import Request, Response
from connectors.web.politeness import Policy, PoliteFetcher
from newswire.settings import Settings
from tests.support.web import Exchange, serving

pytestmark = pytest.mark.timeout(400)

HOSTS = 100
FETCHES = 20
"""From each good host, one after another: no gap, so that any other waiting would show."""
ROUNDS = 3


ANSWER_S = 0.1
"""A good host's own time: what its fetches take is waiting, as it is in the world, and not the test's work."""


async def good(exchange: Exchange) -> None:
    await asyncio.sleep(ANSWER_S if exchange.path == "/page" else 0)
    await exchange.answer(b"x" * 20_000)


async def slow(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        await asyncio.sleep(1)
        await exchange.send(b".")


@asynccontextmanager
async def polite() -> AsyncIterator[PoliteFetcher]:
    fetcher = polite_fetcher(
        Settings(), policy=Policy(gap_s=0.0), lookup=lambda host, port: [(2, "127.0.0.1")]
    )
    yield fetcher
    await fetcher.close()


def fetches(fetcher: PoliteFetcher, name: str, port: int, path: str) -> list[asyncio.Task[Response]]:
    hosts = [f"{name}{number}.test" for number in range(HOSTS)]
    return [
        asyncio.create_task(
            fetcher.fetch(Request(url=f"http://{host}:{port}{path}", kind="page", allow_hosts=(host,)))
        )
        for host in hosts
    ]


async def good_ones(fetcher: PoliteFetcher, port: int) -> float:
    began = perf_counter()
    tasks = [task for _ in range(FETCHES) for task in fetches(fetcher, "good", port, "/page")]
    assert all(response.ok for response in await asyncio.gather(*tasks))
    return perf_counter() - began


async def test_slow_hosts_hold_nobody_up(capsys: pytest.CaptureFixture[str]):
    alone, beside = [], []
    async with serving({"/page": good}) as fair, serving({"/page": slow}) as bad:
        for _ in range(ROUNDS):
            async with polite() as fetcher:
                alone.append(await good_ones(fetcher, fair.port))
            async with polite() as fetcher:
                hanging = fetches(fetcher, "slow", bad.port, "/page")
                while bad.open_now < HOSTS:
                    await asyncio.sleep(0.01)
                beside.append(await good_ones(fetcher, fair.port))
                assert not any(task.done() for task in hanging)
                for task in hanging:
                    task.cancel()
                await asyncio.gather(*hanging, return_exceptions=True)
    with capsys.disabled():
        print(
            f"\n{HOSTS * FETCHES} fetches from {HOSTS} hosts took {min(alone):.2f} s; "
            f"beside {HOSTS} slow hosts {min(beside):.2f} s ({min(beside) / min(alone) - 1:+.0%})"
        )

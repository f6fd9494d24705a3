"""A worker that polls is told to stop while hosts keep it waiting, or the broker does: it ends all the same.

A supervisor asks with SIGTERM and kills after a while, so there is a bound: `PATIENCE_S`.  It is less than
what each of the things in the way may take: 20 s for a first byte, 60 s for a fetch, two minutes for a delivery.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from connectors.sharing.definitions import define
from newswire.broker import DevBroker
from newswire.settings import Settings
from newswire.sources.editing import editing
from schemas.source import SourceDefinition
from tests.support.brokers import environment_for, settings_for
from tests.support.disasters import metric
from tests.support.processes import Worker, Workers, environment
from tests.support.sharing import Sharing
from tests.support.waiting import eventually
from tests.support.web import Exchange, Site, serving

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]

PATIENCE_S = 19
GOOD = 5
SLOW = 40


async def slow(exchange: Exchange) -> None:
    """Say nothing, or a byte a second, for ever."""
    if exchange.path == "/robots.txt":
        await exchange.answer(status=404)
        return
    if exchange.path == "/bytes":
        await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n<rss>")
        while True:
            await asyncio.sleep(1)
            await exchange.send(b" ")
    await asyncio.Event().wait()


@asynccontextmanager
async def slow_hosts() -> AsyncIterator[list[Site]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(serving(slow, host=f"127.9.1.{n + 1}")) for n in range(SLOW)]


@pytest.fixture
def settings(fresh_kafka: DevBroker, tmp_path: Path) -> Settings:
    return settings_for(fresh_kafka, data_dir=tmp_path / "run", kafka_session_timeout_s=30)


def slow_ones(sites: list[Site]) -> list[SourceDefinition]:
    made = []
    for number, site in enumerate(sites):
        host = f"127.9.1.{number + 1}"
        url = site.url("/bytes" if number % 2 else "/nothing", host=host)
        made.append(define(url, follow="never", min_interval_s=1, allow_hosts=[f"{host}:{site.port}"]))
    return made


async def waiting_for(sharing: Sharing, sites: list[Site]) -> Worker:
    """Start a worker; return it once it has read the good feeds and waits for all slow ones."""
    with editing(sharing.settings) as editor:
        editor.put(slow_ones(sites))
    worker = sharing.workers.newswire("connect", environ=environ_of(sharing))
    await asyncio.to_thread(sharing.await_requests)
    await asyncio.to_thread(
        eventually,
        lambda: all(site.open_now == 1 for site in sites) and len(sharing.items()) >= GOOD,
        "all slow hosts are waited for and good ones are read",
        120,
    )
    return worker


def environ_of(sharing: Sharing) -> dict[str, str]:
    return environment(**environment_for(sharing.settings)) | {"NEWSWIRE_LOG_LEVEL": "debug"}


def had(worker: Worker) -> tuple[float, float]:
    """Return how many new entries a worker has read, and how many bytes wait for the broker."""
    entries = metric(worker, "newswire_feed_entries_total", entry="new")
    return entries or 0.0, metric(worker, "newswire_connect_unacknowledged_bytes") or 0.0


def shown_again(sharing: Sharing) -> dict[str | None, int]:
    times = Counter(item.native_id for item in sharing.items())
    return {native_id: count for native_id, count in times.items() if count > 1}


async def test_hosts_that_do_not_answer_are_not_waited_for_and_who_follows_shows_nothing_again(
    fresh_kafka: DevBroker, settings: Settings, workers: Workers, tmp_path: Path
):
    sharing = Sharing(fresh_kafka, settings, workers, tmp_path, count=GOOD, period_s=1.0)
    async with slow_hosts() as sites:
        worker = await waiting_for(sharing, sites)
        sharing.end_publishing()
        asked = [site.connections for site in sites]
        worker.child.terminate()
        assert await asyncio.to_thread(worker.wait, PATIENCE_S) == 0, worker.tail()
        assert [site.connections for site in sites] == asked
        (end,) = worker.events("worker_ends")
        assert end["unconfirmed"] == 0
        # Checkpoints are written and everything is handed over: nobody waits, and nothing is shown again.
        assert {marker and marker.state for marker in sharing.markers().values()} == {"released"}
        assert len(sharing.states()) >= GOOD
        follower = workers.newswire("connect", environ=environ_of(sharing))
        await asyncio.to_thread(sharing.await_requests)
        await asyncio.to_thread(
            eventually,
            lambda: all(site.connections > n for site, n in zip(sites, asked, strict=True)),
            "all are asked again",
            120,
        )
        await asyncio.to_thread(sharing.await_complete)
        assert '"how": "unclean"' not in follower.said()
        assert shown_again(sharing) == {}
        follower.child.terminate()
        assert await asyncio.to_thread(follower.wait, PATIENCE_S) == 0, follower.tail()


async def test_a_broker_that_does_not_answer_is_not_waited_for_and_nothing_is_lost(
    fresh_kafka: DevBroker, settings: Settings, workers: Workers, tmp_path: Path
):
    leased = settings.model_copy(update={"kafka_session_timeout_s": 10.0})
    sharing = Sharing(fresh_kafka, leased, workers, tmp_path, count=GOOD, period_s=0.5)
    async with slow_hosts() as sites:
        worker = await waiting_for(sharing, sites)
        fresh_kafka.pause()
        try:
            before, _unsaid = await asyncio.to_thread(had, worker)

            def read_on() -> bool:
                # That bytes wait is enough: where a save of states was under way, no more are handed over.
                read, unsaid = had(worker)
                return read > before and unsaid > 0

            await asyncio.to_thread(eventually, read_on, "a feed is read that nobody can be told of")
            worker.child.terminate()
            await asyncio.to_thread(worker.wait, PATIENCE_S)
        finally:
            fresh_kafka.resume()
        (end,) = worker.events("worker_ends")
        assert end["unconfirmed"], "it says what it could not get rid of"
        with editing(sharing.settings) as editor:
            editor.remove(slow_ones(sites))
    sharing.end_publishing()
    follower = sharing.start()
    await asyncio.to_thread(sharing.await_shares, follower)
    await asyncio.to_thread(sharing.await_requests)
    await asyncio.to_thread(sharing.await_complete)
    # Nobody could say that the sources were let go, so their next owner waited for a fetch's whole time.
    assert '"how": "unclean"' in follower.said()

"""A worker as ``newswire connect`` runs it, over the universe's own name server; and a plain loop beside it.

    python -m bench.universe_worker RECORD.jsonl SIZE PORT      # settings from the environment

What is changed is where names lead (every host of the universe to loopback: the guard lets a source that names
such a host go there), that each beginning of a poll is noted with how late it was, and that the robots.txt of
hosts are known as they are to a worker that has polled for days: a feed polled every half an hour asks for one
in 48 polls, since a robots.txt is kept for a day.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import aiohttp
import fastfeedparser
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult

from bench.plain_loop import Spent
from bench.universe import ROBOTS, feed, lookup, url_of
from connectors.feeds import measure
from connectors.feeds.connector import FeedsConnector
from connectors.feeds.following import Due
from connectors.framework.stop import stop_on_signals
from connectors.sharing.launch import run_shared
from connectors.web import robots_cache
from connectors.web.limits import DAY_S
from connectors.web.make import polite_fetcher
from connectors.web.politeness import PoliteFetcher
from connectors.web.robots import read_robots
from connectors.web.target import target_of
from newswire.cli.output import quiet_kafka
from newswire.settings import load_settings
from newswire.telemetry.logs import configure_logs, log

__all__ = ["Record", "plain_loop", "read_record"]

PLAIN_AT_ONCE: Final = 256


class Record(msgspec.Struct, frozen=True):
    """Polls that a worker began: when (epoch seconds), and how late (seconds)."""

    at: list[float]
    late: list[float]

    def within(self, begin: float, end: float) -> list[float]:
        """Return how late those were that began in a window."""
        return [late for at, late in zip(self.at, self.late, strict=True) if begin <= at < end]


def read_record(path: Path) -> Record:
    """Read what a worker noted by its end."""
    return msgspec.json.decode(path.read_bytes(), type=Record)


def main(record: Path, size: int, port: int) -> None:
    at, late = array("d"), array("d")

    class Noting(measure.Measures):
        def late(self, due: Due, now: float) -> None:
            super().late(due, now)
            if due.kind == "poll":
                at.append(now)
                late.append(max(now - due.at, 0.0))

    from connectors.feeds import poller

    poller.Measures = Noting  # type: ignore[attr-defined]
    settings = load_settings()

    def fetcher() -> PoliteFetcher:
        made = polite_fetcher(settings, lookup=lookup)
        know_robots(made, size, port)
        return made

    with stop_on_signals() as stop:
        configure_logs(settings.log_level, "json")
        quiet_kafka()
        report = run_shared(
            lambda book: FeedsConnector(book, settings=settings, fetcher=fetcher),
            FeedsConnector.spec.validate({}),
            settings,
            stop=stop,
        )
    record.write_bytes(msgspec.json.encode(Record(list(at), list(late))))
    log.info("worker_ends", items=report.confirmed, unconfirmed=report.unconfirmed, error=repr(report.error))
    if report.error is not None:
        raise report.error


def know_robots(fetcher: PoliteFetcher, size: int, port: int) -> None:
    """Let a fetcher know the robots.txt of the universe's hosts, but for one in 48."""
    cache = fetcher._robots  # noqa: SLF001 - there is no other way to have polled for days in a minute
    until = time.time() + DAY_S
    for number in range(size):
        if number % 48 == 0:
            continue
        target = target_of(url_of(number, port), (f"feed-{number}.example:{port}",))
        rules = read_robots(ROBOTS, cache._token) if feed.__wrapped__(number).robots else cache._nothing  # noqa: SLF001
        cache._remember(robots_cache._key(target), robots_cache._Entry(rules, until))  # noqa: SLF001


class _Loopback(AbstractResolver):
    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)
        ]

    async def close(self) -> None: ...


def plain_loop(urls: Sequence[str], seconds: float) -> tuple[Spent, int]:
    """Poll the addresses in turn with plain aiohttp for a while, after a first round; return how many polls.

    256 at once, ETags kept in a dictionary and sent back, what comes parsed by fastfeedparser in place: no
    robots.txt, no guard, no limits, no windows, no states, nothing sent anywhere.
    """
    return asyncio.run(_plain(urls, seconds))


async def _plain(urls: Sequence[str], seconds: float) -> tuple[Spent, int]:
    etags: dict[str, str] = {}
    polls = 0
    begun = begun_cpu = deadline = 0.0
    connector = aiohttp.TCPConnector(resolver=_Loopback(), limit=0)
    timeout = aiohttp.ClientTimeout(total=60, sock_read=20)
    waiting = iter(urls)
    warm = False

    async def work(session: aiohttp.ClientSession) -> None:
        nonlocal polls, waiting, warm, begun, begun_cpu, deadline
        while not deadline or time.perf_counter() < deadline:
            url = next(waiting, None)
            if url is None:
                waiting = iter(urls)
                if not warm:
                    warm, polls = True, 0
                    begun, begun_cpu = time.perf_counter(), time.process_time()
                    deadline = begun + seconds
                continue
            headers = {"If-None-Match": etags[url]} if url in etags else {}
            try:
                async with session.get(url, headers=headers) as response:
                    body = await response.read()
                    if response.status == 200:
                        etags[url] = response.headers.get("ETag", "")
                        fastfeedparser.parse(body)
            except (aiohttp.ClientError, TimeoutError, ValueError):
                etags.pop(url, None)
            polls += 1

    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        workers = [asyncio.create_task(work(session)) for _ in range(PLAIN_AT_ONCE)]
        while not deadline or time.perf_counter() < deadline:
            await asyncio.sleep(0.05)
        spent = Spent(time.perf_counter() - begun, time.process_time() - begun_cpu)
        done = polls
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return spent, done


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

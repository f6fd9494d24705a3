"""What a hundred slow hosts cost a hundred good ones: the poller over real connections, with and without them.

    python -m bench.slow_hosts
    python -m bench.slow_hosts --seconds 5 --rounds 1

Good hosts answer at once and are polled all the time; slow ones take the connection and say nothing until the
fetch is given up.  What is compared is how many polls of good hosts end in the same time, in turn with and
without the slow ones.  Beside it, the same with one queue for all, as a plain pool of workers would have it.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import socket
import statistics
from typing import Final

from bench.figures import Figure, report
from bench.table import print_table
from connectors.clock import SystemClock
from connectors.feeds import turns
from connectors.feeds.listed import ListedSources
from connectors.feeds.model import ParsedFeed
from connectors.feeds.poller import Poller, PollOptions
from connectors.framework.connector import Reading
from connectors.sharing.book import Change
from connectors.web.limits import Limits
from connectors.web.make import polite_fetcher
from connectors.web.politeness import Policy
from newswire.settings import Settings
from schemas import ids
from schemas.source import SourceDefinition

HOSTS: Final = 100
SECONDS: Final = 15.0
WARM_UP_S: Final = 4.0
"""For the slow ones to be known as such."""
SILENCE_S: Final = 5.0
"""After which a fetch is given up here; the default is 20 s."""
PACE_S: Final = 0.5
"""Between two polls of a good host."""
FETCHES: Final = 256
FLOOR: Final = 0.9
FEED: Final = b"<rss version='2.0'><channel><title>t</title></channel></rss>"


class Hosts:
    """One server: who asks for a slow host's feed hears nothing."""

    def __init__(self) -> None:
        self.served = 0

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1_000)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                path = request.split(b" ", 2)[1]
                if b"Host: slow-" in request and path == b"/feed":
                    await reader.read()
                    break
                body = FEED if path == b"/feed" else b"none"
                status = b"200 OK" if path == b"/feed" else b"404 Not Found"
                writer.write(
                    b"HTTP/1.1 %s\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s"
                    % (status, len(body), body)
                )
                self.served += path == b"/feed"
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def stop(self) -> None:
        self._server.close()


class Parser:
    """No parser: what it costs is the same in either case."""

    async def parse(
        self, data: bytes, *, url: str, content_type: str | None = None, charset: str | None = None
    ) -> ParsedFeed:
        return ParsedFeed(format="rss", version="rss20")

    async def close(self) -> None:
        return None


class HurriedClock(SystemClock):
    """A minute is *PACE_S*: intervals of a minute come round many times."""

    def now(self) -> float:
        return super().now() / PACE_S * 60.0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds * PACE_S / 60.0)


async def polls(seconds: float, slow: int, *, lanes: bool) -> int:
    """Return how many polls of good hosts end in *seconds*."""
    share, turns.FAST_SHARE = turns.FAST_SHARE, turns.FAST_SHARE if lanes else 1  # type: ignore[misc]
    hosts = Hosts()
    port = await hosts.start()
    names = [
        *(f"slow-{number}.example" for number in range(slow)),
        *(f"good-{number}.example" for number in range(HOSTS)),
    ]
    added = []
    for name in names:
        url = f"http://{name}:{port}/feed"
        definition = SourceDefinition(
            source_id=ids.source_id("feed", url),
            kind="feed",
            url=url,
            min_interval_s=60,
            max_interval_s=60,
            allow_hosts=[f"{name}:{port}"],
            added_at="",
            updated_at="",
        )
        added.append(Change(kind="added", source_id=definition.source_id, definition=definition))
    clock = HurriedClock()
    settings = Settings(connect_fetches=FETCHES if lanes else 64)
    fetcher = polite_fetcher(
        settings,
        clock=clock,
        policy=Policy(gap_s=0.0),
        limits=Limits(first_byte_s=SILENCE_S),
        lookup=lambda _host, _port: [(socket.AF_INET, "127.0.0.1")],
    )

    async def emit(reading: Reading) -> None:
        if reading.acked is not None:
            reading.acked()

    poller = Poller(
        ListedSources(added),
        fetcher,
        Parser(),
        clock=clock,
        emit=emit,
        options=PollOptions(fetches=settings.connect_fetches),
    )
    running = asyncio.create_task(poller.run())
    try:
        await asyncio.wait({running}, timeout=WARM_UP_S)
        before = hosts.served
        await asyncio.wait({running}, timeout=seconds)
        return hosts.served - before
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await fetcher.close()
        await hosts.stop()
        turns.FAST_SHARE = share  # type: ignore[misc]


def main() -> None:
    parser = argparse.ArgumentParser(description="What slow hosts cost good ones.")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    kinds = {
        "alone": (0, True),
        "with slow hosts": (HOSTS, True),
        "with slow hosts, one queue": (HOSTS, False),
    }
    found: dict[str, list[int]] = {name: [] for name in kinds}
    for _, (name, (slow, lanes)) in itertools.product(range(options.rounds), kinds.items()):
        found[name].append(asyncio.run(polls(options.seconds, slow, lanes=lanes)))
    alone = statistics.median(found["alone"])
    print_table(
        f"{HOSTS} good hosts",
        ("", "polls a second", "of those alone"),
        [
            (
                name,
                f"{statistics.median(counts) / options.seconds:,.0f}",
                f"{statistics.median(counts) / alone:.2f}",
            )
            for name, counts in found.items()
        ],
        f"{HOSTS} slow hosts say nothing for {SILENCE_S:.0f} s; median of {options.rounds} rounds.",
    )
    report(
        [
            Figure(
                name="polls of good hosts beside slow ones",
                value=statistics.median(found["with slow hosts"]) / alone,
                floor=FLOOR,
            )
        ]
    )


if __name__ == "__main__":
    main()

"""The polite fetcher: robots.txt, one request at a time per host, gaps and rest, over the guarded one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec

from connectors.clock import Clock, SystemClock
from connectors.web.agent import robots_token
from connectors.web.fetcher import GuardedFetcher
from connectors.web.hosts import Host, Hosts
from connectors.web.message import Request, Response
from connectors.web.robots import Verdict
from connectors.web.robots_cache import RobotsCache
from connectors.web.target import Refused, Target, target_of
from connectors.web.turns import Turn
from newswire.telemetry import metrics
from schemas.limits import MIB

__all__ = ["Policy", "PoliteFetcher"]

MayStart = Callable[[], bool]
_OVERLOADED: Final = frozenset({429, 503})


class Policy(msgspec.Struct, kw_only=True, frozen=True):
    """How politely.  Times are of the injected clock, in seconds."""

    gap_s: float = 5.0
    """Between the end of one request to a host and the start of the next; robots.txt is not counted."""
    crawl_delay_most_s: float = 120.0
    """A longer Crawl-delay is taken for this one."""
    rest_s: float = 30.0
    """After a 429 or 503; longer where Retry-After asks for more, at most 24 h."""
    longest_wait_s: float = 120.0
    """A host that rests for longer is not waited for: the response says ``resting``."""
    fetches: int = 256
    """Requests at once, to all hosts together."""
    robots_bytes: int = 128 * MIB
    """Memory for robots.txt files, about.  It must hold those of all hosts that one process polls: what is
    polled in turn, and is one host too many for it, is never remembered.
    """


class PoliteFetcher:
    """Fetches as a good guest does.

    Feeds and sitemaps are subject to robots.txt as pages are: a host that wants none of ours asked for is
    not asked.  A host is a host name, with its port where that is neither 80 nor 443.  Requests to one host
    are served in the order of asking; a request that waits for its host holds no connection, so a slow host
    costs the others one connection and nothing else.
    """

    def __init__(
        self,
        guarded: GuardedFetcher,
        *,
        policy: Policy | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._guarded = guarded
        self._policy = policy or Policy()
        self._clock = clock or SystemClock()
        self._hosts = Hosts(self._clock)
        self._robots = RobotsCache(
            token=robots_token(guarded.user_agent),
            clock=self._clock,
            most_bytes=self._policy.robots_bytes,
        )
        self._slots = asyncio.Semaphore(self._policy.fetches)

    async def fetch(self, request: Request, *, may_start: MayStart | None = None) -> Response:
        """Fetch; raises nothing but what cancels it.

        *may_start* is asked when all waiting is over, before each request; where it says no, the result
        is ``not_started``.
        """
        return await self._guarded.follow(request, _Visit(self, may_start))

    def wait_s(self, request: Request) -> float:
        """Return for how many seconds the host of *request* still wants to be left alone: whoever has others
        to ask need not stand in line.  What robots.txt will say is not known here.
        """
        try:
            target = target_of(request.url, request.allow_hosts)
        except Refused:
            return 0.0
        return self._hosts.wait_s(target.site)

    async def close(self) -> None:
        """Close every connection."""
        await self._guarded.close()

    async def verdict(
        self, target: Target, request: Request, may_start: MayStart | None
    ) -> Verdict | Response:
        """Return what robots.txt says of *target*, or why that cannot be told."""

        async def get(robots: Request) -> Response:
            return await self.fetch(robots, may_start=may_start)

        rules = await self._robots.rules(target, request, get)
        if isinstance(rules, Response):
            return rules
        return await self._robots.verdict(target, rules)

    async def take(self, target: Target, request: Request, may_start: MayStart | None) -> Host | Turn:
        """Wait for the host and a connection; a turn that is refused says why there is none."""
        host = self._hosts.enter(target.site)
        taken = False
        try:
            await host.lock.acquire()
            try:
                if (resting := await self._wait(host, request)) is not None:
                    return resting
                await self._slots.acquire()
                if may_start is None or may_start():
                    taken = True
                    metrics.FETCHES_OPEN.inc()
                    return host
                self._slots.release()
                return Turn(refused=Refused("not_started", "no time was left to start it"))
            finally:
                if not taken:
                    host.lock.release()
        finally:
            if not taken:
                self._hosts.leave(target.site, host)

    async def _wait(self, host: Host, request: Request) -> Turn | None:
        while True:
            now = self._clock.now()
            rest = host.resting_until - now
            if rest > self._policy.longest_wait_s:
                return Turn(
                    refused=Refused("resting", f"the host rests for {rest:.0f} s"), retry_after_s=rest
                )
            gap = 0.0 if request.kind == "robots" else host.free_at - now
            if max(rest, gap) <= 0:
                return None
            await self._clock.sleep(max(rest, gap))

    def give_back(
        self,
        target: Target,
        host: Host,
        *,
        kind: str,
        crawl_delay_s: float | None,
        status: int | None,
        retry_after_s: float | None,
    ) -> None:
        """End a turn that `take` gave, and remember what the host asks for."""
        metrics.FETCHES_OPEN.dec()
        self._slots.release()
        host.lock.release()
        policy = self._policy
        if kind != "robots":
            delay = min(crawl_delay_s or 0.0, policy.crawl_delay_most_s)
            host.free_at = self._clock.now() + max(policy.gap_s, delay)
        if status in _OVERLOADED:
            self._hosts.rest(target.site, host, max(policy.rest_s, retry_after_s or 0.0))
        self._hosts.leave(target.site, host)


class _Visit:
    """The manners of one fetch."""

    def __init__(self, fetcher: PoliteFetcher, may_start: MayStart | None) -> None:
        self._fetcher = fetcher
        self._may_start = may_start
        self._host: Host | None = None
        self._crawl_delay_s: float | None = None

    async def turn(self, target: Target, request: Request) -> Turn:
        """Ask robots.txt, then wait for the host."""
        robots_allowed = ai_training = None
        self._crawl_delay_s = None
        if request.kind != "robots":
            verdict = await self._fetcher.verdict(target, request, self._may_start)
            if isinstance(verdict, Response):
                return Turn(
                    refused=Refused(verdict.result, verdict.detail), retry_after_s=verdict.retry_after_s
                )
            robots_allowed, ai_training = verdict.allowed, verdict.ai_training
            self._crawl_delay_s = verdict.crawl_delay_s
            if not verdict.allowed:
                return Turn(
                    refused=Refused("robots", "robots.txt disallows it"),
                    robots_allowed=False,
                    ai_training=ai_training,
                )
        taken = await self._fetcher.take(target, request, self._may_start)
        if isinstance(taken, Turn):
            return taken
        self._host = taken
        return Turn(robots_allowed=robots_allowed, ai_training=ai_training)

    def over(self, target: Target, request: Request, status: int | None, retry_after_s: float | None) -> None:
        """Let the next one in."""
        assert self._host is not None
        self._fetcher.give_back(
            target,
            self._host,
            kind=request.kind,
            crawl_delay_s=self._crawl_delay_s,
            status=status,
            retry_after_s=retry_after_s,
        )
        self._host = None

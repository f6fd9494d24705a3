"""The guarded fetcher: redirects followed by hand, every hop checked, every failure a response."""

from __future__ import annotations

import ssl
from time import monotonic
from typing import Final
from urllib.parse import urljoin

import msgspec
from aiohttp import ClientSession, DummyCookieJar

from connectors.clock import Clock, SystemClock
from connectors.web.cache import retry_after_s
from connectors.web.exchange import Answer, exchange
from connectors.web.guard import Lookup, ThreadedResolver, guarded_connector, system_lookup
from connectors.web.headers import charset_of, media_type_of, request_headers
from connectors.web.limits import Limits
from connectors.web.message import Request, Response
from connectors.web.rights import rights_of
from connectors.web.target import Refused, Target, target_of
from connectors.web.turns import Manners, NoManners, Turn
from newswire.telemetry import metrics
from newswire.telemetry.secrets import without_secrets

__all__ = ["GuardedFetcher"]

_PERMANENT: Final = frozenset({301, 308})


class GuardedFetcher:
    """Fetches one URL at a time per call, any number of them at once; keeps no cookies, takes no proxy from
    the environment, verifies TLS.

    *lookup* resolves names (tests give their own); *tls* replaces the system's certificates.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        limits: Limits | None = None,
        clock: Clock | None = None,
        lookup: Lookup = system_lookup,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.user_agent = user_agent
        self._limits = limits or Limits()
        self._clock = clock or SystemClock()
        self._lookup = lookup
        self._tls = tls
        self._resolver: ThreadedResolver | None = None
        self._sessions: dict[bool, ClientSession] = {}

    async def fetch(self, request: Request) -> Response:
        """Fetch; raises nothing but what cancels it."""
        return await self.follow(request, NoManners())

    async def follow(self, request: Request, manners: Manners) -> Response:
        """Fetch, asking *manners* before every hop.  What it waits counts in no limit."""
        journey = _Journey(request)
        headers = request_headers(request, self.user_agent)
        url = request.url
        for _ in range(self._limits.redirects + 1):
            try:
                target = target_of(url, request.allow_hosts)
            except Refused as no:
                return self._end(journey, Answer(result=no.result, detail=no.detail))
            if not journey.goes_to(target):
                return self._end(journey, Answer(result="redirects", detail="redirects in a circle"))
            journey.turn = await manners.turn(target, request)
            if (refused := journey.turn.refused) is not None:
                return self._end(journey, Answer(result=refused.result, detail=refused.detail))
            answer = await self._hop(journey, target, headers, manners)
            if answer.result != "redirect":
                return self._end(journey, answer)
            url = journey.redirected(answer)
        return self._end(journey, Answer(result="redirects", detail=f"more than {self._limits.redirects}"))

    async def close(self) -> None:
        """Close every connection."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()
        if self._resolver is not None:
            await self._resolver.close()
            self._resolver = None

    async def _hop(
        self, journey: _Journey, target: Target, headers: dict[str, str], manners: Manners
    ) -> Answer:
        began = monotonic()
        answer = None
        try:
            answer = await exchange(
                self._session(allowed=target.allowed),
                target,
                headers,
                kind=journey.request.kind,
                limits=self._limits,
                within_s=max(0.0, self._limits.total_s - journey.spent_s),
            )
            journey.wire_bytes += answer.wire_bytes
            journey.retry_after_s = self._retry_after_s(answer)
            return answer
        finally:
            journey.spent_s += monotonic() - began
            status = None if answer is None else answer.status
            manners.over(target, journey.request, status, journey.retry_after_s)

    def _retry_after_s(self, answer: Answer) -> float | None:
        headers = answer.headers
        return retry_after_s(headers.get("retry-after"), now=self._clock.now(), date=headers.get("date"))

    def _end(self, journey: _Journey, answer: Answer) -> Response:
        request, turn = journey.request, journey.turn
        kind, result = request.kind, answer.result
        coarse = f"{result[0]}xx" if result.isdigit() else result
        metrics.FETCHES.labels(kind, coarse).inc()
        metrics.FETCH_DURATION.labels(kind).observe(journey.spent_s)
        metrics.FETCH_BYTES.labels(kind).inc(journey.wire_bytes)
        content_type = answer.headers.get("content-type")
        return Response(
            result=result,
            requested_url=request.url,
            final_url=journey.url or request.url,
            permanent_url=journey.permanent_url,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            media_type=media_type_of(content_type),
            charset=charset_of(content_type),
            wire_bytes=journey.wire_bytes,
            duration_s=journey.spent_s,
            retry_after_s=turn.retry_after_s if turn.refused else journey.retry_after_s,
            rights=rights_of(
                answer.values, robots_allowed=turn.robots_allowed, robots_training=turn.ai_training
            ),
            detail=without_secrets(answer.detail),
        )

    def _session(self, *, allowed: bool) -> ClientSession:
        if self._resolver is None:
            self._resolver = ThreadedResolver(self._lookup)
        if allowed not in self._sessions:
            self._sessions[allowed] = ClientSession(
                connector=guarded_connector(self._resolver, allowed=allowed, tls=self._tls),
                cookie_jar=DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
                max_line_size=self._limits.headers_bytes,
                max_field_size=self._limits.headers_bytes,
                max_headers=self._limits.headers,
            )
        return self._sessions[allowed]


class _Journey(msgspec.Struct):
    """What has come of a fetch so far."""

    request: Request
    url: str | None = None
    """The one that is asked now, or was last."""
    turn: Turn = Turn()
    seen: set[str] = set()
    permanent: bool = True
    """Whether all redirects so far were."""
    permanent_url: str | None = None
    wire_bytes: int = 0
    spent_s: float = 0.0
    retry_after_s: float | None = None

    def goes_to(self, target: Target) -> bool:
        """Note the next hop; false where it was one before."""
        self.url = str(target.url)
        if self.url in self.seen:
            return False
        if self.seen and self.permanent:
            self.permanent_url = self.url
        self.seen.add(self.url)
        return True

    def redirected(self, answer: Answer) -> str:
        """Return where *answer* leads."""
        self.permanent = self.permanent and answer.status in _PERMANENT
        location = answer.headers["location"]
        try:
            return urljoin(self.url or "", location)
        except ValueError:  # brackets around what is no address: refused when it is read
            return location

"""Which robots.txt holds for a host now: fetched when needed, remembered within bounds of time and memory."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final
from weakref import WeakValueDictionary

import msgspec
from protego import Protego

from connectors.clock import Clock
from connectors.web.cache import freshness_s
from connectors.web.limits import DAY_S
from connectors.web.message import Request, Response
from connectors.web.robots import RobotsRules, Verdict, read_robots
from connectors.web.target import Refused, Target

__all__ = ["RobotsCache"]

_PRIVATE: Final = " private"
"""Ends the key of an origin whose source may have it on a private network; the key of others is the origin."""
Fetch = Callable[[Request], Awaitable[Response]]

_FRESH_S: Final = (3_600.0, DAY_S)
"""As Cache-Control says, within these; RFC 9309, 2.4 sets the upper one."""
_AGAIN_S: Final = 600.0
"""After a robots.txt that could not be reached."""
_ENTRY: Final = 230
"""Bytes that an origin takes, about, beside its name and rules of its own."""
_PARSED: Final = 512
_LONG: Final = 64 * 1024
"""Longer files are read in a thread: one made to be slow takes half a second."""
_PASSING: Final = frozenset({"resting", "not_started"})
_UNREACHABLE: Final = frozenset({"timeout", "connect", "dns", "tls"})
_BROKEN: Final = frozenset({"bomb", "bad_response", "too_large", "429"})


class _Entry(msgspec.Struct, gc=False):
    rules: RobotsRules | None
    """Null where none could be had, ever."""
    until: float
    refused: Refused | None = None
    """Why nothing is fetched, where there are no rules."""


class RobotsCache:
    """Rules by origin.

    4xx, a robots.txt that leads nowhere, and an empty answer allow everything; 5xx, 429 and no answer
    disallow everything for now (RFC 9309, 2.3.1), but for a host whose rules are known: these hold on while
    it cannot be reached.  The most recently used are kept, in about *most_bytes*.
    """

    def __init__(self, *, token: str, clock: Clock, most_bytes: int) -> None:
        self._nothing = RobotsRules(token.lower())
        """What most hosts have: one for all of them."""
        self._token = token
        self._clock = clock
        self._most_bytes = most_bytes
        self._bytes = 0
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._parsed: dict[str, Protego] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def rules(self, target: Target, request: Request, fetch: Fetch) -> RobotsRules | Response:
        """Return the rules for *target*'s origin, got by *fetch* where they are not known or old; else the
        response that says why there are none.
        """
        key = _key(target)
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        async with lock:  # one robots.txt is fetched once, however many wait for it
            entry = self._entries.get(key)
            if entry is None or entry.until <= self._clock.now():
                response = await fetch(
                    Request(url=f"{target.origin}/robots.txt", kind="robots", allow_hosts=request.allow_hosts)
                )
                if response.result in _PASSING:
                    return response
                known = entry.rules if entry is not None else None
                entry = await self._entry(response, known)
                self._remember(key, entry)
            self._entries.move_to_end(key)
        if entry.rules is not None:
            return entry.rules
        assert entry.refused is not None
        return Response(
            result=entry.refused.result,
            requested_url=request.url,
            final_url=request.url,
            detail=entry.refused.detail,
            retry_after_s=max(0.0, entry.until - self._clock.now()),
        )

    async def verdict(self, target: Target, rules: RobotsRules) -> Verdict:
        """Return what *rules*, those of *target*'s origin, say of it; their parser is kept for a while."""
        if rules.chars > _LONG:
            return await asyncio.to_thread(self._verdict, target, rules)
        return self._verdict(target, rules)

    def _verdict(self, target: Target, rules: RobotsRules) -> Verdict:
        key = _key(target)
        parser = self._parsed.pop(key, None) if rules.packed else None
        if rules.packed:
            self._parsed[key] = parser = parser or rules.parsed()
            if len(self._parsed) > _PARSED:
                self._parsed.pop(next(iter(self._parsed)), None)
        return rules.verdict(str(target.url), parser)

    async def _entry(self, response: Response, known: RobotsRules | None) -> _Entry:
        now = self._clock.now()
        result = response.result
        if result == "ok":
            fresh = freshness_s(response.headers, now)
            until = now + min(max(DAY_S if fresh is None else fresh, _FRESH_S[0]), _FRESH_S[1])
            body = response.body
            if len(body) > _LONG:
                rules = await asyncio.to_thread(read_robots, body, self._token)
            else:
                rules = read_robots(body, self._token)
            return _Entry(self._nothing if rules == self._nothing else rules, until)
        server_error = result.isdigit() and result.startswith("5")
        if not (result in _UNREACHABLE or result in _BROKEN or server_error):
            # A refused address is asked again soon: names move, and the guard judges every connection.
            away = not result.isdigit()
            return _Entry(self._nothing, now + (_AGAIN_S if away else DAY_S))
        until = now + max(_AGAIN_S, response.retry_after_s or 0.0)
        why = f"robots.txt: {result} {response.detail}".strip()
        return _Entry(known, until, Refused(result if result in _UNREACHABLE else "robots_unreachable", why))

    def _remember(self, key: str, entry: _Entry) -> None:
        self._parsed.pop(key, None)
        before = self._entries.get(key)
        self._bytes += self._size(key, entry) - (self._size(key, before) if before is not None else 0)
        self._entries[key] = entry
        self._entries.move_to_end(key)
        while self._bytes > self._most_bytes and len(self._entries) > 1:
            oldest, dropped = self._entries.popitem(last=False)
            self._bytes -= self._size(oldest, dropped)
            self._parsed.pop(oldest, None)

    def _size(self, key: str, entry: _Entry) -> int:
        rules = 0 if entry.rules is None or entry.rules is self._nothing else entry.rules.size
        return _ENTRY + len(key) + rules + (200 if entry.refused is not None else 0)


def _key(target: Target) -> str:
    return target.origin + _PRIVATE if target.allowed else target.origin

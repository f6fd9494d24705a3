"""The network guard: it sees the resolved address of every connection, just before the connection is made.

It sits in the connector's socket factory, past names, redirects, caches and literals, so that nothing that
resolves twice can tell two stories.  There are two connectors and no switch: the strict one never opens a
refused address; the other one opens private ones too, and is only ever used for a host that the request's
own source names.  Each keeps its own pool, so a connection made for one source never serves another that
may not have it.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from connectors.web.addresses import ALLOWABLE, address_of, refusal

__all__ = ["Lookup", "RefusedAddress", "ThreadedResolver", "guarded_connector"]

Lookup = Callable[[str, int], list[tuple[int, str]]]
"""Resolve a host and a port to (address family, address) pairs; blocks; raises OSError."""

_DNS_THREADS: Final = 64
"""A lookup blocks its thread for as long as a silent name server takes; the usual handful of threads would
let a few of them stop all others."""
_KEEPALIVE_S: Final = 15.0
"""Longer than the gap between two fetches from one host, so that they can share a connection."""


class RefusedAddress(OSError):
    """The address that a connection would go to is not one to connect to."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"{address} is {reason}")
        self.reason = reason


def system_lookup(host: str, port: int) -> list[tuple[int, str]]:
    """Resolve as the system does."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [(int(family), str(sockaddr[0])) for family, _, _, _, sockaddr in found]


class ThreadedResolver(AbstractResolver):
    """Resolves names in threads of its own."""

    def __init__(self, lookup: Lookup = system_lookup) -> None:
        self._lookup = lookup
        self._threads = ThreadPoolExecutor(_DNS_THREADS, thread_name_prefix="dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return every address of *host*.

        Raises:
            OSError: it has none.
        """
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, self._lookup, host, port)
        if not found:
            raise OSError(f"{host} has no address")
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST
            )
            for kind, address in dict.fromkeys(found)
        ]

    async def close(self) -> None:
        """Let the threads end; lookups under way are not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def guarded_connector(
    resolver: AbstractResolver, *, allowed: bool, tls: ssl.SSLContext | None
) -> TCPConnector:
    """Return a connector that opens no refused address: with *allowed*, none but a network of one's own."""

    def open_socket(address_info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, sockaddr = address_info
        reason = refusal(address_of(str(sockaddr[0])))
        if reason is not None and not (allowed and reason in ALLOWABLE):
            raise RefusedAddress(str(sockaddr[0]), reason)
        return socket.socket(family, kind, protocol)

    return TCPConnector(
        resolver=resolver,
        socket_factory=open_socket,
        ssl=True if tls is None else tls,
        limit=0,  # the polite fetcher bounds connections
        ttl_dns_cache=60,
        dns_cache_max_size=10_000,
        keepalive_timeout=_KEEPALIVE_S,
    )

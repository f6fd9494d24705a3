"""What is asked of the web and what came of it: the messages of every fetcher."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from schemas.base import Rights

__all__ = ["FetchKind", "Fetcher", "Request", "Response"]

FetchKind = Literal["feed", "page", "robots", "sitemap"]
"""What a body is fetched for; its limits go by it."""


class Request(msgspec.Struct, kw_only=True, frozen=True):
    """One GET."""

    url: str
    kind: FetchKind
    etag: str | None = None
    """Sent back byte for byte as If-None-Match."""
    last_modified: str | None = None
    """Sent back byte for byte as If-Modified-Since."""
    allow_hosts: tuple[str, ...] = ()
    """Hosts (``name``, ``name:port`` or address) that may resolve to private addresses and use any port."""


class Response(msgspec.Struct, kw_only=True, frozen=True):
    """What came of a request: also a failure is one, since every fetch ends in something recorded."""

    result: str
    """``ok``, ``not_modified``, an HTTP status as text (``403``), or one of ``robots`` (its rules say no),
    ``robots_unreachable`` (there are none to be had now, after ``retry_after_s`` perhaps), ``timeout``,
    ``connect`` (no connection or a lost one), ``dns``, ``tls``, ``too_large``, ``bomb`` (unpacks past the
    ratio), ``refused_address``, ``refused_url`` (scheme, port, userinfo), ``redirects`` (too many, looping
    or nowhere), ``bad_response`` (what is no HTTP, or no body in the coding it claims).  A polite fetcher has
    two more that say nothing of the URL: ``resting`` (the host wants to be left alone for ``retry_after_s``)
    and ``not_started`` (its caller said no when the turn came).  ``fetch.result`` of the item takes it as it
    stands.
    """
    requested_url: str
    final_url: str
    """After redirects; the requested one where nothing came."""
    permanent_url: str | None = None
    """Where a chain of 301 and 308 alone, from the first hop on, leads; null where there is none."""
    status: int | None = None
    """Of the last response, null where there was none."""
    headers: dict[str, str] = {}
    """By lower-case name; repeated ones joined by ``, ``; without CR, LF or NUL."""
    body: bytes = b""
    """Decompressed; empty unless ``result`` is ``ok``, or bytes of an error page (at most 64 KiB), by which
    a bot check is told."""
    media_type: str | None = None
    charset: str | None = None
    wire_bytes: int = 0
    duration_s: float = 0.0
    retry_after_s: float | None = None
    """What ``Retry-After`` asks, from either form, clamped to 0…24 h; null where absent or unreadable."""
    rights: Rights | None = None
    """Signals of robots.txt and headers (the page's own are read by who parses it)."""
    detail: str = ""
    """For people: what exactly was wrong."""

    @property
    def ok(self) -> bool:
        """Whether there is a body to read."""
        return self.result == "ok"


class Fetcher(Protocol):
    """Whatever gets a response for a request."""

    async def fetch(self, request: Request) -> Response:
        """Fetch; raises nothing but what cancels it."""

    async def close(self) -> None:
        """Close every connection."""

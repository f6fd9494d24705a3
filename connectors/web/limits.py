"""What one fetch may cost: every limit, with the published default."""

from __future__ import annotations

from typing import Final

import msgspec

from connectors.web.message import FetchKind
from schemas.limits import MIB, PAGE_BODY_BYTES

__all__ = ["DAY_S", "Limits"]

DAY_S: Final = 86_400.0
"""No header makes us wait or remember longer than this."""


class Limits(msgspec.Struct, kw_only=True, frozen=True):
    """Limits of one fetch.  Times are of the real clock, in seconds; sizes are bytes."""

    connect_s: float = 10.0
    """Name resolution, TCP and TLS together."""
    first_byte_s: float = 20.0
    """Silence: before the first byte of an answer, and between any two pieces of it."""
    total_s: float = 60.0
    """The whole fetch, redirects included; waiting for a host's turn is not part of it."""
    wire_bytes: int = 10 * MIB
    """A body as it is sent."""
    page_bytes: int = PAGE_BODY_BYTES
    """A page, decompressed."""
    feed_bytes: int = 20 * MIB
    """A feed or a sitemap, decompressed."""
    robots_bytes: int = 500 * 1024
    """A robots.txt: RFC 9309 asks for at least this much; what lies beyond is not read."""
    error_bytes: int = 64 * 1024
    """Of the page that comes with an error; what lies beyond is not read."""
    ratio: int = 200
    """Decompressed bytes for each byte on the wire, once there are more than ``ratio_from_bytes``."""
    ratio_from_bytes: int = 64 * 1024
    """Less than this is no bomb, however small it was packed."""
    encodings: int = 3
    """Content codings on top of each other."""
    members: int = 1_024
    """gzip members or zstd frames one after the other."""
    headers_bytes: int = 64 * 1024
    """All headers of one answer, and each of them."""
    headers: int = 256
    """Header lines of one answer."""
    redirects: int = 5

    def body_bytes(self, kind: FetchKind) -> int:
        """Return how large a decompressed body of *kind* may be."""
        if kind == "page":
            return self.page_bytes
        return self.robots_bytes if kind == "robots" else self.feed_bytes

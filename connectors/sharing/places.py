"""Where a source's records lie: one partition number in both topics, so that the feeds of one domain have one owner."""

from __future__ import annotations

from typing import Final

from schemas.links import registrable_domain

__all__ = ["GROUP", "route_of"]

GROUP: Final = "newswire-connect"
"""The consumer group of all workers that read sources."""


def route_of(url: str) -> bytes:
    """Return what the partition of a source's records goes by: the registrable domain of its address.

    Raises:
        ValueError: the address has no host.
    """
    domain = registrable_domain(url)
    if domain is None:
        raise ValueError(f"{url[:200]!r} has no host")
    return domain.encode()

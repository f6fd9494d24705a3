"""Who had a partition last, and whether it was let go: kept as the metadata of the group's committed offset.

The broker takes a commit only of the group's present generation, so an owner that was given up cannot say
that it released what another has taken since.
"""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = ["Marker", "not_before", "read_marker", "write_marker"]


class Marker(msgspec.Struct, kw_only=True, frozen=True):
    """What the last owner of a partition said of it."""

    state: Literal["held", "released"]
    epoch: int
    """The ``generation`` of the states that it wrote."""
    worker: str
    not_before: float = 0.0
    """Epoch seconds before which an owner before it may still have been fetching."""


def write_marker(marker: Marker) -> str:
    """Return a marker as offset metadata."""
    return msgspec.json.encode(marker).decode()


def read_marker(metadata: str | None) -> Marker | None:
    """Read offset metadata; null where there is none.

    Metadata that another program wrote says as much as that somebody holds the partition.
    """
    if not metadata:
        return None
    try:
        return msgspec.json.decode(metadata, type=Marker)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Marker(state="held", epoch=0, worker="unknown")


def not_before(last: Marker | None, now: float, fetch_deadline_s: float) -> float:
    """Return the epoch second from which a new owner may fetch.

    *now* is when it learnt of its ownership: the last owner's rights had ended by then, and a fetch that it
    began before that ends within *fetch_deadline_s*.
    """
    if last is None:
        return 0.0
    if last.state == "released":
        return last.not_before
    return max(last.not_before, now + fetch_deadline_s)

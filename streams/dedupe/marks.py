"""Where the state stands: written into the local files with every batch of changes."""

from __future__ import annotations

from typing import Final

import msgspec

from streams.dedupe.limits import DedupeLimits

__all__ = ["FORMAT", "FilesHold", "Marks", "read_held"]

FORMAT: Final = 2
"""Of the local files; files of another are rebuilt."""


class Marks(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Where the state stands after a sighting."""

    clock: int = 0
    """Append time of the newest record judged, ms since 1970."""
    number: int = 0
    """Sightings so far, each once."""
    log_tail: int = 0
    """Sightings up to this one are forgotten and deleted."""
    near_head: int = 0
    """Entries of the near index so far."""
    articles: int = 0
    """Articles in the files."""
    last: bytes = b""
    """Key of the item whose sighting this is: the record before the position, in the topic that they were made
    from."""


class FilesHold(msgspec.Struct, array_like=True, frozen=True):
    """What the local files hold the state of."""

    limits: DedupeLimits
    position: int = 0
    """Offset of the topic up to which it is folded."""
    marks: Marks = Marks()
    format: int = FORMAT


def read_held(packed: bytes | None, limits: DedupeLimits) -> FilesHold | None:
    """Read what files made under the same *limits* by this version hold; null for files of any other, and
    for new ones.
    """
    if packed is None:
        return None
    try:
        held = msgspec.msgpack.decode(packed, type=FilesHold)
    except msgspec.DecodeError:
        return None
    return held if held.format == FORMAT and held.limits == limits else None

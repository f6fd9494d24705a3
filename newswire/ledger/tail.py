"""Follow a topic: from its beginning, its end or its last records, and on."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Final

from newswire.ledger.reader import Offsets, TopicReader
from streams.engine.records import Record

__all__ = ["MOST_BACK", "begin_at", "followed"]

MOST_BACK: Final = 10_000
"""Of the last records at most so many are shown: they are held to be put in order."""


def begin_at(reader: TopicReader, topic: str, where: str) -> tuple[Offsets, int | None]:
    """Return the offsets to begin at, and how many of the last records are wanted (null: all).

    *where* is ``beginning``, ``end`` or ``-N``.

    Raises:
        ValueError: it is something else.
    """
    partitions = reader.partitions(topic)
    begins, ends = reader.begins(partitions), reader.ends(partitions)
    if where == "beginning":
        return begins, None
    if where == "end":
        return ends, None
    if not (where.startswith("-") and where[1:].isdecimal() and 0 < int(where[1:]) <= MOST_BACK):
        raise ValueError(f"{where!r} is none of beginning, end and -1 to -{MOST_BACK}")
    count = int(where[1:])
    return {each: max(begins[each], ends[each] - count) for each in partitions}, count


def followed(reader: TopicReader, topic: str, where: str, *, follow: bool) -> Iterator[Record | None]:
    """Yield a topic's records, those there are now first; null where nothing new came for a while.

    What there is comes as the partitions give it, but the last N in the order of their timestamps.

    Raises:
        MissingTopic: there is no such topic.
        ValueError: *where* is not understood.
    """
    starts, count = begin_at(reader, topic, where)
    ends = reader.ends(starts)
    records = reader.read(starts, ends)
    if count is not None:
        # Of every partition the last N were read: more may be newer than the others.
        newest = heapq.nlargest(count, enumerate(records), key=lambda each: (each[1].timestamp_ms, each[0]))
        yield from (record for _number, record in reversed(newest))
    else:
        yield from records
    if follow:
        yield from reader.follow(ends)

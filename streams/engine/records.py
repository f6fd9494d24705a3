"""What passes between the engine and a stage: plain, picklable structs, so that a stage's work can run in
a child process, in place, or in a filter without a broker.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from schemas.topics import Topic
from schemas.vocabulary import Lane, OutcomeName, StageName

__all__ = ["Done", "Emit", "Ending", "Facts", "Failed", "Input", "Partition", "Record", "Result", "Stage"]

Partition = tuple[str, int]
"""A topic and a partition number."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One consumed record, as the broker gave it.  *timestamp_ms* is Kafka's, milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()

    @property
    def size(self) -> int:
        """Bytes of key and value."""
        return len(self.key or b"") + len(self.value or b"")

    @property
    def source(self) -> Partition:
        """The partition it lies in."""
        return self.topic, self.partition


class Input(msgspec.Struct, frozen=True, gc=False):
    """What a stage's function needs of a record."""

    value: bytes | None
    timestamp_ms: int
    attempt: int = 1


class Facts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an Outcome tells of an item, known as soon as its record decodes."""

    item_id: str
    native_id: str | None = None
    source_id: str | None = None
    article_id: str | None = None
    revision_id: str | None = None
    lane: Lane = "live"
    synthetic: bool = False
    published: str | None = None
    observed: str | None = None


class Ending(msgspec.Struct, frozen=True, gc=False):
    """How an item ended, for the stage that ends it."""

    outcome: OutcomeName
    reason: str | None = None


class Emit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One event to send.  ``route_by`` is hashed instead of the key where the two differ;
    ``same_partition`` keeps the partition number of the input.
    """

    topic: str
    ce_type: str
    ce_id: str
    key: str
    value: bytes
    route_by: str | None = None
    same_partition: bool = False
    progress: bool = True
    """Whether times and hops travel with it: to the next stage, yes; to readers, no."""


class Done(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A handled event: what to send, and how its item ended if it ends here."""

    facts: Facts
    emits: tuple[Emit, ...] = ()
    ending: Ending | None = None


class Failed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event that cannot be handled: it becomes a dead letter with the original bytes, and *emits* (if
    any) are sent beside it.  ``reason`` is low-cardinality.
    """

    reason: str
    error: str
    message: str
    trace: str = ""
    facts: Facts | None = None
    emits: tuple[Emit, ...] = ()


Result = Done | Failed


class Stage(Protocol):
    """One stage as the engine sees it."""

    @property
    def name(self) -> StageName:
        """The stage's name: of its group, its metrics and its events' source."""
        ...

    @property
    def reads(self) -> Topic:
        """The topic it reads."""
        ...

    @property
    def batch_size(self) -> int:
        """Events given to `process` at most at a time."""
        ...

    @property
    def concurrency(self) -> int:
        """Calls of `process` under way at most; with 1 they are in input order."""
        ...

    async def start(self) -> None:
        """Get ready; raise what should end the process."""

    async def process(self, inputs: list[Input]) -> list[Result]:
        """Handle events: one result for each, in order.

        Raises:
            Retriable: nothing was done, and the same call may go through later.
        """
        ...

    def delivered(self, done: Done, offsets: tuple[int, ...]) -> bool:
        """Learn that all that *done* emitted lies at these offsets.  Called in input order.

        Return false where the stage can no longer vouch for its state: then the partitions are given up, and whoever
        gets them gets ready for them anew.
        """
        ...

    async def assigned(self, partitions: frozenset[Partition]) -> None:
        """Get ready for these partitions of the input, before their first event."""

    async def revoked(self, partitions: frozenset[Partition]) -> None:
        """Forget what belongs to these partitions."""

    async def stop(self) -> None:
        """Release everything."""

"""What a connector is: three methods around an iterator of readings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from connectors.framework.errors import Skippable
from connectors.framework.spec import Options, Spec
from schemas.raw_item import RawItem
from schemas.vocabulary import Lane

__all__ = ["Broken", "Checkpoint", "Connector", "Cursor", "Reading"]

Cursor = Mapping[str, Any]
"""Where reading of one stream goes on; JSON, and the connector's own business."""
Checkpoint = Mapping[str, Cursor]
"""The cursor of every stream that has one."""

C = TypeVar("C", bound=Options)


class Broken(msgspec.Struct, kw_only=True, frozen=True):
    """Something that was there and is no item: it becomes a dead letter with these bytes."""

    error: Skippable
    data: bytes
    """As the source gave them; empty where not even bytes could be had."""
    source_id: str
    native_id: str
    observed_at: str
    """RFC 3339, UTC."""
    lane: Lane = "live"


class Reading(msgspec.Struct, kw_only=True, frozen=True):
    """One step of reading: an item, something broken, or neither (the cursor alone moves on).

    The acknowledgement travels with it: when the broker has confirmed all that came of this reading
    *and of all before it in its stream*, ``cursor`` becomes the stream's checkpoint.
    """

    stream: str
    """What is read in order and checkpointed by itself: one source, one file."""
    item: RawItem | None = None
    broken: Broken | None = None
    cursor: Cursor | None = None
    """Where to go on after this; null leaves the checkpoint where it is."""
    acked: Callable[[], None] | None = None
    """Called in the runner's thread once all that came of this very reading is confirmed."""
    done: float | None = None
    """How much of all there is has been read, 0 to 1; null where there is no end."""


class Connector(ABC, Generic[C]):
    """Reads one kind of source.  The runner calls `open`, iterates `read`, and calls `close`, all in one
    thread that is not the main one; after a `Retriable` it does the same again from where reading stopped.
    """

    spec: ClassVar[Spec[Any]]
    keeps_place: ClassVar[bool] = False
    """It knows itself where each stream goes on when it is opened again: then the runner keeps no cursor of
    it but those that are on their way to the checkpoint.  For connectors of very many streams."""

    @abstractmethod
    def open(self, options: C, checkpoint: Checkpoint) -> None:
        """Get ready to read what comes after *checkpoint*.

        Raises:
            ConfigError: the options cannot work here (a missing file, an address that is none).
            Retriable: what is needed does not answer now.
        """

    @abstractmethod
    def read(self) -> Iterator[Reading]:
        """Yield readings until there are no more, in order within each stream.

        What is broken is yielded, too, and must not end the iteration.

        Raises:
            Retriable: reading cannot go on now.
            Gone: it never will again.
            Fatal: it must not.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of everything.  Called once or more, also after a failed `open`, and from another
        thread while `read` blocks: it should then make `read` return where it can.
        """

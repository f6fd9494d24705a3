"""Where polling stands with one source: all that a crash may not lose, and nothing else.

It is kept in memory as bytes (`packed`), decoded when the source is due, and written to ``news.source-state``
as a `schemas.source.SourceState` (`connectors.feeds.cursor`).
"""

from __future__ import annotations

import sys
from typing import Any, Final

import msgspec

from connectors.feeds.health import Standing
from connectors.feeds.pages import Page
from connectors.feeds.redirects import Address
from connectors.feeds.revisits import Learned, Visit
from connectors.feeds.schedule import Hints
from connectors.feeds.validators import Validators
from schemas.source import SourceDefinition

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["FeedState", "packed", "packed_definition", "unpacked", "unpacked_definition"]


class FeedState(msgspec.Struct, frozen=True, array_like=True):
    """One source's state.  Times are seconds since the epoch, 0 is never."""

    polls: int = 0
    """Answers and failures, in all."""
    polled_at: float = 0.0
    """The last answer with a feed, or a 304."""
    next_poll_at: float = 0.0
    interval_s: float = 0.0
    asked_s: float = 0.0
    """What the last answer asked to be left alone for."""
    hints: Hints = Hints()
    validators: Validators = Validators()
    address: Address = Address()
    standing: Standing = Standing()
    window: bytes = b""
    largest: int = 0
    """Entries that the feed has shown at once, at most."""
    body: bytes = b""
    """Hash of the feed's bytes, by which one that is the same is not parsed again."""
    missed: int = 0
    """Windows that shared nothing with the one before."""
    missed_at: float = 0.0
    pages: tuple[Page, ...] = ()
    visits: tuple[Visit, ...] = ()
    learned: Learned = Learned()

    @property
    def is_first(self) -> bool:
        """Whether no feed was had yet, so that what it shows is history."""
        return not self.polled_at

    @property
    def ended(self) -> bool:
        """Whether it is polled no more."""
        return self.standing.status == "gone"


COMPRESSED_FROM: Final = 1_024
LEVEL: Final = 1
_MAGIC: Final = b"\x28\xb5\x2f\xfd"
"""Of a zstd frame; a state that is not compressed begins as an array."""
_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE_STATE = msgspec.msgpack.Decoder(FeedState).decode
_DECODE_DEFINITION = msgspec.msgpack.Decoder(SourceDefinition).decode
_OF_LISTS: Final = frozenset({"attributes", "folders"})
_DEFAULTS = {
    field.name: field.default for field in msgspec.structs.fields(SourceDefinition) if not field.required
} | {
    field.name: field.default_factory()
    for field in msgspec.structs.fields(SourceDefinition)
    if field.default_factory is not msgspec.NODEFAULT
}


def packed(state: FeedState) -> bytes:
    """Return a state as bytes; a large one compressed, since addresses and titles of a source are alike."""
    data = _ENCODE(state)
    return data if len(data) < COMPRESSED_FROM else zstd.compress(data, LEVEL)


def unpacked(data: bytes) -> FeedState:
    """Return the state that `packed` gave."""
    return _DECODE_STATE(zstd.decompress(data) if data.startswith(_MAGIC) else data)


def packed_definition(definition: SourceDefinition) -> bytes:
    """Return a definition as bytes, without what is as by default and what only a list's export wants."""
    said: dict[str, Any] = {
        name: value
        for name in definition.__struct_fields__
        if name not in _OF_LISTS
        and (value := getattr(definition, name)) != _DEFAULTS.get(name, msgspec.NODEFAULT)
    }
    return _ENCODE(said)


def unpacked_definition(data: bytes) -> SourceDefinition:
    """Return the definition that `packed_definition` gave: all that polling asks for."""
    return _DECODE_DEFINITION(data)

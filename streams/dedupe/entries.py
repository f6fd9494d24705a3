"""What the state keeps, and under which keys.

Every point's value begins with when and by which sighting it was last shown, so that whether
it still counts can be told without reading the rest.  Sightings are numbered in the order of the topic, each
once; numbers are of one set of local files and never leave it.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple, TypeVar

import msgspec

__all__ = [
    "ARTICLE",
    "EXACT",
    "ITEM",
    "LINK",
    "MOST_CONTENTS",
    "MOST_SHOWINGS",
    "NEAR",
    "ArticleEntry",
    "Content",
    "Horizon",
    "Link",
    "Owner",
    "Showing",
    "Stamp",
    "at_of",
    "key_of",
    "log_key",
    "log_row",
    "near_key",
    "pack",
    "points_of",
    "sketch_key",
    "stamp_of",
    "unpack",
]

ITEM: Final = b"i"
ARTICLE: Final = b"a"
LINK: Final = b"l"
EXACT: Final = b"x"
"""First bytes of the keys of points: items, articles, links and exact contents, by hash."""
LOG: Final = b"o"
"""First byte of the keys of sightings, by number: which points each of them showed."""
SKETCH: Final = b"s"
"""First byte of the keys of the sketches that sightings carried, by the sighting's number."""
NEAR: Final = b"n"
"""First byte of the keys of the near index's rows, by number."""

MOST_CONTENTS: Final = 64
"""So many contents of one article are known: those shown last.  A live blog's page has hundreds."""
MOST_SHOWINGS: Final = 8
"""So many sources of one content are known: those that showed it last."""

_STAMP: Final = struct.Struct(">qq")
_NUMBER: Final = struct.Struct(">Q")
_KEY_BYTES: Final = 17
T = TypeVar("T")


class Stamp(NamedTuple):
    """When something was last shown, and by which sighting."""

    at: int
    """Append time of the record that showed it, in ms since 1970."""
    number: int


class Horizon(NamedTuple):
    """From where on what was shown still counts."""

    at: int
    number: int

    def sees(self, at: int, number: int) -> bool:
        """Tell whether something that was last shown then still counts."""
        return at >= self.at and number > self.number


class Showing(msgspec.Struct, array_like=True, gc=False):
    """One source showed a content, through one extractor; of its showings the last."""

    by: bytes
    """Hash of source and text basis."""
    extractor: str
    raw: bytes
    """Hash of the raw body."""
    at: int
    number: int


class Content(msgspec.Struct, array_like=True, gc=False):
    """One content of an article.  What may differ from item to item is as the last one had it, so that it is
    the same wherever folding began.
    """

    revision_id: str
    revision_number: int
    first_number: int
    first_item_id: str
    first_seen_at: str
    at: int
    number: int
    showings: list[Showing]
    title: bytes
    publisher: str | None
    text_basis: str
    sketch_at: int
    sketch_number: int
    """The sighting that carried its sketch, or its owner's; 0 for none."""


class ArticleEntry(msgspec.Struct, array_like=True, gc=False):
    """One article: its standing after its last sighting (see `schemas.Standing`), and its contents, that
    shown last at the end.
    """

    current_number: int
    current_revision_id: str | None
    current_at: str
    highest_number: int
    contents: list[Content]


class Link(msgspec.Struct, array_like=True, gc=False):
    """A link that is known under an article."""

    article_id: str


class Owner(msgspec.Struct, array_like=True, gc=False):
    """The content that was first seen with these exact words, among those that went to enrichment."""

    article_id: str
    revision_id: str
    item_id: str
    publisher: str | None
    first_seen_at: str
    near_number: int = 0
    """Its entry in the near index; 0 for none."""
    sketch_at: int = 0
    sketch_number: int = 0
    """The sighting that carried its sketch; 0 for none."""
    sketch_size: int = 0
    """How many different shingles it has."""


_encode = msgspec.msgpack.Encoder().encode
_decoders: dict[type, msgspec.msgpack.Decoder[object]] = {}


@lru_cache(maxsize=1024)
def key_of(kind: bytes, *parts: str) -> bytes:
    """Return the key of a point: 16 bytes of BLAKE2b, which nobody can find two inputs of."""
    return kind + blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def near_key(number: int) -> bytes:
    """Return the key of a row of the near index."""
    return NEAR + _NUMBER.pack(number)


def log_key(number: int) -> bytes:
    """Return the key of what a sighting showed."""
    return LOG + _NUMBER.pack(number)


def sketch_key(number: int) -> bytes:
    """Return the key of the sketch that a sighting carried."""
    return SKETCH + _NUMBER.pack(number)


def log_row(at: int, points: list[bytes]) -> bytes:
    """Encode what a sighting showed: the time (ms since 1970), then the keys, its item's first."""
    return at.to_bytes(8, "big", signed=True) + b"".join(points)


def at_of(row: bytes) -> int:
    """Read the time of a sighting."""
    return int.from_bytes(row[:8], "big", signed=True)


def points_of(row: bytes) -> list[bytes]:
    """Read the keys that a sighting showed."""
    return [row[place : place + _KEY_BYTES] for place in range(8, len(row), _KEY_BYTES)]


def pack(stamp: Stamp, value: object) -> bytes:
    """Encode a point."""
    return _STAMP.pack(*stamp) + _encode(value)


def stamp_of(packed: bytes) -> Stamp:
    """Read when a point was last shown."""
    return Stamp(*_STAMP.unpack_from(packed))


def unpack(packed: bytes, type_: type[T]) -> T:
    """Decode a point."""
    decoder = _decoders.get(type_)
    if decoder is None:
        decoder = _decoders[type_] = msgspec.msgpack.Decoder(type_)
    value: T = decoder.decode(memoryview(packed)[_STAMP.size :])  # type: ignore[assignment]
    return value

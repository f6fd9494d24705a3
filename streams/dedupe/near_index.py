"""Find the contents that may be near a given one: MinHash LSH in packed arrays.

A signature of 128 MinHash values is cut into 32 bands of 4 rows.  Two contents are candidates where one band
is the same, which for Jaccard similarity s happens with probability ``1 - (1 - s**4)**32`` (Leskovec,
Rajaraman and Ullman, *Mining of Massive Datasets*, 3.4): 0.99985 at 0.7, 0.23 at 0.3, 0.0003 at 0.05.

Entries lie in a ring in the order in which they were added.  Each band has a hash table of chains, newest
first, linked by entry number as in LZ77 compressors: a link that leads below the ring's tail ends the chain,
so that an entry is forgotten by moving the tail and nothing is ever unlinked.  An entry takes 284 bytes in
the ring and 128 in the tables; arrays grow by half, so that at most 618 bytes are taken for one entry.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["BANDS", "ROW", "Candidate", "NearIndex", "Tags", "tags_of"]

BANDS: Final = 32
ROWS: Final = 4
ROW: Final = np.dtype([("tags", "<u4", BANDS), ("key", "V16"), ("queued_ms", "<i8"), ("size", "<u4")])
"""One entry, in memory and in the local files: a hash of each band, the key of the content's owner, when it
was added, and how many different shingles it has."""

Tags = npt.NDArray[np.uint32]
"""One hash for each band of a signature."""

MOST_IN_BAND: Final = 64
"""So many entries with the same band are looked at, newest first: texts made of one template have bands in
common by the thousand."""
MOST_CANDIDATES: Final = 64
"""So many candidates are given back, those with the most bands in common first."""

_BANDS: Final = np.int64(BANDS)
_LANES: Final = np.arange(BANDS, dtype=np.int64)
_K0: Final = np.uint64(0x9E3779B97F4A7C15)
_K1: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_MIX: Final = np.uint64(0xBF58476D1CE4E5B9)
_REST: Final = struct.Struct("<qI")
_29: Final = np.uint64(29)
_32: Final = np.uint64(32)
_LEAST: Final = 1024
_LINKED_AT_ONCE: Final = 1 << 13
_MOST_LOCAL: Final = 2**32 - 1


class Candidate(NamedTuple):
    """An entry that has a band in common with what was asked for."""

    number: int
    key: bytes
    size: int


def tags_of(signatures: Sequence[bytes]) -> Tags:
    """Hash the bands of MinHash signatures (128 little-endian uint32 each): one row of 32 for each."""
    pairs = np.frombuffer(b"".join(signatures), dtype="<u8").reshape(len(signatures), BANDS, ROWS // 2)
    mixed: npt.NDArray[np.uint64] = pairs[:, :, 0] * _K0
    mixed += pairs[:, :, 1] * _K1
    mixed ^= mixed >> _29
    mixed *= _MIX
    mixed >>= _32
    return mixed.astype(np.uint32)


class NearIndex:
    """The entries, numbered from 1 in the order in which they were added; ``head`` is the newest, ``tail`` the
    newest that is forgotten.
    """

    def __init__(self, rows: npt.NDArray[Any] | None = None, tail: int = 0) -> None:
        """Take over *rows* (of `ROW`), which are those from ``tail + 1`` on."""
        rows = np.empty(0, dtype=ROW) if rows is None else rows
        self.tail = tail
        self.head = tail + len(rows)
        self._linked = tail
        self._place(rows, _room_for(len(rows)))

    def __len__(self) -> int:
        return self.head - self.tail

    @property
    def nbytes(self) -> int:
        """Bytes that the arrays take when all of them is in use."""
        return sum(
            a.nbytes for a in (self._tags, self._next, self._heads, self._keys, self._queued, self._sizes)
        )

    def add(self, tags: Tags, key: bytes, size: int, queued_ms: int) -> bytes:
        """Add an entry, and return its row as it is kept in the local files."""
        if len(self) >= self._capacity or self.head - self._base >= _MOST_LOCAL:
            self._place(self._rows(), _room_for(len(self)))
        if self.head - self._linked >= _LINKED_AT_ONCE:
            self.link()
        self.head += 1
        row = (self.head - self._base) % self._capacity
        self._tags[row] = tags
        self._keys[row] = np.void(key)
        self._queued[row] = queued_ms
        self._sizes[row] = size
        return tags.tobytes() + key + _REST.pack(queued_ms, size)

    def oldest_queued_ms(self) -> int:
        """Return when the entry that follows the tail was added."""
        return self._queued.item((self.tail + 1 - self._base) % self._capacity)

    def oldest(self) -> tuple[bytes, Tags]:
        """Return key and band hashes of the entry that follows the tail."""
        row = (self.tail + 1 - self._base) % self._capacity
        tags: Tags = self._tags[row].copy()
        return self._keys[row].tobytes(), tags

    def candidates(self, tags: Tags) -> list[Candidate]:
        """Return entries that have a band in common with *tags*: those with the most first, of equals the
        oldest.
        """
        self.link()
        found = self._walk(tags)
        if not found:
            return []
        locals_, bands = np.unique(np.concatenate(found), return_counts=True)
        best = np.lexsort((locals_, -bands))[:MOST_CANDIDATES]
        numbers = locals_[best].astype(np.int64)
        rows = numbers % self._capacity
        found_rows = zip(numbers.tolist(), self._keys[rows].tolist(), self._sizes[rows].tolist(), strict=True)
        return [Candidate(number + self._base, bytes(key), size) for number, key, size in found_rows]

    def link(self) -> None:
        """Make all entries findable.  `candidates` does it where it is needed, which takes seconds for a
        million entries just read from the local files.
        """
        for until in range(max(self._linked, self.tail) + _LINKED_AT_ONCE, self.head, _LINKED_AT_ONCE):
            self._link(until)
        self._link(self.head)

    def _walk(self, tags: Tags) -> list[npt.NDArray[np.uint32]]:
        capacity, floor = self._capacity, self.tail - self._base
        all_tags, links = self._tags.ravel(), self._next.ravel()
        lanes = _LANES
        current = self._heads.take(self._slots(tags))
        found: list[npt.NDArray[np.uint32]] = []
        taken = np.zeros(BANDS, dtype=np.int64)
        while True:
            alive = (current > floor).nonzero()[0]
            if not len(alive):
                return found
            current, lanes = current.take(alive), lanes.take(alive)
            cells = (current % capacity) * _BANDS
            cells += lanes
            same = (all_tags.take(cells) == tags.take(lanes)).nonzero()[0]
            links_on = links.take(cells)
            if len(same):
                found.append(current.take(same))
                taken[lanes.take(same)] += 1
                links_on[taken.take(lanes) >= MOST_IN_BAND] = 0
            current = links_on

    def _slots(self, tags: Tags) -> npt.NDArray[np.int64]:
        # Scaled instead of masked, so that tables can have any size (Lemire 2019).
        slots = tags.astype(np.int64)
        slots *= self._buckets
        slots >>= 32
        slots += self._first_slots
        return slots

    def _link(self, until: int) -> None:
        """Put the entries that are not yet, up to number *until*, at the heads of their chains.

        Nearly all at once: of those that want the same chain the oldest goes first, then the others.
        """
        if self._linked >= until:
            return
        capacity = self._capacity
        first = max(self._linked, self.tail) + 1
        heads, links = self._heads, self._next.ravel()
        if first == until:
            row = (first - self._base) % capacity
            slots = self._slots(self._tags[row])
            self._next[row] = heads.take(slots)
            heads[slots] = first - self._base
            self._linked = first
            return
        # The newest first: of several assignments to one place the last one holds, so the oldest wins.
        numbers = np.arange(until - self._base, first - self._base - 1, -1, dtype=np.int64)
        rows = numbers % capacity
        slots = self._slots(self._tags[rows]).ravel()
        cells = (rows[:, None] * BANDS + _LANES).ravel()
        wanted = np.repeat(numbers.astype(np.uint32), BANDS)
        before = heads[slots]
        heads[slots] = wanted
        won = heads[slots] == wanted
        links[cells[won]] = before[won]
        if not won.all():
            lost = (~won).nonzero()[0][::-1]
            self._chain(slots[lost], cells[lost], wanted[lost])
        self._linked = until

    def _chain(
        self, slots: npt.NDArray[np.int64], cells: npt.NDArray[np.int64], wanted: npt.NDArray[np.uint32]
    ) -> None:
        """Link entries, oldest first, of which several want the same chain, however many they are."""
        order = slots.argsort(kind="stable")
        slots, cells, wanted = slots[order], cells[order], wanted[order]
        opens = np.empty(len(slots), dtype=bool)
        opens[0] = True
        np.not_equal(slots[1:], slots[:-1], out=opens[1:])
        before = np.empty_like(wanted)
        before[1:] = wanted[:-1]
        before[opens] = self._heads[slots[opens]]
        self._next.ravel()[cells] = before
        closes = np.append(opens[1:], True)
        self._heads[slots[closes]] = wanted[closes]

    def _columns(self) -> tuple[tuple[str, npt.NDArray[Any]], ...]:
        return (
            ("tags", self._tags),
            ("key", self._keys),
            ("queued_ms", self._queued),
            ("size", self._sizes),
        )

    def _rows(self) -> npt.NDArray[Any]:
        places = np.arange(self.tail + 1 - self._base, self.head + 1 - self._base) % self._capacity
        rows = np.empty(len(places), dtype=ROW)
        for name, column in self._columns():
            rows[name] = column[places]
        return rows

    def _place(self, rows: npt.NDArray[Any], capacity: int) -> None:
        """Lay out arrays for *capacity* entries.  What is not in use of them is never touched, so that it
        takes no memory.  The entries are linked later.
        """
        self._base = self.tail
        self._capacity = capacity
        self._tags = np.zeros((capacity, BANDS), dtype=np.uint32)
        self._next = np.zeros((capacity, BANDS), dtype=np.uint32)
        self._heads = np.zeros(BANDS * capacity, dtype=np.uint32)
        self._buckets = np.int64(capacity)
        self._first_slots = _LANES * self._buckets
        self._keys = np.zeros(capacity, dtype="V16")
        self._queued = np.zeros(capacity, dtype=np.int64)
        self._sizes = np.zeros(capacity, dtype=np.uint32)
        places = np.arange(1, len(rows) + 1) % capacity
        for name, column in self._columns():
            column[places] = rows[name]
        self._linked = self.tail


def _room_for(entries: int) -> int:
    """Return for how many entries to lay out arrays that so many are put into at once."""
    return max(entries * 3 // 2, _LEAST)

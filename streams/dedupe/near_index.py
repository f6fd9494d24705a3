"""Find the contents that may be near a given one: MinHash LSH in packed arrays.

A signature of 128 MinHash values is cut into 32 bands of 4 rows.  Two contents are candidates where one band
is the same, which for Jaccard similarity s happens with probability ``1 - (1 - s**4)**32`` (Leskovec,
Rajaraman and Ullman, *Mining of Massive Datasets*, 3.4): 0.99985 at 0.7, 0.23 at 0.3, 0.0003 at 0.05.

Entries lie in a ring in the order in which they were added.  Each band has a hash table of chains, newest
first, linked by entry number as in LZ77 compressors: a link that leads below the ring's tail ends the chain,
so that an entry is forgotten by moving the tail and nothing is ever unlinked.  An entry takes 284 bytes in
the ring and 128 in the tables; arrays grow by half, so that at most 618 bytes are taken for one entry.

Arrays cost as much for one entry as for a hundred.  So entries wait in a list until somebody asks for them, and
`look_up` walks the chains of many signatures at once; `candidates` then adds what came since.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["BANDS", "ROW", "Candidate", "Found", "NearIndex", "Tags", "tags_of"]

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
_WAITING_AT_MOST: Final = 1 << 10
_MOST_LOCAL: Final = 2**32 - 1


class Candidate(NamedTuple):
    """An entry that has a band in common with what was asked for."""

    number: int
    key: bytes
    size: int


class Found(NamedTuple):
    """What `NearIndex.look_up` found for one signature among the entries up to *head*: a number and a band for
    each time that a band is the same.
    """

    head: int
    numbers: npt.NDArray[np.int64]
    bands: npt.NDArray[np.int64]


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
        self.tail = self._base = self._linked = tail
        self.head = tail + len(rows)
        self._waiting: list[bytes] = []
        """Rows of the newest entries, which are not in the arrays yet."""
        self._capacity = 1
        self._heads = self._next = np.empty(0, dtype=np.uint32)
        self._tags = np.empty((0, BANDS), dtype=np.uint32)
        self._keys = np.empty(0, dtype="V16")
        self._queued = np.empty(0, dtype=np.int64)
        self._sizes = np.empty(0, dtype=np.uint32)
        self._lay_out(tail, _room_for(len(rows)))
        self._put(tail + 1, rows)

    def __len__(self) -> int:
        return self.head - self.tail

    @property
    def nbytes(self) -> int:
        """Bytes that the arrays take when all of them is in use."""
        return sum(
            a.nbytes for a in (self._tags, self._next, self._heads, self._keys, self._queued, self._sizes)
        )

    @property
    def bytes_in_use(self) -> int:
        """Bytes of them that were touched since they were laid out: the tables, and the ring as far as it was
        filled.
        """
        filled = min(self.head - self._base, self._capacity)
        return (self.nbytes - self._heads.nbytes) // self._capacity * filled + self._heads.nbytes

    def add(self, tags: bytes, key: bytes, size: int, queued_ms: int) -> bytes:
        """Add an entry (*tags* as little-endian uint32), and return its row as it is kept in the local
        files.
        """
        row = tags + key + _REST.pack(queued_ms, size)
        self._waiting.append(row)
        self.head += 1
        if len(self._waiting) >= _WAITING_AT_MOST:
            self._settle()
        return row

    def oldest_queued_ms(self) -> int:
        """Return when the entry that follows the tail was added."""
        return self._queued.item(self._oldest_row())

    def oldest(self) -> tuple[bytes, bytes]:
        """Return key and band hashes of the entry that follows the tail."""
        row = self._oldest_row()
        return self._keys[row].tobytes(), self._tags[row].tobytes()

    def _oldest_row(self) -> int:
        if self.tail >= self.head - len(self._waiting):
            self._settle()
        return (self.tail + 1 - self._base) % self._capacity

    def candidates(self, tags: Tags, found: Found | None = None) -> list[Candidate]:
        """Return entries that have a band in common with *tags*: those with the most first, of equals the
        oldest.  *found* is what was looked up of the same tags a while ago.
        """
        if found is None:
            found = self.look_up(tags.reshape(1, BANDS))[0]
        numbers, bands = self._since(tags, found.head)
        if len(found.numbers):
            known = found.numbers > self.tail
            numbers = np.concatenate((numbers, found.numbers[known]))
            bands = np.concatenate((bands, found.bands[known]))
        if not len(numbers):
            return []
        numbers = numbers[_newest_in_band(numbers, bands)]
        numbers, alike = np.unique(numbers, return_counts=True)
        numbers = numbers[np.lexsort((numbers, -alike))[:MOST_CANDIDATES]]
        rows = self._rows(numbers)
        found_rows = zip(numbers.tolist(), rows["key"].tolist(), rows["size"].tolist(), strict=True)
        return [Candidate(number, bytes(key), size) for number, key, size in found_rows]

    def _rows(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        settled = self.head - len(self._waiting)
        places = (numbers - self._base) % self._capacity
        rows = np.empty(len(numbers), dtype=ROW)
        rows["key"], rows["size"] = self._keys[places], self._sizes[places]
        for i in (numbers > settled).nonzero()[0].tolist():
            rows[i] = np.frombuffer(self._waiting[numbers.item(i) - settled - 1], dtype=ROW)[0]
        return rows

    def _since(self, tags: Tags, head: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Look at every entry that came after *head*."""
        first = max(head, self.tail) + 1
        count = self.head + 1 - first
        if count <= 0:
            return _NONE, _NONE
        if count <= len(self._waiting):
            rows = np.frombuffer(b"".join(self._waiting[-count:]), dtype=ROW)["tags"]
        else:
            self._settle()
            rows = self._tags[np.arange(first - self._base, self.head + 1 - self._base) % self._capacity]
        same = rows == tags
        if not same.any():
            return _NONE, _NONE
        places, bands = same.nonzero()
        return places + first, bands

    def look_up(self, tags: Tags) -> list[Found]:
        """Find for each row of *tags* the entries with the same bands: of each band the newest."""
        self.link()
        head = self.head
        numbers, lanes = self._walk(tags)
        if not len(numbers):
            return [Found(head, _NONE, _NONE)] * len(tags)
        whose = lanes // BANDS
        order = whose.argsort(kind="stable")
        numbers, bands = numbers[order], lanes[order] % BANDS
        cuts = whose[order].searchsorted(np.arange(len(tags) + 1)).tolist()
        return [Found(head, numbers[begin:end], bands[begin:end]) for begin, end in pairwise(cuts)]

    def _walk(self, tags: Tags) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Follow all chains at once, one lane for each band of each row of *tags*."""
        capacity, floor = self._capacity, self.tail - self._base
        all_tags, links = self._tags.ravel(), self._next.ravel()
        wanted = tags.ravel()
        current = self._heads.take(self._slots(tags).ravel())
        lanes = np.arange(len(wanted), dtype=np.int64)
        taken = np.zeros(len(wanted), dtype=np.int64)
        found: list[npt.NDArray[np.uint32]] = []
        found_lanes: list[npt.NDArray[np.int64]] = []
        while True:
            alive = (current > floor).nonzero()[0]
            if not len(alive):
                break
            current, lanes = current.take(alive), lanes.take(alive)
            cells = (current % capacity) * _BANDS
            cells += lanes % _BANDS
            same = (all_tags.take(cells) == wanted.take(lanes)).nonzero()[0]
            links_on = links.take(cells)
            if len(same):
                in_lanes = lanes.take(same)
                found.append(current.take(same))
                found_lanes.append(in_lanes)
                taken[in_lanes] += 1
                links_on[taken.take(lanes) >= MOST_IN_BAND] = 0
            current = links_on
        if not found:
            return _NONE, _NONE
        return np.concatenate(found).astype(np.int64) + self._base, np.concatenate(found_lanes)

    def _slots(self, tags: Tags) -> npt.NDArray[np.int64]:
        # Scaled instead of masked, so that tables can have any size (Lemire 2019).
        slots = tags.astype(np.int64)
        slots *= self._buckets
        slots >>= 32
        slots += self._first_slots
        return slots

    def link(self) -> None:
        """Make all entries findable.  `look_up` does it where it is needed, which takes seconds for a
        million entries just read from the local files.
        """
        self._settle()
        for until in range(max(self._linked, self.tail) + _LINKED_AT_ONCE, self.head, _LINKED_AT_ONCE):
            self._link(until)
        self._link(self.head)

    def _link(self, until: int) -> None:
        """Put the entries that are not yet, up to number *until*, at the heads of their chains.

        Nearly all at once: of those that want the same chain the oldest goes first, then the others.
        """
        if self._linked >= until:
            return
        capacity = self._capacity
        first = max(self._linked, self.tail) + 1
        heads, links = self._heads, self._next.ravel()
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

    def _settle(self) -> None:
        """Lay the entries that wait into the arrays, which grow where they are full."""
        if not self._waiting:
            return
        rows = np.frombuffer(b"".join(self._waiting), dtype=ROW)
        self._waiting.clear()
        settled = self.head - len(rows)
        first = max(settled, self.tail) + 1
        rows = rows[first - 1 - settled :]  # some may be forgotten already
        if len(self) > self._capacity or self.head - self._base > _MOST_LOCAL:
            self._lay_out(settled, _room_for(len(self)))
        self._put(first, rows)

    def _put(self, first: int, rows: npt.NDArray[Any]) -> None:
        """Lay the newest entries, from number *first* on, into the arrays."""
        places = np.arange(first - self._base, first - self._base + len(rows)) % self._capacity
        self._tags[places], self._keys[places] = rows["tags"], rows["key"]
        self._queued[places], self._sizes[places] = rows["queued_ms"], rows["size"]

    def _lay_out(self, settled: int, capacity: int) -> None:
        """Move the entries up to number *settled* to arrays for *capacity* entries.

        One array after the other, so that little is there twice; what is not in use of them is never
        touched, so that it takes no memory.  The entries are linked later.
        """
        count = max(0, settled - self.tail)
        begin = self.tail + 1 - self._base
        here = np.arange(begin, begin + count) % self._capacity
        there = np.arange(1, count + 1) % capacity
        self._base = self._linked = self.tail
        self._capacity = capacity
        self._buckets = np.int64(capacity)
        self._first_slots = _LANES * self._buckets
        self._next = self._heads = np.empty(0, dtype=np.uint32)
        self._tags = _moved(self._tags, here, there, (capacity, BANDS))
        self._keys = _moved(self._keys, here, there, (capacity,))
        self._queued = _moved(self._queued, here, there, (capacity,))
        self._sizes = _moved(self._sizes, here, there, (capacity,))
        self._next = np.zeros((capacity, BANDS), dtype=np.uint32)
        self._heads = np.zeros(BANDS * capacity, dtype=np.uint32)


_NONE: Final = np.empty(0, dtype=np.int64)


def _moved(
    column: npt.NDArray[Any],
    here: npt.NDArray[np.int64],
    there: npt.NDArray[np.int64],
    shape: tuple[int, ...],
) -> npt.NDArray[Any]:
    moved = np.zeros(shape, dtype=column.dtype)
    moved[there] = column[here]
    return moved


def _room_for(entries: int) -> int:
    """Return for how many entries to lay out arrays that so many are put into at once."""
    return max(entries * 3 // 2, _LEAST)


def _newest_in_band(
    numbers: npt.NDArray[np.int64], bands: npt.NDArray[np.int64]
) -> npt.NDArray[np.intp] | slice:
    """Choose of each band the newest, at most `MOST_IN_BAND`."""
    if len(numbers) <= MOST_IN_BAND:
        return slice(None)
    order = np.lexsort((-numbers, bands))
    sorted_bands = bands[order]
    place = np.arange(len(order)) - sorted_bands.searchsorted(sorted_bands)
    return order[place < MOST_IN_BAND]

"""A table of 16-byte ids that holds millions of them: about 24 bytes each, where a dict takes 140."""

from __future__ import annotations

import hashlib
from array import array
from typing import Final

__all__ = ["PackedIds", "digest32", "digest64", "packed", "unpacked"]

ID_BYTES: Final = 16
UUID_CHARS: Final = 36
_FIRST_SLOTS: Final = 1 << 10


def packed(id: str) -> bytes:
    """Return an id's 16 bytes: those of a UUID in its canonical form, else a digest of the text.

    The least that a record may claim as its item's id is any text, so that must have a place, too.
    """
    if len(id) == UUID_CHARS:
        try:
            raw = bytes.fromhex(id.replace("-", ""))
        except ValueError:
            pass  # of the right length, and no UUID
        else:
            if len(raw) == ID_BYTES and unpacked(raw) == id:
                return raw
    return hashlib.blake2b(id.encode("utf-8", "surrogatepass"), digest_size=ID_BYTES).digest()


def unpacked(raw: bytes) -> str:
    """Return 16 bytes as a UUID is written."""
    h = raw.hex()
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def digest64(value: bytes) -> int:
    """Return 64 bits of a hash (BLAKE2b), to tell contents apart."""
    return int.from_bytes(hashlib.blake2b(value, digest_size=8).digest(), "big")


def digest32(value: bytes) -> int:
    """Return 32 bits of a hash (BLAKE2b), to tell two contents of one id apart."""
    return int.from_bytes(hashlib.blake2b(value, digest_size=4).digest(), "big")


class PackedIds:
    """Ids numbered from 0 in the order in which they were first added.

    Open addressing with linear probing over a table of row numbers, at most two thirds full; the ids
    themselves lie in row order, so that columns of facts are plain arrays beside it.
    """

    def __init__(self) -> None:
        self._ids = bytearray()
        self._slots = array("I", bytes(4 * _FIRST_SLOTS))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, id: bytes) -> bool:
        return self.find(id) >= 0

    def __getitem__(self, row: int) -> bytes:
        if not 0 <= row < self._count:
            raise IndexError(row)
        return bytes(self._ids[row * ID_BYTES : (row + 1) * ID_BYTES])

    def find(self, id: bytes) -> int:
        """Return the id's row, or -1."""
        return self._slots[self._slot(id)] - 1

    def add(self, id: bytes) -> int:
        """Return the id's row, a new one where it has none: then it is the last."""
        slot = self._slot(id)
        if found := self._slots[slot]:
            return found - 1
        self._ids += id
        self._count += 1
        self._slots[slot] = self._count
        if 3 * self._count > 2 * len(self._slots):
            self._grow()
        return self._count - 1

    def _slot(self, id: bytes) -> int:
        """Return the slot where the id is, or else belongs."""
        # Python's own hash is keyed anew in each process: nobody can choose ids that share their slots.
        slots, ids, mask = self._slots, self._ids, len(self._slots) - 1
        slot = hash(id) & mask
        while row := slots[slot]:
            if ids[(row - 1) * ID_BYTES : row * ID_BYTES] == id:
                break
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        size = 2 * len(self._slots)
        self._slots = array("I", bytes(4 * size))
        slots, mask = self._slots, size - 1
        view = memoryview(bytes(self._ids))
        for row in range(self._count):
            slot = hash(view[row * ID_BYTES : (row + 1) * ID_BYTES]) & mask
            while slots[slot]:
                slot = (slot + 1) & mask
            slots[slot] = row + 1

"""Hashes that are the same in every process and on every machine.

A word's hash is its CRC-32, a shingle's 64 bits are mixed from those of its three words for a whole text
at once in numpy.  The MinHash signature is rensa's (R-MinHash, 128 permutations of 32 bits) over the 64-bit
shingle hashes; the sketch keeps their upper 32 bits.
"""

from __future__ import annotations

from typing import Any, Final
from zlib import crc32

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

__all__ = [
    "MINHASH_PERMUTATIONS",
    "MINHASH_SEED",
    "SHINGLE_WORDS",
    "minhash",
    "minhash_array",
    "shingle_hashes",
]

MINHASH_PERMUTATIONS: Final = 128
MINHASH_SEED: Final = 20_010_911
SHINGLE_WORDS: Final = 3

_K0 = np.uint64(0x9E3779B97F4A7C15)
_K1 = np.uint64(0xC2B2AE3D27D4EB4F)
_K2 = np.uint64(0x165667B19E3779F9)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_27, _30, _31, _32 = (np.uint64(n) for n in (27, 30, 31, 32))


_K0 = np.uint64(0x9E3779B97F4A7C15)
_K1 = np.uint64(0xC2B2AE3D27D4EB4F)
_K2 = np.uint64(0x165667B19E3779F9)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_27, _30, _31, _32 = (np.uint64(n) for n in (27, 30, 31, 32))


_LONGEST_WORD: Final = 4_096
"""Bytes of a word whose order counts; of a longer one the rest counts without its order."""


def shingle_hashes(words: list[bytes]) -> npt.NDArray[np.uint64]:
    """Hash each run of three *words* (in UTF-8), in order: ``len(words) - 2`` numbers, none for fewer words.

    The three hashes, each times an odd constant of its own, are added and mixed by splitmix64's finaliser
    (Steele, Lea and Flood 2014), so that every bit depends on every word and on their order.
    """
    if len(words) < SHINGLE_WORDS:
        return np.empty(0, dtype=np.uint64)
    h = np.fromiter(map(crc32, words), dtype=np.uint64, count=len(words))
    x = h[:-2] * _K0
    x += h[1:-1] * _K1
    x += h[2:] * _K2
    x ^= x >> _30
    x *= _M1
    x ^= x >> _27
    x *= _M2
    x ^= x >> _31
    return x


def minhash(shingles: npt.NDArray[np.uint64]) -> bytes:
    """Return the signature of the set of *shingles*: 128 little-endian uint32, 512 bytes."""
    offsets = np.array([0, len(shingles)], dtype=np.uint64)
    matrix: Any = RMinHash.digest_matrix_from_flat_token_hashes(
        shingles, offsets, MINHASH_PERMUTATIONS, MINHASH_SEED
    )
    return np.array(matrix.to_rows()[0], dtype="<u4").tobytes()


def minhash_array(signature: bytes) -> npt.NDArray[np.uint32]:
    """View a signature as 128 numbers.

    Raises:
        ValueError: it has another length.

    """
    array = np.frombuffer(signature, dtype="<u4")
    if len(array) != MINHASH_PERMUTATIONS:
        raise ValueError(f"a signature has {MINHASH_PERMUTATIONS} numbers, not {len(array)}")
    return array

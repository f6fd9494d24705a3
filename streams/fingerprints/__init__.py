"""What copies of a text are found by: exact hash, MinHash signature and sketch of its words.

Normalize takes the fingerprints, dedupe compares them; neither needs the other for it.
"""

from streams.fingerprints.compare import jaccard, shingle_array
from streams.fingerprints.hashing import MINHASH_PERMUTATIONS, MINHASH_SEED, minhash_array
from streams.fingerprints.take import fingerprint

__all__ = [
    "MINHASH_PERMUTATIONS",
    "MINHASH_SEED",
    "fingerprint",
    "jaccard",
    "minhash_array",
    "shingle_array",
]

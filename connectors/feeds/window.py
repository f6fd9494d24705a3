"""What a feed showed lately: 16 bytes to an entry, so that nothing is emitted twice and changes are noticed.

An entry is known by the hash of its identity, and unchanged while the hash of its words is the same.  Where
an identity is new but its link and words are known of one that the feed shows no more, the feed's ids drift,
and the entry is the one known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from connectors.feeds.model import ParsedEntry

__all__ = ["Look", "bound", "entry_hashes", "look"]

HASH: Final = 8
PAIR: Final = 2 * HASH
WORDS: Final = 4
"""Bytes of the second hash that are of the words alone; the others are of the words and the link's query."""
MOST: Final = 1_000
"""Entries remembered, unless a feed shows more at once."""
TIMES_LARGEST: Final = 2


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One feed beside what it showed before."""

    emit: list[int]
    """Places of the entries that are new or changed, from the last to the first, since feeds open with
    their newest.
    """
    changed: frozenset[int]
    """Those of them that are known and have other words now."""
    known: int
    """Entries seen before, changed ones among them."""
    missed: bool
    """Nothing of the last window is left, so entries may have come and gone between."""
    pairs: list[bytes]
    """Identity and words of each entry, by place."""
    before: bytes

    @property
    def new(self) -> int:
        """How many were never seen."""
        return len(self.pairs) - self.known

    def window(self, left: Collection[int] = (), *, most: int = MOST) -> bytes:
        """Return the window once all entries are taken up but those at the places *left*."""
        shown = [pair for place, pair in enumerate(self.pairs) if place not in left]
        shown.reverse()
        ids = {pair[:HASH] for pair in shown}
        waiting = {self.pairs[place][:HASH] for place in left}
        kept = [pair for pair in _pairs(self.before) if (ident := pair[:HASH]) not in ids or ident in waiting]
        room = max(most - len(shown), 0)
        return b"".join([*(kept[-room:] if room else []), *shown])


def look(before: bytes, entries: Sequence[ParsedEntry]) -> Look:
    """Compare a feed's *entries* with the window *before*."""
    pairs = [entry_hashes(entry) for entry in entries]
    here = {pair[:HASH] for pair in pairs}
    known: dict[bytes, set[bytes]] = {}
    gone = set()
    for pair in _pairs(before):
        known.setdefault(pair[:HASH], set()).add(pair[HASH:][:WORDS])
        if pair[:HASH] not in here:
            gone.add(pair[HASH:])
    emit: list[int] = []
    changed: set[int] = set()
    seen = 0
    for place in range(len(pairs) - 1, -1, -1):
        ident, body = pairs[place][:HASH], pairs[place][HASH:]
        words = body[:WORDS]
        if ident in known:
            seen += 1
            if words not in known[ident]:
                emit.append(place)
                changed.add(place)
        elif body in gone:
            seen += 1
        else:
            emit.append(place)
        known.setdefault(ident, set()).add(words)
    return Look(
        emit=emit,
        changed=frozenset(changed),
        known=seen,
        missed=bool(before) and bool(pairs) and not seen,
        pairs=pairs,
        before=before,
    )


def bound(largest: int) -> int:
    """Return how many entries to remember of a source whose feed has shown *largest* at once: twice as
    many, at most `MOST`, at least what the feed shows.
    """
    return max(min(TIMES_LARGEST * largest, MOST), largest)


def entry_hashes(entry: ParsedEntry) -> bytes:
    """Return the hashes of an entry's identity and of its words.

    Dates are not among the words: some feeds give the time of building.  The link is, without its query,
    which may hold trackers.  But it may be all that tells two articles apart, so drifting ids go by it, too: a
    tracker that changes with them costs an item that is judged ``unchanged``, and no article is lost.
    """
    link, _, query = (entry.url or "").partition("#")[0].partition("?")
    words = _hash("\x1f".join((link, entry.title or "", entry.summary or "", entry.content or "")))
    if query:
        words = words[:WORDS] + _hash(f"{words.hex()}?{query}")[WORDS:]
    return _hash(entry.native_id) + words


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=HASH).digest()


def _pairs(window: bytes) -> list[bytes]:
    return [window[at : at + PAIR] for at in range(0, len(window), PAIR)]

"""The state as one item sees it: what was shown within the window before it."""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec

from streams.dedupe.compare import Comparison, KeptSketch, Shingles, compare, jaccard_bound
from streams.dedupe.entries import (
    ARTICLE,
    EXACT,
    LINK,
    NEAR,
    ArticleEntry,
    Horizon,
    Link,
    Owner,
    Stamp,
    at_of,
    key_of,
    log_key,
    points_of,
    sketch_key,
    stamp_of,
    unpack,
)
from streams.dedupe.limits import DedupeLimits
from streams.dedupe.marks import Marks
from streams.dedupe.near_index import ROW, Found, NearIndex, Tags
from streams.dedupe.pending import PendingChanges
from streams.dedupe.store import LocalStore

__all__ = ["State"]

T = TypeVar("T")
_sketch_decoder: Final = msgspec.msgpack.Decoder(KeptSketch)


class State:
    """Everything known, read at the time of the item in hand (`begin`) and changed only by `Fold`."""

    def __init__(self, limits: DedupeLimits, store: LocalStore, marks: Marks) -> None:
        """Take up the files where *marks* say they stand."""
        self.limits = limits
        self.pending = PendingChanges(store, limits)
        self.clock = marks.clock
        self.number = marks.number
        self.log_tail = marks.log_tail
        self.articles = marks.articles
        first, rows = store.rows(NEAR, ROW)
        self.near = NearIndex(rows, first - 1 if len(rows) else marks.near_head)
        self.at_clock = self._items_at_clock()
        self.known_since = 0
        """Nothing from before this time is in the topic any more, ms since 1970."""
        self.now = self.clock
        self.horizon = Horizon(0, 0)
        self._memo: dict[bytes, tuple[Stamp, object] | None] = {}
        self._faded: set[bytes] = set()
        self._oldest: tuple[int, bytes | None] = (0, None)

    def marks(self, last: bytes) -> Marks:
        """Return where the state stands after the sighting of the item of this key."""
        return Marks(self.clock, self.number, self.log_tail, self.near.head, self.articles, last)

    def begin(self, at_ms: int) -> None:
        """Turn to an item whose record was appended at *at_ms*.

        Where a broker's clock went back, the time of the newest item before it counts instead: time never
        goes back from one sighting to the next.
        """
        self.now = max(at_ms, self.clock)
        self.horizon = Horizon(
            self.now - self.limits.identity_ms, self.number + 1 - self.limits.max_identities
        )
        self._memo.clear()
        self._faded.clear()

    @property
    def window_start(self) -> int:
        """The time (ms since 1970) before which nothing is known: the window's, that of the newest sighting
        that so many have followed that it no longer counts, or that of the oldest one that the topic still has.
        """
        cut = max(self.horizon.at, self.known_since)
        if self.horizon.number > 0:
            row = self.pending.get(log_key(self.horizon.number))
            if row is not None:
                return max(cut, at_of(row))
        return cut

    def read(self, key: bytes, type_: type[T]) -> tuple[Stamp, T] | None:
        """Read a point that still counts; the same object each time for the item in hand."""
        if key in self._memo:
            return self._memo[key]  # type: ignore[return-value]
        found: tuple[Stamp, T] | None = None
        packed = self.pending.get(key)
        if packed is not None:
            stamp = stamp_of(packed)
            if self.horizon.sees(*stamp):
                found = stamp, unpack(packed, type_)
            else:
                self._faded.add(key)
        self._memo[key] = found
        return found

    def is_kept(self, key: bytes) -> bool:
        """Tell whether a point that was read is there, though it may no longer count."""
        return self._memo[key] is not None or key in self._faded

    def oldest_row(self) -> bytes | None:
        """Return what the oldest sighting that is not cleared away showed; null where there is none older
        than the one in hand.
        """
        number = self.log_tail + 1
        if self._oldest[0] != number:
            row = self.pending.get(log_key(number)) if number < self.number else None
            self._oldest = (number if row is not None else 0), row
        return self._oldest[1]

    def link(self, link: str) -> str | None:
        """Return the article that a link is known under."""
        found = self.read(key_of(LINK, link), Link)
        return found and found[1].article_id

    def article(self, article_id: str) -> ArticleEntry | None:
        """Return what is known of an article."""
        return self.article_of(key_of(ARTICLE, article_id))

    def article_of(self, key: bytes) -> ArticleEntry | None:
        """Return what is known of the article of this key."""
        found = self.read(key, ArticleEntry)
        if found is None:
            return None
        sees = self.horizon.sees
        entry = found[1]
        entry.contents = [c for c in entry.contents if sees(c.at, c.number)]
        return entry

    def owner(self, exact: str) -> Owner | None:
        """Return who was first seen with these words."""
        found = self.read(key_of(EXACT, exact), Owner)
        return found and found[1]

    def sketch(self, at: int, number: int) -> KeptSketch | None:
        """Return the sketch that a sighting carried, if that still counts."""
        if not self.horizon.sees(at, number):
            return None
        packed = self.pending.get(sketch_key(number))
        return None if packed is None else _sketch_decoder.decode(packed)

    def near_owner(self, key: bytes, number: int) -> tuple[Stamp, Owner] | None:
        """Return the owner of an entry of the near index, if the entry still counts."""
        found = self.read(EXACT + key, Owner)
        if found is None:
            return None
        stamp, owner = found
        if stamp.at < self.now - self.limits.near_ms or owner.near_number != number:
            return None
        return found if self.horizon.sees(owner.sketch_at, owner.sketch_number) else None

    def nearest(
        self, shingles: Shingles, tags: Tags, ahead: Found | None = None
    ) -> tuple[Owner, Comparison] | None:
        """Return the owner with the most similar content and how it compares, if any is near enough; of
        equals the one first seen.  *ahead* is what the near index said of the same tags a while ago.
        """
        best: tuple[float, int] = (self.limits.jaccard, 0)
        found: tuple[Owner, Comparison] | None = None
        size = len(shingles.unique)
        for number, key, other_size in self.near.candidates(tags, ahead):
            # What cannot reach the best so far is not read.
            if jaccard_bound(size, other_size) < best[0]:
                continue
            known = self.near_owner(key, number)
            if known is None:
                continue
            owner = known[1]
            sketch = self.sketch(owner.sketch_at, owner.sketch_number)
            comparison = sketch and compare(shingles, sketch, at_least=best[0])
            if comparison and (found is None or (comparison.jaccard, -number) > best):
                best, found = (comparison.jaccard, -number), (owner, comparison)
        return found

    def _items_at_clock(self) -> set[bytes]:
        keys: set[bytes] = set()
        for number in range(self.number, self.log_tail, -1):
            row = self.pending.get(log_key(number))
            if row is None or at_of(row) != self.clock:
                break
            keys.add(points_of(row)[0])
        return keys

"""Dedupe without Kafka: judge articles in order, and be rebuilt from what was judged.

The state is a fold over the stage's own output.  `Dedupe.judge` decides and applies its decision at once;
`Dedupe.confirm` says that the sighting has left, and only then do the local files hold it.  What was judged and
did not leave is gone with the process: it is judged again, with the same past, hence alike.

What is guaranteed of repetitions: an item (same id, extractor and content) that was judged within the identity
window, and within the last ``max_identities`` sightings, gets the sighting it got, byte for byte, whatever
its verdict was and whatever came between.  A repetition changes nothing: it makes nothing younger.  Beyond the
window an item is judged as if it were new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from schemas.article import Article
from schemas.sighting import Sighting
from streams.dedupe.decision import Decision, sighting_of
from streams.dedupe.fold import fold_into
from streams.dedupe.item import Item, UnjudgeableError, items_of
from streams.dedupe.judge import decide
from streams.dedupe.limits import DedupeLimits
from streams.dedupe.marks import FilesHold, read_held
from streams.dedupe.shown import AHEAD_MS, Appended, SetAside, Shown, shown_of, shown_of_all
from streams.dedupe.state import State
from streams.dedupe.store import MEMORY_MIB, Change, LocalStore, StoreError
from streams.dedupe.times import rfc3339

__all__ = ["FOLDED_AT_ONCE", "Dedupe", "DedupeLimits", "StoreError", "UnjudgeableError"]

FOLDED_AT_ONCE: Final = 256
"""Sightings made out at once."""


class Dedupe:
    """The state and the verdicts of one lane; one object at a time, in one thread."""

    def __init__(
        self,
        limits: DedupeLimits,
        directory: Path | None,
        *,
        memory_mib: int = MEMORY_MIB,
        on_set_aside: Callable[[int, str], None] | None = None,
    ) -> None:
        """Open the local files in *directory*, or none that last; *memory_mib* is what they take of memory.

        Files made under other *limits* or by another version are emptied, so that the topic is folded from
        its start.  *on_set_aside* is told the offset of each record that does not fold, and why.

        Raises:
            StoreError: the files are in use by another process, damaged, or cannot be written.
        """
        self._limits = limits
        self._store = LocalStore(directory, memory_mib)
        self._on_set_aside = on_set_aside
        self._unfolded: list[Appended] = []
        self._set_aside = 0
        self._outrun = False
        self._take_up()

    def _take_up(self) -> None:
        packed = self._store.meta()
        held = read_held(packed, self._limits)
        if held is None and packed is not None:
            self._store.reset()
        held = held or FilesHold(self._limits)
        self._position = held.position
        self._last = held.marks.last
        self._state = State(self._limits, self._store, held.marks)

    @property
    def position(self) -> int:
        """Offset of the sightings topic from which on nothing was folded or confirmed yet."""
        return self._position

    @property
    def last(self) -> bytes:
        """Key of the item whose sighting lies before `position`; empty where none was folded or confirmed."""
        return self._state.pending.last or self._last

    @property
    def outrun(self) -> bool:
        """Whether another worker has written between the sightings of this one; see `confirm`."""
        return self._outrun

    @property
    def known_since(self) -> int:
        """Nothing from before this time (ms since 1970) is in the topic any more; 0 where all is."""
        return self._state.known_since

    @property
    def entries(self) -> int:
        """Articles known."""
        return self._state.articles

    @property
    def owners(self) -> int:
        """Contents in the near index."""
        return len(self._state.near)

    @property
    def set_aside(self) -> int:
        """Records that did not fold, since this object was made."""
        self._fold_all()
        return self._set_aside

    @property
    def near_bytes(self) -> int:
        """Bytes that the near index may take in memory as it is laid out now."""
        return self._state.near.nbytes

    def memory_bytes(self) -> dict[str, int]:
        """Return the bytes of memory that the state has in use now, by part."""
        return {"near_index": self._state.near.bytes_in_use, **self._store.memory_bytes()}

    def judge(self, article: Article, record_at_ms: int) -> Sighting:
        """Judge an article whose record was appended at *record_at_ms* (ms since 1970), and let the decision
        count from now on.

        Raises:
            UnjudgeableError: the article is damaged; nothing was changed.
            StoreError: the local files cannot be read; the object is of no more use.
        """
        (item,) = self.ready([article])
        if isinstance(item, Exception):
            raise item
        return self.judge_item(item, record_at_ms)

    def ready(self, articles: Sequence[Article]) -> list[Item | Exception]:
        """Make articles ready for `judge_item`; for one that cannot be judged, return why.

        It changes nothing.  Many at once take half the time, and what is judged in between counts all the same.
        """
        self._fold_all()
        items = items_of(articles)
        asked = [item for item in items if isinstance(item, Item) and item.tags is not None]
        if asked:
            found = self._state.near.look_up(np.stack([item.tags for item in asked if item.tags is not None]))
            for item, ahead in zip(asked, found, strict=True):
                item.ahead = ahead
        return items

    def judge_item(self, item: Item, record_at_ms: int) -> Sighting:
        """Judge an item that is ready; see `judge`."""
        self._fold_all()
        article, state = item.article, self._state
        state.begin(record_at_ms)
        before = state.read(item.key, Decision)
        if before is not None:
            state.pending.add([], state.marks(item.key))
            return sighting_of(article, before[1], item.extractor)
        decision = decide(item, state)
        sighting = sighting_of(article, decision, item.extractor)
        tags = None if item.tags is None else item.tags.tobytes()
        shown = shown_of(sighting, decision, item.key, shingles=item.shingles, tags=tags)
        state.pending.add(fold_into(state, shown), state.marks(item.key))
        return sighting

    def confirm(self, offset: int) -> bool:
        """Note that the oldest sighting not yet confirmed lies at *offset* of the topic, and tell whether it lies at
        `position`.

        Where it does not, another worker has written in between, and the state does not know what.  From then on
        nothing more is confirmed, so that what follows `position` is folded from the topic next time.

        Raises:
            IndexError: every sighting is confirmed.
            StoreError: the local files cannot be written.
        """
        self._outrun |= offset != self._position
        if self._outrun:
            return False
        self._position = offset + 1
        self._state.pending.confirm(offset + 1)
        return True

    def reach(self, position: int) -> None:
        """Learn that everything before *position* of the topic is folded, also where no record lies before it."""
        self._position = max(self._position, position)

    def fold(self, value: bytes, offset: int, record_at_ms: int) -> None:
        """Take in the sighting at *offset* of the topic, appended there at *record_at_ms*.

        One that is there again, written by a worker that did not know yet that another had taken over, changes
        nothing.  One that cannot be read is set aside: the failure costs a repetition, never an item.

        Raises:
            StoreError: the local files cannot be read or written.
        """
        self._position = offset + 1
        self._unfolded.append(Appended(value, offset, record_at_ms))
        if len(self._unfolded) >= FOLDED_AT_ONCE:
            self._fold_all()

    def _fold_all(self) -> None:
        if self._unfolded:
            unfolded, self._unfolded = self._unfolded, []
            self.fold_shown(shown_of_all(unfolded))

    def fold_shown(self, sightings: Iterable[Shown | SetAside]) -> None:
        """Take in sightings of the topic that are made out already; see `fold`."""
        state = self._state
        for shown in sightings:
            self._position = shown.offset + 1
            if isinstance(shown, SetAside):
                self._put_aside(shown.offset, shown.why)
                continue
            at = shown.decision.at
            # Where the broker's clock went back, what follows is appended before it is judged, but not judged
            # later than what it follows.
            if at > max(shown.appended_ms, state.clock) + AHEAD_MS:
                self._put_aside(shown.offset, f"judged at {rfc3339(at)}, long after it was appended")
                continue
            changes: list[Change] = []
            if at > state.clock or (at == state.clock and shown.item not in state.at_clock):
                state.begin(at)
                changes = fold_into(state, shown)
            state.pending.add(changes, state.marks(shown.item))
            state.pending.confirm(shown.offset + 1)

    def _put_aside(self, offset: int, why: str) -> None:
        self._set_aside += 1
        if self._on_set_aside is not None:
            self._on_set_aside(offset, why)

    def flush(self) -> None:
        """Make everything folded and confirmed durable now, and everything in the near index findable.

        Raises:
            StoreError: the local files cannot be written.
        """
        self._fold_all()
        self._state.near.link()
        self._state.pending.write()
        self._store.flush()

    def know_since(self, at_ms: int) -> None:
        """Learn that the topic holds nothing from before this time (ms since 1970) any more; 0 where it holds all.

        What was judged before then may be known or not, so it counts as not known.
        """
        self._state.known_since = at_ms

    def reset(self) -> None:
        """Forget everything, for when the topic is not the one that the local files were made from."""
        self._unfolded.clear()
        self._outrun = False
        self._store.reset()
        self._take_up()

    def close(self) -> None:
        """Make everything folded and confirmed durable, and let the files go."""
        self._fold_all()
        self._state.pending.write()
        self._store.close()

"""Change the state by one sighting: the same for one just made and for one read back from the topic.

That is what makes a rebuilt state equal to the one that judged.  All that a sighting changes is told by the
sighting itself and by what others within the window said, never by older ones, so that the state is also the
same wherever in the topic folding began, as long as the window lies behind it.
"""

from __future__ import annotations

from typing import Final

from streams.dedupe.entries import (
    ARTICLE,
    EXACT,
    MOST_CONTENTS,
    MOST_SHOWINGS,
    ArticleEntry,
    Content,
    Link,
    Owner,
    Showing,
    Stamp,
    at_of,
    log_key,
    log_row,
    near_key,
    pack,
    points_of,
    sketch_key,
    stamp_of,
)
from streams.dedupe.shown import Shown
from streams.dedupe.state import State
from streams.dedupe.store import Change

__all__ = ["fold_into"]

NEAR_STEPS: Final = 8
LOG_STEPS: Final = 4
"""So many old entries are cleared away with each sighting at most: more than come in, too few to be felt."""


def fold_into(state: State, shown: Shown) -> list[Change]:
    """Apply a sighting to *state*, which has begun at its time; return what is to be written."""
    if state.now > state.clock:
        state.clock = state.now
        state.at_clock.clear()
    state.at_clock.add(shown.item)
    state.number += 1
    fold = _Fold(state, shown, Stamp(state.now, state.number))
    fold.put(shown.item, shown.decision)
    link = Link(shown.decision.article_id)
    for key in shown.links:
        fold.put(key, link)
    fold.clear_near()
    owner = fold.owner()
    fold.article(owner)
    if shown.sketch is not None:
        fold.changes.append(Change(sketch_key(state.number), shown.sketch))
    fold.changes.append(Change(log_key(state.number), log_row(state.now, fold.points)))
    fold.clear_log()
    return fold.changes


class _Fold:
    def __init__(self, state: State, shown: Shown, stamp: Stamp) -> None:
        self.state = state
        self.shown = shown
        self.decision = shown.decision
        self.stamp = stamp
        self.changes: list[Change] = []
        self.points: list[bytes] = []

    def put(self, key: bytes, value: object) -> None:
        """Set a point that this sighting shows."""
        self.points.append(key)
        self.changes.append(Change(key, pack(self.stamp, value)))

    def article(self, owner: Owner | None) -> None:
        """Note the content, and where the article stands."""
        key, decision, standing = self.shown.article, self.decision, self.decision.standing
        entry = self.state.article_of(key)
        if entry is None:
            if not self.state.is_kept(key):
                self.state.articles += 1
            entry = ArticleEntry(0, None, "", 0, [])
        entry.current_number = standing.current_number
        entry.current_revision_id = standing.current_revision_id
        entry.current_at = standing.current_at
        entry.highest_number = standing.highest_number
        before = next((c for c in entry.contents if c.revision_id == decision.revision_id), None)
        others = [c for c in entry.contents if c is not before]
        entry.contents = [*others, self._content(before, owner)][-MOST_CONTENTS:]
        self.put(key, entry)

    def _content(self, before: Content | None, owner: Owner | None) -> Content:
        shown, standing, (at, number) = self.shown, self.decision.standing, self.stamp
        sketched: tuple[int, int] = (0, 0)
        if self.decision.sketched:
            sketched = at, number
        elif owner is not None:
            sketched = owner.sketch_at, owner.sketch_number
        return Content(
            revision_id=self.decision.revision_id,
            revision_number=self.decision.revision_number,
            first_number=standing.first_number,
            first_item_id=standing.first_item_id,
            first_seen_at=standing.first_seen_at,
            at=at,
            number=number,
            showings=self._showings(before),
            title=shown.title,
            publisher=shown.publisher,
            text_basis=shown.text_basis,
            sketch_at=sketched[0],
            sketch_number=sketched[1],
        )

    def _showings(self, before: Content | None) -> list[Showing]:
        shown, (at, number) = self.shown, self.stamp
        showing = Showing(by=shown.by, extractor=shown.extractor, raw=shown.raw, at=at, number=number)
        if before is None:
            return [showing]
        sees = self.state.horizon.sees
        others = [
            s
            for s in before.showings
            if sees(s.at, s.number) and (s.by, s.extractor) != (showing.by, showing.extractor)
        ]
        return [*others, showing][-MOST_SHOWINGS:]

    def owner(self) -> Owner | None:
        """Note whose words these are, if anybody's; return that owner as it is now."""
        shown = self.shown
        key = shown.exact
        if key is None:
            return None
        known = self.state.read(key, Owner)
        said = self._owner_said()
        if known is not None:
            owner = known[1]
            if known[0].at < self.state.now - self.state.limits.near_ms:
                owner.near_number = 0
        elif said is not None:
            owner = said
        elif self.decision.enrich:
            owner = self._owner_made()
        else:
            return None
        if shown.sketch is not None:
            owner.sketch_at, owner.sketch_number = self.stamp
            owner.sketch_size = shown.sketch_size
        if shown.tags is not None and self._is_near_owner(owner, said):
            self._add_near(key, owner, shown.tags)
        self.put(key, owner)
        return owner

    def _owner_said(self) -> Owner | None:
        """Return the owner that the sighting names: all that is known of one whose own sighting is gone."""
        for relation in self.decision.relations:
            if relation.kind == "identical":
                return Owner(
                    article_id=relation.article_id,
                    revision_id=relation.revision_id,
                    item_id=relation.item_id,
                    publisher=relation.publisher,
                    first_seen_at=relation.first_seen_at or self.shown.observed_at,
                )
        return None

    def _owner_made(self) -> Owner:
        return Owner(
            article_id=self.decision.article_id,
            revision_id=self.decision.revision_id,
            item_id=self.shown.item_id,
            publisher=self.shown.publisher,
            first_seen_at=self.shown.observed_at,
        )

    def _is_near_owner(self, owner: Owner, said: Owner | None) -> bool:
        """Tell whether the content enters the near index now: what is new or more than a minor revision,
        and any owner's whose sketch had gone and comes again.
        """
        state, decision = self.state, self.decision
        if not state.horizon.sees(owner.sketch_at, owner.sketch_number):
            return False
        if decision.sketched and said is not None:
            return True
        if owner.near_number > state.near.tail:
            return False
        return decision.verdict == "new" or (
            decision.verdict == "revision" and decision.enrich and "minor" not in decision.flags
        )

    def _add_near(self, key: bytes, owner: Owner, tags: bytes) -> None:
        near = self.state.near
        while len(near) >= self.state.limits.max_near:
            self._drop_oldest()
        row = near.add(tags, key[1:], owner.sketch_size, self.state.now)
        owner.near_number = near.head
        self.changes.append(Change(near_key(near.head), row))

    def _drop_oldest(self) -> None:
        near = self.state.near
        near.tail += 1
        self.changes.append(Change(near_key(near.tail), None))

    def clear_near(self) -> None:
        """Let the oldest entries of the near index go, and put those shown since at its head again."""
        state = self.state
        near, cut = state.near, state.now - state.limits.near_ms
        for _ in range(NEAR_STEPS):
            if not len(near):
                return
            if near.oldest_queued_ms() >= cut:
                return
            key, tags = near.oldest()
            known = state.near_owner(key, near.tail + 1)
            self._drop_oldest()
            if known is not None:
                stamp, owner = known
                self._add_near(EXACT + key, owner, tags)
                self.changes.append(Change(EXACT + key, pack(stamp, owner)))

    def clear_log(self) -> None:
        """Delete what the oldest sightings showed and nobody has shown since."""
        state = self.state
        for _ in range(LOG_STEPS):
            number = state.log_tail + 1
            row = state.oldest_row()
            if row is None:
                return
            # The newest that no longer counts stays, for the time of it is where the window starts.
            if at_of(row) >= state.horizon.at and number >= state.horizon.number:
                return
            for key in points_of(row):
                self._clear_point(key, number)
            self.changes.append(Change(log_key(number), None))
            self.changes.append(Change(sketch_key(number), None))
            state.log_tail = number

    def _clear_point(self, key: bytes, number: int) -> None:
        packed = None if key in self.points else self.state.pending.get(key)
        if packed is None or stamp_of(packed).number > number:
            return
        self.changes.append(Change(key, None))
        if key[:1] == ARTICLE:
            self.state.articles -= 1

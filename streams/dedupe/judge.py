"""The verdict table.

The first row that fits decides.  A repetition is none of its business: an item that was judged is known by
its key, and gets the same again before any row is tried.

=====  ===========================================================  ===============================  ==========
known  content                                                      verdict                          to enrich
=====  ===========================================================  ===============================  ==========
yes    no body, after repeated 404 or 410                           withdrawn                        yes
yes    its latest; or a known one, shown by another source or       unchanged                        no
       with another text basis than the latest was, or fetched
       earlier than that
yes    known, not the latest, fetched later than it, same source    revision, ``reverts_to``         yes
       and text basis
yes    same raw body, or Jaccard ≥ 0.9 with the latest, under       reextracted                      no
       another extractor version
yes    exactly another owner's                                      revision, identical to that      no
yes    anything else                                                revision                         yes [1]_
no     exactly an owner's                                           duplicate                        no
no     near an owner's                                              near_duplicate of the nearest    [2]_
no     none of these                                                new                              yes
=====  ===========================================================  ===============================  ==========

.. [1] But not a live blog's ``minor`` ones.
.. [2] Only if numbers, names or negations differ, or a sentence is not the owner's.

"Its latest" is any content under the current revision number: a text re-extracted has the number of what it
is another reading of.  A withdrawal is the latest content until something is fetched later from the source
that withdrew it.  An item fetched at the very time of the latest is not late: the order of records decides.
A page that is gone and was never known here is ``withdrawn`` as well, flagged ``history_unknown``, since its
readers may know it from before the window.
"""

from __future__ import annotations

from typing import Final, Protocol

from schemas import ids
from schemas.sighting import Relation, Standing
from schemas.vocabulary import RevisionKind, Verdict
from streams.dedupe.compare import Comparison, KeptSketch, Shingles, compare
from streams.dedupe.corrections import new_notice
from streams.dedupe.decision import Decision
from streams.dedupe.entries import ArticleEntry, Content, Horizon, Owner, Showing
from streams.dedupe.item import Item
from streams.dedupe.limits import DedupeLimits
from streams.dedupe.near_index import Found, Tags
from streams.dedupe.relations import EXACTLY, likeness, related
from streams.dedupe.times import micros

__all__ = ["Known", "decide"]

MINOR: Final = 0.95
REEXTRACTED: Final = 0.9
CONFLICT: Final = 0.05
FLAGS: Final = ("late", "minor", "completed", "identity_conflict", "history_unknown", "alias")
"""In the order in which a sighting has them."""


class Known(Protocol):
    """What is known within the window before an item."""

    @property
    def limits(self) -> DedupeLimits:
        """Windows and bounds."""

    @property
    def now(self) -> int:
        """The item's time, ms since 1970."""

    @property
    def horizon(self) -> Horizon:
        """From where on what was shown still counts."""

    @property
    def window_start(self) -> int:
        """Before it nothing is known, ms since 1970."""

    def link(self, link: str) -> str | None:
        """Return the article that a link is known under."""

    def article(self, article_id: str) -> ArticleEntry | None:
        """Return what is known of an article."""

    def owner(self, exact: str) -> Owner | None:
        """Return who was first seen with these words."""

    def sketch(self, at: int, number: int) -> KeptSketch | None:
        """Return the sketch that a sighting carried."""

    def nearest(self, shingles: Shingles, tags: Tags, ahead: Found | None) -> tuple[Owner, Comparison] | None:
        """Return the owner with the most similar content, if any is near enough."""


def decide(item: Item, known: Known) -> Decision:
    """Judge an item that was not judged before."""
    return _Case(item, known).decide()


class _Case:
    def __init__(self, item: Item, known: Known) -> None:
        article = item.article
        self.item = item
        self.known = known
        self.article_id = self._resolve()
        self.revision_id = ids.revision_id(self.article_id, article.content_hash)
        exact = article.fingerprints.exact
        self.owner = known.owner(exact) if exact is not None else None
        self.entry = known.article(self.article_id)
        self.flags: list[str] = []
        self.relations: list[Relation] = []

    def _resolve(self) -> str:
        """Find the article: a link that is known under one stays with it."""
        article = self.item.article
        found = self.known.link(article.link_key)
        if found is None and article.canonical_url is not None:
            found = self.known.link(article.canonical_url)
        return found or article.article_id

    def decide(self) -> Decision:
        entry = self.entry
        if self.owner is not None:
            self.relations.append(related(self.item, self.owner, "identical", EXACTLY))
        if self.item.article.gone:
            return self._withdrawn(entry)
        if entry is None or not entry.highest_number:
            return self._unknown()
        content = next((c for c in entry.contents if c.revision_id == self.revision_id), None)
        if content is not None:
            return self._seen_before(entry, content)
        same = self._reextracted_from(entry)
        if same is not None:
            return self._reextracted(entry, same)
        return self._revision(entry)

    # Rows for an article that is known.

    def _withdrawn(self, entry: ArticleEntry | None) -> Decision:
        if entry is None or not entry.highest_number:
            self.flags.append("history_unknown")
        late = self._is_late(entry)
        if late:
            self.flags.append("late")
        before = self._content(entry, self.revision_id)
        return self._decision(
            verdict="withdrawn",
            enrich=True,
            kind="withdrawn",
            number=0,
            standing=self._standing(entry, number=0, current=not late, first=before),
        )

    def _seen_before(self, entry: ArticleEntry, content: Content) -> Decision:
        if self._reverts(entry, content):
            number = entry.highest_number + 1
            return self._decision(
                verdict="revision",
                enrich=True,
                kind=self._kind(self._latest(entry)),
                number=number,
                reverts_to=content.first_number,
                standing=self._standing(entry, number=number, current=True, first=content),
            )
        current = content.revision_number == entry.current_number and not self._is_late(entry)
        number = content.revision_number
        return self._decision(
            verdict="unchanged",
            enrich=False,
            kind=None,
            number=number,
            standing=self._standing(entry, number=number, current=current, first=content),
        )

    def _reverts(self, entry: ArticleEntry, content: Content) -> bool:
        if content.revision_number == entry.current_number or self._is_late(entry):
            return False
        by = self.item.by if entry.current_number else self.item.source
        sees = self.known.horizon.sees
        return any(
            showing.by == by and sees(showing.at, showing.number)
            for latest in entry.contents
            if latest.revision_number == entry.current_number
            for showing in latest.showings
        )

    def _reextracted_from(self, entry: ArticleEntry) -> Content | None:
        """Return the content that this is another reading of."""
        item = self.item
        for content in reversed(entry.contents):
            if content.revision_number and any(
                s.raw == item.raw and s.extractor != item.extractor for s in self._showings(content)
            ):
                return content
        latest = self._latest(entry)
        if latest is None:
            return None
        extractors = {s.extractor for s in self._showings(latest)}
        name = f"{item.article.extractor.name}/"
        if item.extractor in extractors or not any(e.startswith(name) for e in extractors):
            return None
        comparison = self._compared(latest)
        return latest if comparison is not None and comparison.jaccard >= REEXTRACTED else None

    def _reextracted(self, entry: ArticleEntry, same: Content) -> Decision:
        self._relate(same, self._compared(same))
        number = same.revision_number
        current = number == entry.current_number and not self._is_late(entry)
        return self._decision(
            verdict="reextracted",
            enrich=False,
            kind="reextracted",
            number=number,
            standing=self._standing(entry, number=number, current=current, first=None),
        )

    def _revision(self, entry: ArticleEntry) -> Decision:
        article = self.item.article
        latest = self._latest(entry)
        comparison = self._compared(latest)
        completed = (
            latest is not None
            and latest.text_basis == "feed_summary"
            and article.text_basis != "feed_summary"
        )
        late = self._is_late(entry)
        minor = _is_minor(comparison)
        # A teaser may well share no three words with its page, and be headed otherwise.
        conflict = (
            comparison is not None
            and comparison.jaccard < CONFLICT
            and not completed
            and latest is not None
            and bool(latest.title and self.item.title)
            and latest.title != self.item.title
        )
        flags = {"late": late, "minor": minor, "completed": completed, "identity_conflict": conflict}
        self.flags += [flag for flag, holds in flags.items() if holds]
        if latest is not None:
            self._relate(latest, comparison)
        copied = self.owner is not None and self.owner.article_id != self.article_id
        number = entry.highest_number + 1
        return self._decision(
            verdict="revision",
            enrich=not copied and not (minor and article.form == "live_blog"),
            kind="completed" if completed else self._kind(latest),
            number=number,
            standing=self._standing(entry, number=number, current=not late, first=None),
        )

    # Rows for one that is not.

    def _unknown(self) -> Decision:
        item, known = self.item, self.known
        verdict: Verdict = "new"
        enrich = True
        if self.owner is not None:
            verdict, enrich = "duplicate", False
        elif item.shingles is not None and item.tags is not None:
            near = known.nearest(item.shingles, item.tags, item.ahead)
            if near is not None:
                owner, comparison = near
                self.relations.append(related(item, owner, "near_copy", comparison))
                verdict = "near_duplicate"
                enrich = not comparison.same_facts or bool(comparison.unmatched_sentences)
        start = known.window_start * 1000
        if (
            item.fetched < start
            or (item.published is not None and item.published < start)
            or any(relation.article_id == self.article_id for relation in self.relations)
        ):
            self.flags.append("history_unknown")
        late = self._is_late(self.entry)
        if late:
            self.flags.append("late")
        return self._decision(
            verdict=verdict,
            enrich=enrich,
            kind="first",
            number=1,
            standing=self._standing(self.entry, number=1, current=not late, first=None),
        )

    # What the rows share.

    def _is_late(self, entry: ArticleEntry | None) -> bool:
        return entry is not None and self.item.fetched < micros(entry.current_at)

    def _content(self, entry: ArticleEntry | None, revision_id: str | None) -> Content | None:
        contents = entry.contents if entry is not None else []
        return next((c for c in contents if c.revision_id == revision_id), None)

    def _latest(self, entry: ArticleEntry) -> Content | None:
        """Return the newest content, also of one that is withdrawn."""
        return self._content(entry, entry.current_revision_id)

    def _showings(self, content: Content) -> list[Showing]:
        sees = self.known.horizon.sees
        return [s for s in content.showings if sees(s.at, s.number)]

    def _sketch(self, content: Content | None) -> KeptSketch | None:
        return None if content is None else self.known.sketch(content.sketch_at, content.sketch_number)

    def _compared(self, content: Content | None) -> Comparison | None:
        sketch = self._sketch(content)
        if sketch is None or self.item.shingles is None:
            return None
        return compare(self.item.shingles, sketch)

    def _kind(self, latest: Content | None) -> RevisionKind:
        """Tell what kind of change it is from the latest content."""
        if new_notice(self.item.article, self._sketch(latest)):
            return "correction"
        return "minor" if _is_minor(self._compared(latest)) else "substantive"

    def _relate(self, content: Content, comparison: Comparison | None) -> None:
        """Relate the item to a content of its own article, where they are alike."""
        kind = None if comparison is None else likeness(comparison, self.known.limits.jaccard)
        related_to = {relation.revision_id for relation in self.relations}
        if comparison is None or kind is None or content.revision_id in related_to:
            return
        seen = Owner(
            article_id=self.article_id,
            revision_id=content.revision_id,
            item_id=content.first_item_id,
            publisher=content.publisher,
            first_seen_at=content.first_seen_at,
        )
        self.relations.append(related(self.item, seen, kind, comparison))

    def _standing(
        self, entry: ArticleEntry | None, *, number: int, current: bool, first: Content | None
    ) -> Standing:
        """Say where the article stands after this item, which shows its *current* content or not.

        *first* is the content as it was known before, null where it is first shown now.
        """
        article = self.item.article
        revision_id: str | None = self.revision_id
        current_number, current_at = number, article.fetched_at
        if entry is not None and not current:
            current_number, current_at = entry.current_number, entry.current_at
        if entry is not None and not (current and number):
            revision_id = entry.current_revision_id
        elif not number:
            revision_id = None
        return Standing(
            current_number=current_number,
            current_revision_id=revision_id,
            current_at=current_at,
            highest_number=max(number, entry.highest_number if entry is not None else 0),
            url_is_link=self._url_is_link(),
            first_number=number if first is None else first.first_number,
            first_item_id=article.item_id if first is None else first.first_item_id,
            first_seen_at=article.fetched_at if first is None else first.first_seen_at,
        )

    def _sketch_is_known(self) -> bool:
        """Tell whether the content is exactly an owner's whose sketch will outlast its entry in the near index.

        One that is copied for ever has its sketch carried anew before the first is beyond the window.
        """
        owner, known = self.owner, self.known
        if owner is None or not known.horizon.sees(owner.sketch_at, owner.sketch_number):
            return False
        return owner.sketch_at >= known.horizon.at + known.limits.near_ms

    def _url_is_link(self) -> bool:
        """Tell whether the canonical URL leads to the article: not where it is known under another one, nor
        where the link shows something else than before, for then the link is what cannot be trusted.
        """
        url = self.item.article.canonical_url
        if url is None or "identity_conflict" in self.flags:
            return False
        return self.known.link(url) in {None, self.article_id}

    def _decision(
        self,
        *,
        verdict: Verdict,
        enrich: bool,
        kind: RevisionKind | None,
        number: int,
        standing: Standing,
        reverts_to: int | None = None,
    ) -> Decision:
        item, known = self.item, self.known
        if self.article_id != item.article.article_id:
            self.flags.append("alias")
        return Decision(
            article_id=self.article_id,
            revision_id=self.revision_id,
            revision_number=number,
            previous_revision_id=self.entry.current_revision_id if self.entry is not None else None,
            revision_kind=kind,
            reverts_to=reverts_to,
            flags=sorted(self.flags, key=FLAGS.index),
            at=known.now,
            verdict=verdict,
            enrich=enrich,
            relations=self.relations,
            window_start=known.window_start,
            sketched=item.article.fingerprints.sketch is not None and not self._sketch_is_known(),
            standing=standing,
        )


def _is_minor(comparison: Comparison | None) -> bool:
    return comparison is not None and comparison.jaccard >= MINOR and comparison.same_facts

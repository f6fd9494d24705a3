"""The fold over sightings: one verdict for each item, one owner for each exact text.

About 110 bytes for each sighting, and 55 more for each exact text that went to enrichment.
"""

from __future__ import annotations

from array import array
from datetime import datetime
from typing import Final

import msgspec

from newswire.ledger.items import ASKED, Items, Seen, event_id
from newswire.ledger.packed import PackedIds, digest32, digest64, packed
from schemas.ids import sighting_event_id
from schemas.vocabulary import CLOSED_LISTS
from streams.engine.records import Record

__all__ = ["Judgements"]

_VERDICTS: Final = (*CLOSED_LISTS["Verdict"], "other")
_OTHER: Final = len(_VERDICTS) - 1


class _Prints(msgspec.Struct, frozen=True):
    exact: str | None = None


class _SightingHead(msgspec.Struct):
    item_id: str
    article_id: str
    revision_id: str
    revision_number: int
    verdict: str
    enrich: bool
    extractor: str
    judged_record_at: str
    window_start: str
    lane: str = "live"
    reverts_to: int | None = None
    fingerprints: _Prints = _Prints()


_sightings: Final = msgspec.json.Decoder(_SightingHead)


class Judgements:
    """All sightings, told apart by their event ids: by item and extractor."""

    def __init__(self, items: Items) -> None:
        self._items = items
        self._ids = PackedIds()
        self._rows = array("I")
        self._values = array("I")
        self._decided = array("Q")
        self._verdicts = array("B")
        self._asked = array("B")
        self._judged_s = array("I")
        self._revisions = array("I")
        self.revision_ids = PackedIds()
        self._first = array("I")
        self._more: dict[int, list[int]] = {}
        self._owners = _Owners()
        self.seen = Seen()

    def take(self, record: Record) -> None:
        """Take a record of news.sightings, in the order of the topic."""
        findings = self._items.findings
        try:
            event = _sightings.decode(record.value or b"")
            judged, window = _seconds(event.judged_record_at), _seconds(event.window_start)
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
            findings.add("undecodable", event_id(record), str(error), record)
            return
        self.seen.records += 1
        expected = sighting_event_id(event.item_id, event.extractor)
        if event_id(record) != expected:
            findings.add("wrong_event_id", event.item_id, f"{event_id(record)}, not {expected}", record)
        if record.key != event.article_id.encode("utf-8", "replace"):
            findings.add("wrong_key", event.item_id, f"the key is {record.key!r:.60}", record)
        decided = digest64(
            msgspec.json.encode(
                [
                    event.verdict,
                    event.enrich,
                    event.article_id,
                    event.revision_id,
                    event.revision_number,
                    event.reverts_to,
                ]
            )
        )
        value = digest32(record.value or b"")
        number = self._ids.add(packed(expected))
        if number < len(self._rows):
            self.seen.redelivered += 1
            if decided != self._decided[number]:
                before = _VERDICTS[self._verdicts[number]]
                detail = f"{before}, then {event.verdict} of revision {event.revision_number}"
                findings.add("two_verdicts", event.item_id, detail, record)
            elif value != self._values[number]:
                findings.add("event_differs", event.item_id, "a sighting", record)
            return
        row = self._items.row(event.item_id)
        self._rows.append(row)
        self._values.append(value)
        self._decided.append(decided)
        self._verdicts.append(_VERDICTS.index(event.verdict) if event.verdict in _VERDICTS else _OTHER)
        self._asked.append(event.enrich)
        self._judged_s.append(judged)
        self._revisions.append(self.revision_ids.add(packed(event.revision_id)))
        self._assign(row, number)
        if event.enrich:
            self._items.flags[row] |= ASKED
            self._own(event, row, judged, window, record)

    def _assign(self, row: int, number: int) -> None:
        while len(self._first) <= row:
            self._first.append(0)
        if self._first[row]:
            self._more.setdefault(row, []).append(number)
        else:
            self._first[row] = number + 1

    def _own(self, event: _SightingHead, row: int, judged: int, window: int, record: Record) -> None:
        exact = event.fingerprints.exact
        # What comes back to an earlier text of its own takes it from nobody.
        if exact is None or event.reverts_to is not None:
            return
        words = f"{event.lane} {exact}"
        other = self._owners.claim(words, event.article_id, row=row, judged=judged, window=window)
        if other is not None:
            detail = f"the same words as item {self._items.name(other)}, of another article"
            self._items.findings.add("two_owners", event.item_id, detail, record)

    def of(self, row: int) -> list[int]:
        """Return the numbers of an item's judgements: one for each extractor that read it."""
        if row >= len(self._first) or not self._first[row]:
            return []
        return [self._first[row] - 1, *self._more.get(row, ())]

    def verdict(self, number: int) -> str:
        """Return a judgement's verdict."""
        return _VERDICTS[self._verdicts[number]]

    def outcome(self, number: int) -> str:
        """Return the outcome that a judgement leads to, where nothing fails."""
        return "enriched" if self._asked[number] else self.verdict(number)

    def asked(self, row: int, revision_id: str) -> bool:
        """Tell whether a verdict on the item sent this revision to enrichment."""
        revision = self.revision_ids.find(packed(revision_id))
        return any(self._asked[n] and self._revisions[n] == revision for n in self.of(row))

    def asked_for(self, row: int) -> list[tuple[int, int]]:
        """Return what was to be enriched of an item: the revision's number, and when it was judged (s)."""
        return [(self._revisions[n], self._judged_s[n]) for n in self.of(row) if self._asked[n]]

    @property
    def judged_again(self) -> int:
        """How many items were judged as more than one extractor read them."""
        return len(self._more)


class _Owners:
    """Which article's content went to enrichment first with these exact words, in each lane."""

    def __init__(self) -> None:
        self._ids = PackedIds()
        self._articles = array("Q")
        self._rows = array("I")
        self._judged_s = array("I")

    def claim(self, words: str, article_id: str, *, row: int, judged: int, window: int) -> int | None:
        """Make an article the owner of a text; return the item of another one that within the window is.

        *words* are a lane and the hash of a text, *judged* is when (s since 1970).  Nothing is known before
        *window*, the sighting says: so an owner whom dedupe has forgotten, by age or by number, is none.
        """
        article = digest64(article_id.encode())
        number = self._ids.add(packed(words))
        if number == len(self._rows):
            self._articles.append(article)
            self._rows.append(row)
            self._judged_s.append(judged)
            return None
        other = None
        if self._articles[number] != article and self._judged_s[number] > window:
            other = self._rows[number]
        self._articles[number], self._rows[number], self._judged_s[number] = article, row, judged
        return other


def _seconds(moment: str) -> int:
    """Return whole seconds since 1970 of an RFC 3339 moment; a ValueError where it is none."""
    return max(0, int(datetime.fromisoformat(moment).timestamp()))

"""The fold over items: what came in, how each ended, and what the audit holds of that.

One row for each item in packed columns, about 45 bytes, so that ten million items take half a gigabyte.
"""

from __future__ import annotations

from array import array
from typing import Final

import msgspec

from newswire.ledger.findings import Findings
from newswire.ledger.packed import PackedIds, packed, unpacked
from schemas.dead_letter import read_headers
from schemas.ids import outcome_event_id
from schemas.outcome import Hop
from schemas.vocabulary import Lane
from schemas.wire import header, read_progress
from streams.engine.endings import facts_of_bytes
from streams.engine.records import Partition, Record

__all__ = [
    "ASKED",
    "BACKFILL",
    "ENRICHED",
    "IN_RAW",
    "NAMES_RAW",
    "OVERDUE",
    "SYNTHETIC",
    "Ending",
    "Items",
    "Seen",
    "event_id",
]

LONGEST_ID: Final = 100
IN_RAW: Final = 1
BACKFILL: Final = 2
SYNTHETIC: Final = 4
UNDER_WAY: Final = 8
NAMES_RAW: Final = 16
"""An outcome says that the item lies in a part of news.raw that was read."""
ASKED: Final = 32
"""A verdict said that it is to be enriched."""
ENRICHED: Final = 64
OVERDUE: Final = 128
"""It came so long ago that it should have ended."""
MOST_ATTEMPTS: Final = 255


class Ending(msgspec.Struct, frozen=True):
    """How an attempt at an item ended."""

    outcome: str
    reason: str | None
    stage: str

    def __str__(self) -> str:
        return f"{self.outcome}({self.reason})" if self.reason else self.outcome


class Seen(msgspec.Struct):
    """Records of one kind: how many were read, and how many of them brought nothing new."""

    records: int = 0
    redelivered: int = 0


class _OutcomeHead(msgspec.Struct):
    item_id: str
    outcome: str
    stage: str
    reason: str | None = None
    attempt: int = 1
    hops: list[Hop] = []


_outcomes: Final = msgspec.json.Decoder(_OutcomeHead)


class Items:
    """All items that any record named, with what is known of each."""

    def __init__(self, findings: Findings, overdue_before_ms: int | None = None) -> None:
        """Begin with none; what came before *overdue_before_ms*, milliseconds since 1970, should have ended."""
        self.findings = findings
        self._overdue_before_ms = overdue_before_ms
        self.raw_read: dict[Partition, tuple[int, int]] = {}
        """Which offsets of the raw topics were read, the last excluded; to be set before outcomes are taken."""
        self._ids = PackedIds()
        self._names: dict[int, str] = {}
        self.flags = array("B")
        self.attempts = array("B")
        self.endings = array("I")
        self.letters = array("B")
        self._ending_list: list[Ending] = []
        self._ending_numbers: dict[Ending, int] = {}
        self._other_endings: dict[int, set[int]] = {}
        self.raw = Seen()
        self.outcomes = Seen()
        self.dead_letters = Seen()
        self.requeues = 0

    def __len__(self) -> int:
        return len(self._ids)

    def row(self, item_id: str) -> int:
        """Return the row of an item, a new one where nothing named it before."""
        key = packed(item_id)
        row = self._ids.add(key)
        if row == len(self.flags):
            self.flags.append(0)
            self.attempts.append(0)
            self.endings.append(0)
            self.letters.append(0)
            if unpacked(key) != item_id:
                self._names[row] = item_id[:LONGEST_ID]
        return row

    def name(self, row: int) -> str:
        """Return an item's id."""
        return self._names.get(row) or unpacked(self._ids[row])

    def settled(self, row: int) -> bool:
        """Tell whether every stage is done with an item that was read."""
        return self.flags[row] & (IN_RAW | UNDER_WAY) == IN_RAW

    def ending(self, row: int) -> Ending | None:
        """Return how the latest attempt at an item ended."""
        return self._ending_list[self.endings[row]] if self.attempts[row] else None

    def endings_of(self, row: int) -> list[Ending]:
        """Return every ending that the latest attempt was given: more than one where something is wrong."""
        if not self.attempts[row]:
            return []
        numbers = self._other_endings.get(row) or {self.endings[row]}
        return [self._ending_list[number] for number in sorted(numbers)]

    # -- records -----------------------------------------------------------------------------------------

    def take_raw(self, record: Record, lane: Lane) -> None:
        """Take a record of news.raw."""
        facts = facts_of_bytes(record.value)
        row = self.row(facts.item_id)
        self.raw.records += 1
        if read_progress(record.headers).attempt > 1:
            self.requeues += 1
        elif self.flags[row] & IN_RAW:
            self.raw.redelivered += 1
        self.flags[row] |= IN_RAW
        if lane == "backfill":
            self.flags[row] |= BACKFILL
        if facts.synthetic:
            self.flags[row] |= SYNTHETIC
        if self._overdue_before_ms is not None and record.timestamp_ms < self._overdue_before_ms:
            self.flags[row] |= OVERDUE

    def take_under_way(self, record: Record) -> None:
        """Take a record of a stage's input that the stage has not acknowledged."""
        self.flags[self.row(facts_of_bytes(record.value).item_id)] |= UNDER_WAY

    def take_outcome(self, record: Record) -> None:
        """Take a record of news.outcomes."""
        try:
            event = _outcomes.decode(record.value or b"")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self.findings.add("undecodable", event_id(record), str(error), record)
            return
        self.outcomes.records += 1
        if record.key != event.item_id.encode("utf-8", "replace"):
            self.findings.add("wrong_key", event.item_id, f"the key is {record.key!r:.60}", record)
        expected = outcome_event_id(event.item_id, event.attempt)
        if event_id(record) != expected:
            self.findings.add("wrong_event_id", event.item_id, f"{event_id(record)}, not {expected}", record)
        row = self.row(event.item_id)
        if self._lies_in_what_was_read(event.hops):
            self.flags[row] |= NAMES_RAW
        ending = self._number(Ending(event.outcome, event.reason, event.stage))
        attempt = min(event.attempt, MOST_ATTEMPTS)
        if attempt > self.attempts[row]:
            self.attempts[row], self.endings[row] = attempt, ending
            self._other_endings.pop(row, None)
        elif attempt == self.attempts[row]:
            self.outcomes.redelivered += 1
            if ending != self.endings[row]:
                self._other_endings.setdefault(row, {self.endings[row]}).add(ending)

    def take_dead_letter(self, record: Record) -> None:
        """Take a record of news.dead-letter."""
        self.dead_letters.records += 1
        try:
            headers = read_headers(list(record.headers))
        except msgspec.ValidationError as error:
            self.findings.add("undecodable", event_id(record), str(error), record)
            return
        row = self.row(headers.item_id)
        attempt = min(headers.attempt, MOST_ATTEMPTS)
        if attempt == self.letters[row]:
            self.dead_letters.redelivered += 1
        self.letters[row] = max(self.letters[row], attempt)

    def _lies_in_what_was_read(self, hops: list[Hop]) -> bool:
        first = hops[0] if hops else None
        if first is None:
            return False
        begin, end = self.raw_read.get((first.topic, first.partition), (0, 0))
        return begin <= first.offset < end

    def _number(self, ending: Ending) -> int:
        number = self._ending_numbers.get(ending)
        if number is None:
            number = self._ending_numbers[ending] = len(self._ending_list)
            self._ending_list.append(ending)
        return number


def event_id(record: Record) -> str:
    """Return the id that a record's headers give its event; empty where there is none."""
    return (header(record.headers, "ce_id") or b"").decode("utf-8", "replace")

"""Find the items that somebody means: by any id of theirs, by a link, or by where a record lies.

Outcomes come first: by the key's partition alone where the id is an item's, else by one pass over them.
Only what no outcome names is looked for in the other topics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from newswire.ledger.events import event_of
from newswire.ledger.groups import LANES
from newswire.ledger.items import event_id
from newswire.ledger.places import Place
from newswire.ledger.reader import TopicReader
from schemas import ids
from schemas.claim import Claim
from schemas.entity import Entity
from schemas.links import canonical_link
from schemas.outcome import Outcome
from schemas.topics import ARTICLE, CLAIMS, ENRICHED, ENTITIES, OUTCOMES, RAW, SIGHTINGS, UNIQUE
from streams.engine.endings import facts_of_bytes
from streams.engine.records import Record

__all__ = ["Finder", "Found", "NotALink"]

_ELSEWHERE: Final = (
    CLAIMS.name,
    ENTITIES.name,
    *(topic.of(lane) for lane in LANES for topic in (SIGHTINGS, UNIQUE, ARTICLE)),
    ENRICHED.name,
    *(RAW.of(lane) for lane in LANES),
)
"""Where an id is looked for that no outcome names, from small to large."""


class NotALink(ValueError):
    """A link that identifies nothing.  The message is one line."""


class Found(msgspec.Struct):
    """What was found of the items meant."""

    outcomes: dict[str, dict[int, tuple[Record, Outcome]]] = {}
    """By item and attempt."""
    records: dict[str, list[Record]] = {}
    """Records of items that have no outcome, by item."""

    def take(self, record: Record, outcome: Outcome) -> None:
        """Note an outcome; of one attempt the last record counts."""
        self.outcomes.setdefault(outcome.item_id, {})[outcome.attempt] = (record, outcome)


class Finder:
    """Looks for items."""

    def __init__(self, reader: TopicReader, say: Callable[[str], None]) -> None:
        """*say* is told, in a few words, what takes its time."""
        self._reader = reader
        self._say = say

    def find(self, target: str) -> Found:
        """Find the items that *target* means.

        It is an id (of an item, article, revision, claim, entity, enrichment or event), a link, or the
        coordinates of a record.

        Raises:
            NotALink: it looks like a link and is none.
            MissingTopic: a topic does not exist.
        """
        place = Place.parse(target)
        if place is not None:
            return self._at(place)
        if "://" in target:
            return self._by_link(target)
        found = self._by_key(target)
        if not found.outcomes:
            found = self._by_outcomes({target})
        return found if found.outcomes else self._elsewhere(target)

    # -- by what is known ------------------------------------------------------------------------------------

    def _at(self, place: Place) -> Found:
        record = self._reader.one(place)
        return Found() if record is None else self._of_records([record])

    def _by_link(self, link: str) -> Found:
        canonical = canonical_link(link)
        if canonical is None:
            raise NotALink(f"{link!r} is no link that an article could have")
        key = canonical.encode()
        records = []
        for lane in LANES:
            own = self._reader.of_key(RAW.of(lane), canonical)
            # What came before the topic was given more partitions may lie in another one.
            others = [each for each in self._reader.partitions(RAW.of(lane)) if each != own]
            records += self._with_key([own], key) or self._with_key(others, key)
        found = self._of_records(records)
        # A page's own canonical link may lead here from another key.
        for id, attempts in self._by_outcomes({ids.article_id(canonical, "", "")}).outcomes.items():
            found.outcomes.setdefault(id, attempts)
        return found

    def _with_key(self, partitions: list[tuple[str, int]], key: bytes) -> list[Record]:
        return [record for record in self._whole(partitions) if record.key == key]

    def _by_key(self, item_id: str) -> Found:
        found = Found()
        key = item_id.encode("utf-8", "replace")
        for record in self._whole([self._reader.of_key(OUTCOMES.name, item_id)]):
            event = event_of(record) if record.key == key else None
            if isinstance(event, Outcome):
                found.take(record, event)
        return found

    def _by_outcomes(self, wanted: set[str]) -> Found:
        """Find outcomes by any of their ids."""
        self._say(f"looking through {OUTCOMES.name}")
        found = Found()
        needles = [id.encode("utf-8", "replace") for id in wanted]
        for record in self._whole(self._reader.partitions(OUTCOMES.name)):
            if event_id(record) not in wanted and not any(each in (record.value or b"") for each in needles):
                continue
            event = event_of(record)
            if isinstance(event, Outcome) and wanted & {
                event.item_id,
                event.article_id or "",
                event.revision_id or "",
                event_id(record),
            }:
                found.take(record, event)
        return found

    # -- by what must be looked for ------------------------------------------------------------------------

    def _elsewhere(self, id: str) -> Found:
        needle = id.encode("utf-8", "replace")
        for topic in _ELSEWHERE:
            self._say(f"looking through {topic}")
            records = [
                record
                for record in self._whole(self._reader.partitions(topic))
                if event_id(record) == id or needle in (record.value or b"")
            ]
            # A sighting names other items as well, those that it is compared with.
            own = [record for record in records if facts_of_bytes(record.value).item_id == id]
            if records:
                return self._of_records(own or records)
        return Found()

    def _of_records(self, records: Iterable[Record]) -> Found:
        """Find the items that records are of, and what else there is of those that have no outcome."""
        items: dict[str, list[Record]] = {}
        revisions: set[str] = set()
        for record in records:
            event = event_of(record)
            if isinstance(event, Claim | Entity):
                revisions.add(event.revision_id)
            else:
                items.setdefault(facts_of_bytes(record.value).item_id, []).append(record)
        found = self._by_outcomes(revisions) if revisions else Found()
        for item_id, own in items.items():
            attempts = self._by_key(item_id).outcomes.get(item_id)
            if attempts:
                found.outcomes[item_id] = attempts
            else:
                found.records[item_id] = own
        return found

    def whole_way(self, item_id: str, known: Iterable[Record]) -> list[Record]:
        """Return the records of an item that is under way: those known, and those in the stages' inputs."""
        records = {Place.of(record): record for record in known}
        needle = item_id.encode("utf-8", "replace")
        for topic in (topic.of(lane) for lane in LANES for topic in (ARTICLE, UNIQUE)):
            self._say(f"looking through {topic}")
            for record in self._whole(self._reader.partitions(topic)):
                if needle in (record.value or b"") and facts_of_bytes(record.value).item_id == item_id:
                    records[Place.of(record)] = record
        return sorted(records.values(), key=lambda record: record.timestamp_ms)

    def _whole(self, partitions: list[tuple[str, int]]) -> Iterator[Record]:
        return self._reader.read(self._reader.begins(partitions), self._reader.ends(partitions))

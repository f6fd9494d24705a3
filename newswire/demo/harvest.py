"""Everything that the pipeline wrote since a moment, read back from its topics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from newswire.ledger.reader import Offsets, TopicReader
from schemas import topics
from schemas.base import Event
from schemas.dead_letter import DeadLetterHeaders, read_headers
from schemas.enriched import EnrichedArticle
from schemas.outcome import Outcome
from schemas.raw_item import RawItem
from schemas.sighting import Sighting
from schemas.topics import Topic
from schemas.vocabulary import Lane
from schemas.wire import DecodeError, decode
from streams.engine.records import Record

__all__ = ["DeadLetter", "Harvest", "Harvester"]

E = TypeVar("E", bound=Event)


class DeadLetter(msgspec.Struct, frozen=True):
    """A dead letter: why, and where it lies."""

    headers: DeadLetterHeaders
    partition: int
    offset: int


class Harvest(msgspec.Struct):
    """What lies in the topics, each in the order of reading."""

    raw: list[RawItem] = []
    outcomes: dict[str, Outcome] = {}
    """By item; of several attempts the latest."""
    sightings: list[Sighting] = []
    enriched: list[EnrichedArticle] = []
    dead_letters: list[DeadLetter] = []


class Harvester:
    """Reads on from where the topics of a lane ended when it was made."""

    def __init__(self, reader: TopicReader, lane: Lane) -> None:
        """Note the ends.

        Raises:
            MissingTopic: a topic is not there.
            KafkaError: no broker answers.
        """
        self._reader = reader
        self._at: dict[Topic, Offsets] = {}
        self._lane = lane
        self.harvest = Harvest()
        self._ids: set[str] = set()
        for topic in (topics.RAW, topics.OUTCOMES, topics.SIGHTINGS, topics.ENRICHED, topics.DEAD_LETTER):
            self._at[topic] = reader.ends(reader.partitions(topic.of(lane)))

    def read_items(self) -> None:
        """Take what is new of the raw items, and of the dead letters: outcomes and events are taken of these items
        alone, and of what no connector could read.
        """
        self.harvest.raw += _decoded(self._new(topics.RAW), RawItem)
        self._ids = {item.item_id for item in self.harvest.raw}
        self._read_dead_letters()

    def read_outcomes(self) -> None:
        """Take what is new of the outcomes, those of connectors' dead letters among them."""
        for outcome in _decoded(self._new(topics.OUTCOMES), Outcome):
            if outcome.item_id not in self._ids and outcome.stage != "connect":
                continue
            before = self.harvest.outcomes.get(outcome.item_id)
            if before is None or outcome.attempt >= before.attempt:
                self.harvest.outcomes[outcome.item_id] = outcome

    def read_events(self) -> None:
        """Take what is new of all that the stages made.  What is delivered twice is taken once."""
        harvest = self.harvest
        sightings = {each.item_id: each for each in harvest.sightings}
        sightings |= {each.item_id: each for each in _decoded(self._new(topics.SIGHTINGS), Sighting)}
        harvest.sightings = [each for each in sightings.values() if each.item_id in self._ids]
        enriched = {each.item_id: each for each in harvest.enriched}
        enriched |= {each.item_id: each for each in _decoded(self._new(topics.ENRICHED), EnrichedArticle)}
        harvest.enriched = [each for each in enriched.values() if each.item_id in self._ids]
        self._read_dead_letters()

    def names(self) -> dict[str, str]:
        """Return what the items are called, by id, each once, however often it was read: those read, and those that
        a connector could not read.
        """
        unread = (each.headers for each in self.harvest.dead_letters if each.headers.stage == "connect")
        return {item.item_id: item.title or item.native_id for item in self.harvest.raw} | {
            headers.item_id: headers.exception_message for headers in unread
        }

    def missing(self) -> dict[str, str]:
        """Return the names of the items, by id, that have no outcome."""
        return {id: name for id, name in self.names().items() if id not in self.harvest.outcomes}

    def _read_dead_letters(self) -> None:
        self.harvest.dead_letters += (
            DeadLetter(read_headers(list(record.headers)), record.partition, record.offset)
            for record in self._new(topics.DEAD_LETTER)
        )

    def _new(self, topic: Topic) -> list[Record]:
        starts = self._at[topic]
        ends = self._reader.ends(starts)
        records = list(self._reader.read(starts, ends))
        self._at[topic] = ends
        return records


def _decoded(records: Iterable[Record], event_type: type[E]) -> Iterator[E]:
    """Decode what can be decoded: what cannot is the audit's to tell."""
    for record in records:
        try:
            yield decode(record.value, event_type)
        except DecodeError:
            continue

"""The stages' consumer groups: how far each has come, and which records it has still before it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from time import monotonic, sleep
from typing import Any, Final, TypeVar

import msgspec
from kafka import KafkaAdminClient
from kafka.errors import GroupIdNotFoundError, RetriableError

from newswire.ledger.connected import connected
from newswire.ledger.reader import ANSWER_S, Offsets, TopicReader
from newswire.settings import Settings
from newswire.settings.clients import kafka_python_options
from schemas.topics import ARTICLE, RAW, UNIQUE, Topic
from schemas.vocabulary import Lane, StageName
from streams.engine.groups import group_of
from streams.engine.records import Partition, Record

__all__ = ["LANES", "STAGES", "Flow", "Groups", "flows", "opened"]

LANES: Final[tuple[Lane, ...]] = ("live", "backfill")
STAGES: Final[tuple[tuple[StageName, Topic], ...]] = (
    ("normalize", RAW),
    ("dedupe", ARTICLE),
    ("enrich", UNIQUE),
)
"""Each stage and what it reads, in the order of the way."""
PAUSE_S: Final = 0.25
T = TypeVar("T")


class Flow(msgspec.Struct, frozen=True):
    """One stage in one lane."""

    stage: StageName
    lane: Lane
    topic: str

    @property
    def group(self) -> str:
        """The consumer group that does this."""
        return group_of(self.stage, self.lane)


def flows(lanes: Sequence[Lane] = LANES) -> list[Flow]:
    """Return the stages of the lanes, each lane in the order of the way."""
    return [Flow(stage, lane, topic.of(lane)) for lane in lanes for stage, topic in STAGES]


class Groups:
    """What the cluster knows of consumer groups."""

    def __init__(self, settings: Settings, reader: TopicReader) -> None:
        """Connect.

        Raises:
            KafkaError: no broker answers, or it does not let us in.
        """
        self._reader = reader
        self._admin: Any = connected(
            KafkaAdminClient,
            **kafka_python_options(settings),
            client_id="newswire-reader",
            request_timeout_ms=int(settings.kafka_request_timeout_s * 1000),
            bootstrap_timeout_ms=int(min(ANSWER_S, settings.kafka_request_timeout_s) * 1000),
        )

    def close(self) -> None:
        """Close the connections."""
        self._admin.close()

    def committed(self, flow: Flow) -> dict[Partition, int | None]:
        """Return up to where each partition is done; null where nothing was ever committed."""
        try:
            found = self._asked(lambda: self._admin.list_group_offsets([flow.group])[flow.group])
        except GroupIdNotFoundError:
            found = {}
        # The broker says -1 for a partition of which nothing was committed.
        offsets = {(each.topic, each.partition): done.offset for each, done in found.items()}
        return {
            each: offsets[each] if offsets.get(each, -1) >= 0 else None
            for each in self._reader.partitions(flow.topic)
        }

    def ahead(self, flow: Flow, committed: Mapping[Partition, int | None] | None = None) -> Iterator[Record]:
        """Yield the records of a stage's input that it has not acknowledged, or had not at *committed*."""
        done = self.committed(flow) if committed is None else committed
        begins = self._reader.begins(done)
        starts = {each: max(begins[each], at or 0) for each, at in done.items()}
        return self._reader.read(starts, self._reader.ends(done))

    def members(self, names: Iterable[str]) -> dict[str, int]:
        """Return how many members each group has, 0 for one that does not exist."""
        wanted = list(names)
        there = {each["group_id"] for each in self._asked(self._admin.list_groups)}
        known = [name for name in wanted if name in there]
        found = self._asked(lambda: self._admin.describe_groups(known)) if known else {}
        return {name: len(found[name]["members"]) if name in found else 0 for name in wanted}

    def _asked(self, ask: Callable[[], T]) -> T:
        """Ask until the answer is not that it is too early: a broker has no groups until the first comes."""
        deadline = monotonic() + ANSWER_S
        while True:
            try:
                return ask()
            except RetriableError:
                if monotonic() >= deadline:
                    raise
                sleep(PAUSE_S)

    def lag(self, flow: Flow, ends: Offsets | None = None) -> int:
        """Return how many offsets lie before a stage, up to *ends* or else to the ends as they are now."""
        done = self.committed(flow)
        ends = self._reader.ends(done) if ends is None else ends
        begins = self._reader.begins(done)
        return sum(max(0, ends[each] - max(begins[each], at or 0)) for each, at in done.items())

    def wait(self, wanted: Iterable[tuple[Flow, Offsets | None]], deadline: float) -> bool:
        """Wait until each stage in turn has done its topic up to those offsets, or as far as it reaches now.

        *deadline* is a moment of `time.monotonic`.  Given the ends of the raw topics, a steady stream of
        new items does not keep it from ending.  Returns whether all was done in time.
        """
        for flow, given in wanted:
            ends = given or self._reader.ends(self._reader.partitions(flow.topic))
            while self.lag(flow, ends):
                if monotonic() >= deadline:
                    return False
                sleep(PAUSE_S)
        return True


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[tuple[TopicReader, Groups]]:
    """Open a reader and the groups of one cluster.

    Raises:
        KafkaError: no broker answers, or it does not let us in.
    """
    with TopicReader(settings) as reader, contextlib.closing(Groups(settings, reader)) as groups:
        yield reader, groups

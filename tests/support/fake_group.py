"""A group and its two topics without a broker: tests say what is assigned, revoked, lost and written."""

from __future__ import annotations

from typing import Any

from connectors.sharing.book import Change
from connectors.sharing.group import BookOptions, KafkaBook
from connectors.sharing.lease import Lease
from connectors.sharing.marker import Marker
from connectors.sharing.membership import GroupOptions, Rebalance
from connectors.sharing.tail import Seen
from schemas.source import SourceDefinition
from schemas.wire import encode


class FakeTopics:
    """Definitions and states by partition, in order."""

    def __init__(self) -> None:
        self.records: dict[tuple[int, bool], list[tuple[str, bytes | None]]] = {}
        self.markers: dict[int, Marker] = {}

    def define(self, partition: int, definition: SourceDefinition) -> None:
        self.write(partition, False, definition.source_id, encode(definition))

    def write(self, partition: int, is_state: bool, source_id: str, value: bytes | None) -> int:
        log = self.records.setdefault((partition, is_state), [])
        log.append((source_id, value))
        return len(log) - 1


class FakeMembership:
    def __init__(self, topics: FakeTopics) -> None:
        self.topics = topics
        self.next = Rebalance()
        self.generation = 1
        self.stable = True
        self.takes_marks = True
        self.answers = True
        self.polls = 0
        self.failure: Exception | None = None
        self.closed = False

    def poll(self) -> Rebalance:
        self.polls += 1
        if self.failure is not None:
            raise self.failure
        change, self.next = self.next, Rebalance()
        return change

    def markers(self, partitions: list[int]) -> dict[int, Marker | None] | None:
        return {each: self.topics.markers.get(each) for each in partitions} if self.answers else None

    def mark(self, markers: dict[int, Marker], offsets: dict[int, int]) -> bool:
        if self.takes_marks:
            self.topics.markers |= markers
        return self.takes_marks

    def mark_last(self, markers: dict[int, Marker], offsets: dict[int, int]) -> bool:
        self.topics.markers |= markers
        return True

    def close(self, *, patient: bool = True) -> None:
        self.closed = True


class FakeTail:
    def __init__(self, topics: FakeTopics) -> None:
        self.topics = topics
        self.at: dict[tuple[int, bool], int] = {}
        self.closed = False

    def begin(self, partition: int) -> dict[tuple[int, bool], int]:
        ends = {}
        for is_state in (False, True):
            self.at[partition, is_state] = 0
            ends[partition, is_state] = len(self.topics.records.get((partition, is_state), ()))
        return ends

    def reached(self, ends: dict[tuple[int, bool], int]) -> bool:
        return all(self.at[each] >= end for each, end in ends.items())

    def position(self, partition: int) -> int:
        return self.at[partition, False]

    def end(self, partitions: list[int]) -> None:
        for each in partitions:
            self.at.pop((each, False), None)
            self.at.pop((each, True), None)

    def poll(self, wait_s: float) -> list[Seen]:
        found = []
        for (partition, is_state), at in self.at.items():
            log = self.topics.records.get((partition, is_state), [])
            found += [
                Seen(partition, is_state, source_id, offset, value)
                for offset, (source_id, value) in enumerate(log[at:], at)
            ]
            self.at[partition, is_state] = len(log)
        return found

    def state_at(self, partition: int, offset: int) -> bytes | None:
        return self.topics.records[partition, True][offset][1]

    def close(self) -> None:
        self.closed = True


class FakeLease(Lease):
    def __init__(self) -> None:
        super().__init__(10.0, 300.0)
        self.given = True

    @property
    def valid(self) -> bool:
        return self.given


class BookRig:
    """A book whose rounds the test makes."""

    def __init__(self, topics: FakeTopics | None = None, *, worker: str = "w", **options: Any) -> None:
        self.topics = topics or FakeTopics()
        self.group, self.tail, self.lease = (
            FakeMembership(self.topics),
            FakeTail(self.topics),
            FakeLease(),
        )
        self.wall = 1000.0
        self.book = KafkaBook(
            BookOptions(group=GroupOptions(client={}), worker=worker, fetch_deadline_s=60.0, **options),
            lease=self.lease,
            membership=lambda _options, _lease: self.group,  # type: ignore[arg-type, return-value]
            tail=lambda _options: self.tail,  # type: ignore[arg-type, return-value]
            wall=lambda: self.wall,
        )

    def rounds(self, count: int = 5) -> None:
        for _ in range(count):
            self.book.step()

    def assign(self, *partitions: int) -> None:
        self.group.next.assigned |= set(partitions)
        self.rounds()

    def revoke(self, *partitions: int) -> None:
        self.group.next.revoked |= set(partitions)
        self.rounds(1)

    async def changes(self) -> list[Change]:
        found: list[Change] = []
        while some := await self.book.changes(0.0):
            found += some
        return found

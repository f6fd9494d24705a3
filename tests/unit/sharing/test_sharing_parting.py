from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from kafka import OffsetAndMetadata, TopicPartition
from kafka.coordinator.base import Generation
from kafka.errors import (
    GroupAuthorizationFailedError,
    IllegalGenerationError,
    KafkaTimeoutError,
    RebalanceInProgressError,
)

from connectors.sharing import parting

PLACE = TopicPartition("news.sources.v1", 2)
OFFSETS = {PLACE: OffsetAndMetadata(7, "released", -1)}


class Broker(NamedTuple):
    node_id: object
    host: str
    port: int


class Coordinator:
    """As much of kafka-python's as is spoken to; it gives *answers*, the last one again and again."""

    group_id, group_instance_id = "g", None

    def __init__(self, *answers: int | Exception, generation: int = 3) -> None:
        self.answers = [*answers]
        self.generation = generation
        self.coordinator_id: object = "coordinator-1"
        self.asked: list[tuple[object, object]] = []
        brokers = [Broker(0, "a", 1), Broker(1, "a", 2), Broker(2, "b", 1)]
        known = {"coordinator-1": Broker("coordinator-1", "a", 2)}
        self._cluster = SimpleNamespace(brokers=lambda: brokers, broker_metadata=known.get)
        self._net = SimpleNamespace(run=lambda made, *args: asyncio.run(made(*args)))
        self._manager = self

    @property
    def _generation(self) -> Generation:
        return Generation(self.generation, "m", "p") if self.generation >= 0 else Generation.NO_GENERATION

    def send(self, request: object, node_id: object) -> int | Exception:
        self.asked.append((request, node_id))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def wait_for(self, answer: int | Exception, _timeout_ms: float) -> SimpleNamespace:
        self.generation += 1  # the group goes on meanwhile
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(topics=[(PLACE.topic, [(PLACE.partition, answer)])])


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(parting, "PAUSE_S", 0.0)


def test_another_connection_is_the_one_that_the_same_broker_has_for_everything_else():
    coordinator = Coordinator(0)
    parting.take_other_connection(coordinator)
    assert coordinator.coordinator_id == 1
    parting.take_other_connection(coordinator)
    assert coordinator.coordinator_id == 1, "it stays"
    coordinator.coordinator_id = None
    parting.take_other_connection(coordinator)
    assert coordinator.coordinator_id is None, "who it is must be found first"


def test_what_is_said_is_of_the_present_generation():
    coordinator = Coordinator(0)
    assert parting.commit(coordinator, OFFSETS, 5.0)
    ((request, node_id),) = coordinator.asked
    assert node_id == "coordinator-1"
    assert (request.group_id, request.member_id) == ("g", "m")
    assert request.generation_id_or_member_epoch == 3
    (topic,) = request.topics
    (partition,) = topic.partitions
    assert (topic.name, partition.partition_index) == PLACE
    assert (partition.committed_offset, partition.committed_metadata) == (7, "released")


def test_while_the_group_goes_on_to_its_next_generation_it_is_said_again():
    coordinator = Coordinator(RebalanceInProgressError.errno, IllegalGenerationError.errno, 0)
    assert parting.commit(coordinator, OFFSETS, 5.0)
    assert [each.generation_id_or_member_epoch for each, _ in coordinator.asked] == [3, 4, 5]


def test_what_the_broker_refuses_for_good_is_said_once():
    coordinator = Coordinator(GroupAuthorizationFailedError.errno)
    assert not parting.commit(coordinator, OFFSETS, 5.0)
    assert len(coordinator.asked) == 1


def test_a_group_that_does_not_come_to_its_next_generation_is_not_waited_for_for_long():
    coordinator = Coordinator(RebalanceInProgressError.errno)
    assert not parting.commit(coordinator, OFFSETS, 0.05)
    assert coordinator.asked


def test_who_is_no_member_any_more_says_nothing():
    coordinator = Coordinator(0, generation=-1)
    assert not parting.commit(coordinator, OFFSETS, 5.0)
    assert coordinator.asked == []


def test_a_broker_that_does_not_answer_is_told():
    with pytest.raises(KafkaTimeoutError):
        parting.commit(Coordinator(KafkaTimeoutError()), OFFSETS, 5.0)

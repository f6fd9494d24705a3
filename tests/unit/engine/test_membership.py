"""A worker stays in its group, heeds what its coordinator says, and its group learns of its topics."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock, Mock

import pytest
from aiokafka import TopicPartition
from aiokafka.cluster import ClusterMetadata
from aiokafka.consumer.group_coordinator import CoordinatorGroupRebalance, GroupCoordinator
from aiokafka.errors import KafkaError, NotCoordinatorForGroupError, UnknownMemberIdError
from aiokafka.protocol.commit import OffsetFetchResponse_v3
from aiokafka.protocol.group import SyncGroupResponse_v3
from aiokafka.protocol.metadata import MetadataResponse_v0

from newswire.telemetry.health import BEAT_S, HEALTH
from schemas import topics
from streams.engine.consumer import EngineConsumer
from streams.engine.errors import Fatal
from streams.engine.membership import ask_for_missing_topics, given_up, heed_every_answer

TOPIC = topics.ARTICLE.name


def consumer_of(*known: str) -> Any:
    """A consumer that reads `TOPIC`, of a cluster that says to have the topics *known*."""
    cluster = ClusterMetadata()
    partitions = [(0, 0, 1, [1], [1])]
    cluster.update_metadata(
        MetadataResponse_v0([(1, "127.0.0.1", 9092)], [(0, name, partitions) for name in known])
    )
    return MagicMock(_client=MagicMock(cluster=cluster), _subscription=MagicMock(topics={TOPIC}))


@pytest.mark.parametrize(("known", "asked"), [([TOPIC], 0), ([], 1), (["news.raw.v1"], 1)])
def test_a_topic_that_is_missing_is_asked_for_again(known: list[str], asked: int):
    consumer = consumer_of(*known)
    ask_for_missing_topics(consumer)
    assert consumer._client.force_metadata_update.call_count == asked


@pytest.mark.parametrize("gives_up", [False, True])
async def test_a_worker_that_gives_its_partitions_up_joins_anew(gives_up: bool):
    known = consumer_of(TOPIC)
    known._coordinator = MagicMock(coordinator_id=1, generation=3, _pending_exception=None)
    beaten: list[object] = []
    worker = SimpleNamespace(
        _thread=SimpleNamespace(_consumer=known),
        app=SimpleNamespace(in_group_at=None),
        _beats_in=None,
        _beat=beaten.append,
    )
    EngineConsumer._stay(worker, gives_up)  # type: ignore[arg-type]
    assert known._coordinator.request_rejoin.called is gives_up
    assert worker.app.in_group_at is not None
    known._subscription.fetch_context.assert_called_once_with()
    EngineConsumer._stay(worker, False)  # type: ignore[arg-type]
    assert beaten == [asyncio.get_running_loop()], "it beats by itself from the first time on"


async def test_a_consumer_that_is_being_started_is_asked_nothing():
    starting = MagicMock(_coordinator=None)
    worker = SimpleNamespace(_thread=SimpleNamespace(_consumer=starting), _beats_in=None, _beat=Mock())
    EngineConsumer._stay(worker, True)  # type: ignore[arg-type]
    assert starting.mock_calls == []


def test_the_consumers_loop_beats_by_itself(monkeypatch: pytest.MonkeyPatch):
    beats, loop, worker = Mock(), Mock(), SimpleNamespace(_beat=object())
    monkeypatch.setattr(HEALTH, "beat", beats)
    EngineConsumer._beat(worker, loop)  # type: ignore[arg-type]
    beats.assert_called_once_with("kafka_loop")
    loop.call_later.assert_called_once_with(BEAT_S, worker._beat, loop)


NOT_COORDINATOR, LOADING, UNKNOWN_MEMBER = 16, 14, 25
PARTITION = TopicPartition(TOPIC, 0)


class Answered(GroupCoordinator):
    """A coordinator's client, without its tasks, that is given these answers one after the other."""

    def __init__(self, *answers: Any) -> None:
        heed_every_answer()
        self.group_id, self.generation, self.member_id, self._group_instance_id = "g", 3, "m", None
        self._rebalance_timeout_ms = 60_000
        self.coordinator_id = 1
        self._coordinator_dead_fut = asyncio.get_running_loop().create_future()
        self._rejoin_needed_fut = asyncio.get_running_loop().create_future()
        self._client = MagicMock(send=self.answer)
        self.answers = list(answers)

    async def answer(self, *_: Any, **__: Any) -> Any:
        return self.answers.pop(0)


def offsets(error: int, *of: tuple[int, int, str, int]) -> OffsetFetchResponse_v3:
    return OffsetFetchResponse_v3(0, [(TOPIC, list(of))] if of else [], error)


async def test_a_coordinator_that_has_no_offsets_to_tell_is_not_one_of_a_group_without_any():
    coordinator = Answered(offsets(LOADING), offsets(NOT_COORDINATOR), offsets(0, (0, 7, "", 0)))
    with pytest.raises(KafkaError) as loading:
        await coordinator._do_fetch_commit_offsets([PARTITION])
    assert loading.value.retriable
    assert coordinator.coordinator_id == 1
    with pytest.raises(NotCoordinatorForGroupError):
        await coordinator._do_fetch_commit_offsets([PARTITION])
    assert coordinator.coordinator_id is None
    coordinator.coordinator_id = 1
    found = await coordinator._do_fetch_commit_offsets([PARTITION])
    assert {each: offset.offset for each, offset in found.items()} == {PARTITION: 7}


async def test_a_group_that_never_committed_has_no_offsets():
    assert await Answered(offsets(0, (0, -1, "", 0)))._do_fetch_commit_offsets([PARTITION]) == {}


@pytest.mark.parametrize("error", [LOADING, UNKNOWN_MEMBER])
async def test_a_member_whose_group_is_being_loaded_joins_it_again(error: int):
    coordinator = Answered(SyncGroupResponse_v3(0, error, b""))
    rebalance = CoordinatorGroupRebalance(coordinator, "g", 1, MagicMock(), [], 6000, 100)
    assert await rebalance._on_join_follower() is None
    assert coordinator._rejoin_needed_fut.done()


async def test_a_client_that_left_its_group_for_good_ends_its_worker():
    async def crashed() -> None:
        raise AssertionError("Did we not perform bootstrap?")

    ended = asyncio.create_task(crashed())
    await asyncio.wait([ended])
    error = UnknownMemberIdError()
    waits = asyncio.get_running_loop().create_future()
    kept = SimpleNamespace(_coordination_task=waits, _pending_exception=error)
    gone = SimpleNamespace(_coordination_task=ended, _pending_exception=None)
    well = SimpleNamespace(_coordination_task=waits, _pending_exception=None)
    assert given_up(SimpleNamespace(_coordinator=kept)) is error
    assert isinstance(given_up(SimpleNamespace(_coordinator=gone)), AssertionError)
    assert given_up(SimpleNamespace(_coordinator=well)) is None

    failures: list[BaseException] = []
    worker: Any = SimpleNamespace(
        app=SimpleNamespace(engine=SimpleNamespace(fail=failures.append), should_stop=False)
    )
    EngineConsumer._no_member(worker, error)
    worker.app.should_stop = True
    EngineConsumer._no_member(worker, error)
    assert [type(each) for each in failures] == [Fatal]

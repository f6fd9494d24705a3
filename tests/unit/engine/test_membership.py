"""A worker stays in its group, and its group learns of its topics."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from aiokafka.cluster import ClusterMetadata
from aiokafka.protocol.metadata import MetadataResponse_v0

from schemas import topics
from streams.engine.consumer import EngineConsumer
from streams.engine.membership import ask_for_missing_topics

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
def test_a_worker_that_gives_its_partitions_up_joins_anew(gives_up: bool):
    known = consumer_of(TOPIC)
    known._coordinator = MagicMock(coordinator_id=1, generation=3)
    worker = SimpleNamespace(_thread=SimpleNamespace(_consumer=known), app=SimpleNamespace(in_group_at=None))
    EngineConsumer._stay(worker, gives_up)  # type: ignore[arg-type]
    assert known._coordinator.request_rejoin.called is gives_up
    assert worker.app.in_group_at is not None
    known._subscription.fetch_context.assert_called_once_with()

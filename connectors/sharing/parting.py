"""What a member says last: its markers and that it leaves, also while the group waits for others to join.

A broker answers the requests of one connection one after the other, and a join is answered when all have joined.
So what is said meanwhile needs another connection.  The broker takes commits of the present generation until then,
and none of this member's partitions is another's before it has joined, too, or left; kafka-python 3.0 does not
ask for that long.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from kafka import OffsetAndMetadata, TopicPartition
from kafka import errors as kafka_errors
from kafka.protocol.consumer import OffsetCommitRequest

from newswire.telemetry.logs import log

__all__ = ["commit", "take_other_connection"]

PAUSE_S: Final = 0.1
_PASSING: Final = (
    kafka_errors.RebalanceInProgressError,  # all have joined, and their shares are on the way
    kafka_errors.IllegalGenerationError,  # and this member is just being told of the new one
)


def take_other_connection(coordinator: Any) -> None:
    """Let a member's coordinator be spoken to over the connection that its broker has for everything else."""
    cluster = coordinator._cluster  # noqa: SLF001
    known = cluster.broker_metadata(coordinator.coordinator_id)
    for broker in cluster.brokers():
        if known is not None and (broker.host, broker.port) == (known.host, known.port):
            coordinator.coordinator_id = broker.node_id


def commit(coordinator: Any, offsets: Mapping[TopicPartition, OffsetAndMetadata], timeout_s: float) -> bool:
    """Commit offsets of the generation that this member is of, whether or not it has its part of it.

    Returns false where the broker did not take them within so many seconds.

    Raises:
        KafkaError: it was not reached.
    """
    deadline = time.monotonic() + timeout_s
    while (left_s := deadline - time.monotonic()) > 0:
        generation = coordinator._generation  # noqa: SLF001
        if generation.is_lost():
            return False
        refused = coordinator._net.run(_send, coordinator, _request(coordinator, generation, offsets), left_s)  # noqa: SLF001
        if not refused:
            return True
        log.debug("marker_not_taken_yet", generation=generation.generation_id, error=repr(refused))
        if not all(issubclass(error, _PASSING) for error in refused):
            return False
        time.sleep(PAUSE_S)
    return False


async def _send(coordinator: Any, request: OffsetCommitRequest, timeout_s: float) -> set[Any]:
    """Return the kinds of errors that it was answered with."""
    manager = coordinator._manager  # noqa: SLF001
    future = manager.send(request, node_id=coordinator.coordinator_id)
    response = await manager.wait_for(future, timeout_s * 1000)
    codes = {code for _topic, partitions in response.topics for _partition, code in partitions}
    return {kafka_errors.for_code(code) for code in codes} - {kafka_errors.NoError}


def _request(
    coordinator: Any, generation: Any, offsets: Mapping[TopicPartition, OffsetAndMetadata]
) -> OffsetCommitRequest:
    topic_of = OffsetCommitRequest.OffsetCommitRequestTopic
    partition_of = topic_of.OffsetCommitRequestPartition
    topics: dict[str, list[Any]] = {}
    for place, offset in offsets.items():
        made = partition_of(
            partition_index=place.partition,
            committed_offset=offset.offset,
            committed_leader_epoch=offset.leader_epoch,
            committed_metadata=offset.metadata,
        )
        topics.setdefault(place.topic, []).append(made)
    return OffsetCommitRequest(
        max_version=8,
        group_id=coordinator.group_id,
        generation_id_or_member_epoch=generation.generation_id,
        member_id=generation.member_id,
        group_instance_id=coordinator.group_instance_id,
        topics=[topic_of(name=name, partitions=parts) for name, parts in topics.items()],
    )

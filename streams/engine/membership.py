"""What keeps a worker's place in its consumer group, and its group whole: what aiokafka offers no call for.

All of it belongs to the thread of the consumer that is given.
"""

from __future__ import annotations

from typing import Any

from newswire.telemetry.logs import log

__all__ = ["ask_for_missing_topics", "count_as_fetching", "is_member", "join_anew"]

# ruff: noqa: SLF001 - aiokafka has no other way


def count_as_fetching(consumer: Any) -> None:
    """Tell aiokafka that this process is alive.

    A member that fetches nothing for ``max.poll.interval.ms`` leaves its group, and aiokafka does not let it join again
    before it fetches.  But a standby has nothing to fetch, a worker that rebuilds its state may not, and a full window
    waits; what is stuck there has time limits of its own.
    """
    with consumer._subscription.fetch_context():
        pass


def ask_for_missing_topics(consumer: Any) -> None:
    """Ask the cluster again for the topics that it was not known to have when it was asked last.

    A broker that has just started may not know its topics yet.  Who leads the group then shares out none of their
    partitions, and aiokafka would ask again only after ``metadata.max.age.ms``, five minutes: for so long, nobody would
    read them.  Where the answer is another one, aiokafka joins anew by itself.
    """
    client = consumer._client
    if any(not client.cluster.partitions_for_topic(topic) for topic in consumer._subscription.topics):
        client.force_metadata_update()


def join_anew(consumer: Any) -> None:
    """Have all partitions of the group shared out again."""
    log.info("joins_anew")
    consumer._coordinator.request_rejoin()


def is_member(consumer: Any) -> bool:
    """Tell whether the group knows this worker.

    Without a coordinator there is no heartbeat, and a member that the group forgot has no generation.
    """
    coordinator = consumer._coordinator
    return coordinator.coordinator_id is not None and coordinator.generation > 0

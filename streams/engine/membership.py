"""What keeps a worker's place in its consumer group, and its group whole: what aiokafka offers no call for.

All of it belongs to the thread of the consumer that is given, but for `heed_every_answer`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NoError,
    NotCoordinatorForGroupError,
    for_code,
)
from aiokafka.protocol.commit import OffsetFetchRequest
from aiokafka.protocol.group import SyncGroupRequest

from newswire.telemetry.logs import log

__all__ = [
    "ask_for_missing_topics",
    "count_as_fetching",
    "given_up",
    "heed_every_answer",
    "is_member",
    "join_anew",
]

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


def given_up(consumer: Any) -> BaseException | None:
    """Return why aiokafka takes no more part in the group, where it does not.

    It keeps such an error for whoever asks it for records, and waits until somebody has.  Faust asks a part of it
    that knows nothing of that: the worker would stand still for ever, a member by all that it can tell.
    """
    coordinator = consumer._coordinator
    task = coordinator._coordination_task
    error: BaseException | None = coordinator._pending_exception
    return task.exception() if task.done() and not task.cancelled() else error


@cache
def heed_every_answer() -> None:
    """Let every aiokafka consumer of this process heed what a coordinator says that has just changed, or woken.

    One that does not have the group (yet) says so once where it is asked for offsets, and lists none.  aiokafka looks
    for errors beside each offset alone: all partitions would count as never committed, and be read from their
    beginning.  To SyncGroup it says that it still loads the group, which aiokafka takes for an error that only its
    user could mend; see `given_up`.  Either is asked again now.
    """
    send = GroupCoordinator._send_req

    async def send_and_heed(coordinator: Any, request: Any) -> Any:
        response = await send(coordinator, request)
        error = for_code(getattr(response, "error_code", NoError.errno))
        if isinstance(request, OffsetFetchRequest) and error is not NoError:
            if error in (NotCoordinatorForGroupError, GroupCoordinatorNotAvailableError):
                coordinator.coordinator_dead()
            raise error
        if isinstance(request, SyncGroupRequest) and error is GroupLoadInProgressError:
            raise error
        return response

    GroupCoordinator._send_req = send_and_heed

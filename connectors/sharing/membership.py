"""Membership in the group that shares the sources' partitions: who is assigned what, and who had it last.

The group's consumer fetches nothing: what the partitions hold is read by another one (`tail`), since a new
owner reads all of it and the group's offsets only carry the markers of hand-overs.

Rebalances are cooperative: a partition that moves is first taken from its owner and given to the next one in
a second round, which begins when the first owner asks for it.  So the owner can put its affairs in order in
between, and whoever keeps a partition never pauses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import msgspec
from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka import errors as kafka_errors
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.structs import MemberState

from connectors.framework.errors import Fatal
from connectors.sharing import parting
from connectors.sharing.lease import Beat, Lease
from connectors.sharing.marker import Marker, read_marker, write_marker
from connectors.sharing.places import GROUP
from newswire.settings import Settings
from newswire.settings.clients import kafka_python_options
from newswire.telemetry.logs import log
from schemas.topics import SOURCES

__all__ = ["GroupOptions", "Membership", "Rebalance"]

FATAL: Final = (
    kafka_errors.AuthorizationError,
    kafka_errors.SaslAuthenticationFailedError,
    kafka_errors.InconsistentGroupProtocolError,
    kafka_errors.InvalidSessionTimeoutError,
    kafka_errors.InvalidGroupIdError,
    kafka_errors.GroupMaxSizeReachedError,
    kafka_errors.UnsupportedVersionError,
)
"""What no further try mends."""
HEARTBEATS_PER_SESSION: Final = 10
"""Heartbeats are small, and each one renews the lease."""
COMMIT_TIMEOUT_MS: Final = 3_000
LEAVE_TIMEOUT_MS: Final = 1_000
ROUND_MS: Final = 1_000
"""kafka-python 3.0 joins once more where a join is answered while nobody polls, so it is waited for."""


class GroupOptions(msgspec.Struct, kw_only=True, frozen=True):
    """How a worker takes part.  ``client`` is what every kafka-python client takes; times are in seconds."""

    client: Mapping[str, Any]
    group: str = GROUP
    session_timeout_s: float = 10.0
    max_poll_interval_s: float = 300.0
    request_timeout_s: float = 30.0
    connect_timeout_s: float = 10.0

    @classmethod
    def of(cls, settings: Settings) -> GroupOptions:
        """Take them from the settings."""
        return cls(
            client=kafka_python_options(settings),
            session_timeout_s=settings.kafka_session_timeout_s,
            max_poll_interval_s=settings.kafka_max_poll_interval_s,
            request_timeout_s=settings.kafka_request_timeout_s,
            connect_timeout_s=min(10.0, settings.kafka_request_timeout_s),
        )


class Rebalance(msgspec.Struct, kw_only=True):
    """What happened to the assignment since it was last asked for."""

    assigned: set[int] = msgspec.field(default_factory=set)
    revoked: set[int] = msgspec.field(default_factory=set)
    """To be handed over before `Membership.poll` is called again."""
    lost: set[int] = msgspec.field(default_factory=set)
    """Others may have them already."""


class _Assignor(CooperativeStickyAssignor):  # type: ignore[misc]  # kafka-python has no types
    """Forgets what was lost: kafka-python 3.0 would go on claiming it when it joins again, and the leader
    could then take it from its new owner and give it back in the same round.
    """

    def forget(self) -> None:
        self.member_assignment = None


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Only notes, since it is called in the thread that also sends the heartbeats."""

    def __init__(self, noted: Callable[[], Rebalance], assignor: _Assignor) -> None:
        self._noted = noted
        self._assignor = assignor

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._noted().assigned.update(each.partition for each in assigned)

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        self._noted().revoked.update(each.partition for each in revoked)

    def on_partitions_lost(self, lost: Collection[TopicPartition]) -> None:
        self._noted().lost.update(each.partition for each in lost)
        self._assignor.forget()


class Membership:
    """One member.  All methods are called from one thread; heartbeats have a thread of kafka-python's."""

    def __init__(
        self, options: GroupOptions, lease: Lease, consumer: Callable[..., Any] = KafkaConsumer
    ) -> None:
        """Connect; joining begins with the first `poll`.

        Raises:
            Fatal: no broker answers, or it does not let us in.
        """
        session_ms = int(options.session_timeout_s * 1000)
        assignor = _Assignor()
        try:
            self._consumer = consumer(
                **options.client,
                client_id="newswire-share",
                group_id=options.group,
                partition_assignment_strategy=[assignor],
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                allow_auto_create_topics=False,
                session_timeout_ms=session_ms,
                heartbeat_interval_ms=max(100, session_ms // HEARTBEATS_PER_SESSION),
                max_poll_interval_ms=int(options.max_poll_interval_s * 1000),
                request_timeout_ms=int(options.request_timeout_s * 1000),
                bootstrap_timeout_ms=int(options.connect_timeout_s * 1000),
                reconnect_backoff_max_ms=1_000,
                metrics_enabled=False,
            )
        except kafka_errors.KafkaError as error:
            raise Fatal(
                "no Kafka broker answers: start one (newswire kafka start) or set NEWSWIRE_KAFKA_BOOTSTRAP",
                reason="no_broker",
                detail=repr(error),
            ) from error
        self._noted = Rebalance()
        # Its coordinator is used directly: the consumer tells nobody of heartbeats, and its `poll` would go
        # on to the second round of a rebalance by itself, before what is revoked was handed over.
        self._coordinator = self._consumer._coordinator  # noqa: SLF001
        self._coordinator.heartbeat = Beat(lease, **self._coordinator.config)
        self._consumer.subscribe([SOURCES.name], listener=_Listener(lambda: self._noted, assignor))
        self._consumer.partitions_for_topic(SOURCES.name)  # or a first leader would assign none

    @property
    def generation(self) -> int:
        """Of the group, as this member knows it; -1 without membership."""
        return int(self._consumer.group_metadata().generation_id)

    @property
    def stable(self) -> bool:
        """Whether this member has its part of the assignment, which may be none."""
        return bool(self._consumer.group_metadata().state is MemberState.STABLE)

    def poll(self) -> Rebalance:
        """Do what the group's protocol asks of us, and return what happened.

        Exactly one round of it, so that what is revoked is not given on before the caller polls again.  It
        returns at once where there is nothing to do, and after `ROUND_MS` where others are waited for.

        Raises:
            Fatal: we may not take part.
        """
        try:
            self._coordinator.poll(timeout_ms=ROUND_MS)
        except FATAL as error:
            raise Fatal(
                f"the broker keeps this worker out of its group: {error}", detail=repr(error)
            ) from error
        except kafka_errors.KafkaError as error:
            log.debug("group_not_reached", error=repr(error))
        noted, self._noted = self._noted, Rebalance()
        return noted

    def markers(self, partitions: Collection[int]) -> dict[int, Marker | None] | None:
        """Return who had the partitions last; null where the group does not answer now."""
        try:
            found = self._coordinator.fetch_committed_offsets(
                [_typed(each) for each in partitions], timeout_ms=COMMIT_TIMEOUT_MS
            )
        except kafka_errors.KafkaError as error:
            log.debug("group_not_reached", error=repr(error))
            return None
        return {
            each: read_marker(found[_typed(each)].metadata) if _typed(each) in found else None
            for each in partitions
        }

    def mark(self, markers: Mapping[int, Marker], offsets: Mapping[int, int]) -> bool:
        """Commit markers, with the offset up to which each partition's definitions are read.

        Returns false where the broker did not take them: this member's generation is not the present one,
        or the group does not answer now.
        """
        try:
            self._consumer.commit(_commits(markers, offsets), timeout_ms=COMMIT_TIMEOUT_MS)
        except kafka_errors.KafkaError as error:
            log.debug("marker_not_taken", partitions=sorted(markers), error=repr(error))
            return False
        return True

    def mark_last(self, markers: Mapping[int, Marker], offsets: Mapping[int, int]) -> bool:
        """Commit markers before `close`, also where a rebalance has begun that others are waited for in."""
        if self.stable:
            return self.mark(markers, offsets)
        parting.take_other_connection(self._coordinator)
        try:
            return parting.commit(self._coordinator, _commits(markers, offsets), COMMIT_TIMEOUT_MS / 1000)
        except kafka_errors.KafkaError as error:
            log.debug("marker_not_taken", partitions=sorted(markers), error=repr(error))
            return False

    def close(self, *, patient: bool = True) -> None:
        """Leave the group; without patience, where the broker has not answered before."""
        if not self.stable:
            parting.take_other_connection(self._coordinator)
        try:
            self._consumer.close(
                autocommit=False, timeout_ms=COMMIT_TIMEOUT_MS if patient else LEAVE_TIMEOUT_MS
            )
        except kafka_errors.KafkaError as error:
            log.debug("group_not_left", error=repr(error))


def _commits(
    markers: Mapping[int, Marker], offsets: Mapping[int, int]
) -> dict[TopicPartition, OffsetAndMetadata]:
    return {
        _typed(each): OffsetAndMetadata(offsets.get(each, 0), write_marker(marker), -1)
        for each, marker in markers.items()
    }


def _typed(partition: int) -> TopicPartition:
    return TopicPartition(SOURCES.name, partition)

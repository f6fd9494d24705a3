"""Where records go: one idempotent kafka-python producer whose every send is looked at.

kafka-python 3 bounds nothing by itself: a frozen broker is fed until memory ends.  So bytes that are sent
and not yet acknowledged are counted here, and `Sink.send` waits while there are too many, and says so.

The producer's own thread only notes what became of a send; everything else happens in the thread that
calls `Sink.send`, `Sink.settle` and `Sink.drain`, which must be one and the same.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from kafka import KafkaProducer
from kafka import errors as kafka_errors

from connectors.framework.errors import Fatal
from newswire.settings import Settings
from newswire.settings.clients import compression, kafka_python_options
from newswire.telemetry import metrics
from newswire.telemetry.logs import log
from schemas.limits import DEAD_LETTER_RECORD_BYTES, MIB
from schemas.outcome import Hop
from schemas.topics import RECORD_OVERHEAD
from schemas.wire import WireRecord

__all__ = ["Refused", "Sink", "SinkOptions"]

STAGE: Final = "connect"
_IN_FLIGHT = metrics.IN_FLIGHT.labels(STAGE)
_OLDEST = metrics.OLDEST.labels(STAGE)
REFUSED: Final = (
    kafka_errors.MessageSizeTooLargeError,
    kafka_errors.RecordListTooLargeError,
    kafka_errors.InvalidRecordError,
)
"""The broker will never take this record, but it will take others."""
FATAL: Final = (
    kafka_errors.AuthorizationError,
    kafka_errors.SaslAuthenticationFailedError,
    kafka_errors.IllegalStateError,
    kafka_errors.InvalidTopicError,
    kafka_errors.UnsupportedVersionError,
    kafka_errors.InvalidRequiredAcksError,
)
"""The broker will take nothing of us."""
RESEND_PAUSE_S: Final = (0.0, 0.1, 0.5, 2.0)
"""Before the first, second, … repetition of one send that the producer gave up; the last one stays."""
SAY_AFTER_S: Final = 1.0
"""Waiting that is shorter is the ordinary pace of a fast reader."""


class SinkOptions(msgspec.Struct, kw_only=True, frozen=True):
    """What a sink needs to know.  ``client`` is what every kafka-python client takes."""

    client: Mapping[str, Any]
    compression: str | None = "lz4"
    unacked_bytes: int = 64 * MIB
    delivery_timeout_s: float = 120.0
    request_timeout_s: float = 30.0
    connect_timeout_s: float = 10.0

    @classmethod
    def of(cls, settings: Settings) -> SinkOptions:
        """Take them from the settings."""
        return cls(
            client=kafka_python_options(settings),
            compression=compression(settings),
            unacked_bytes=settings.connect_unacked_mib * MIB,
            delivery_timeout_s=settings.kafka_delivery_timeout_s,
            request_timeout_s=settings.kafka_request_timeout_s,
        )


class Refused(Exception):
    """A record that the broker will not take, whatever one does."""


class _Send:
    __slots__ = ("attempts", "delivered", "due", "record", "refused", "since")

    def __init__(
        self, record: WireRecord, delivered: Callable[[Hop], None], refused: Callable[[Refused], None]
    ) -> None:
        self.record = record
        self.delivered = delivered
        self.refused = refused
        self.since = time.monotonic()
        self.attempts = 0
        self.due = 0.0


class Sink:
    """Sends records, at least once, in order within a partition but for repeated ones."""

    def __init__(self, options: SinkOptions, producer: Callable[..., Any] = KafkaProducer) -> None:
        """Connect.

        Raises:
            Fatal: no broker answers, or it does not let us in.
        """
        self._options = options
        self._lock = threading.Condition()
        self._settled: deque[tuple[_Send, Any]] = deque()
        self._sends: dict[_Send, None] = {}
        self._again: list[_Send] = []
        self.unacked_bytes = 0
        self.waited_s = 0.0
        try:
            self._producer = producer(**_producer_options(options))
        except kafka_errors.KafkaError as error:
            servers = ",".join(options.client.get("bootstrap_servers", ()))
            raise Fatal(
                f"no Kafka broker answers at {servers}: start one (newswire kafka start) "
                "or set NEWSWIRE_KAFKA_BOOTSTRAP",
                reason="no_broker",
                detail=repr(error),
            ) from error

    def require(self, *topics: str) -> None:
        """Check that *topics* exist, so that no send has to find out.

        Raises:
            Fatal: one does not, or may not be written.
        """
        for topic in topics:
            try:
                self._producer.partitions_for(topic)
            except kafka_errors.KafkaError as error:
                raise Fatal(
                    f"the topic {topic} cannot be written; create it with: newswire topics create",
                    reason="no_topic",
                    detail=repr(error),
                ) from error

    @property
    def unacked(self) -> int:
        """How many records are sent and not yet settled."""
        return len(self._sends)

    def send(
        self,
        record: WireRecord,
        *,
        delivered: Callable[[Hop], None],
        refused: Callable[[Refused], None],
        give_up: Callable[[], bool] = lambda: False,
        follows: bool = False,
    ) -> bool:
        """Send a record when there is room for its bytes.

        Exactly one of *delivered* and *refused* is called later, from `settle`.  Returns false, and sends
        nothing, where *give_up* said so while it waited for room.  A record that *follows* another is sent
        from that one's callback, into the room it left, without waiting.

        Raises:
            Fatal: an earlier or this send can never be delivered.
        """
        if not follows and not self._wait_for_room(record.size, give_up):
            return False
        send = _Send(record, delivered, refused)
        self._sends[send] = None
        self.unacked_bytes += record.size
        self._give(send)
        return True

    def _wait_for_room(self, size: int, give_up: Callable[[], bool]) -> bool:
        self.settle()
        if self._has_room(size):
            return True
        began = time.monotonic()
        said = False
        while not self._has_room(size):
            if give_up():
                return False
            self._wait(0.1)
            waited = time.monotonic() - began
            if waited > SAY_AFTER_S and not said:
                said = True
                log.warning(
                    "the broker is slower than the source: reading waits",
                    unacked_bytes=self.unacked_bytes,
                    unacked_records=len(self._sends),
                    limit_bytes=self._options.unacked_bytes,
                )
        waited = time.monotonic() - began
        self.waited_s += waited
        metrics.BACKPRESSURE.inc(waited)
        return True

    def _has_room(self, size: int) -> bool:
        return not self._sends or self.unacked_bytes + size <= self._options.unacked_bytes

    def _give(self, send: _Send) -> None:
        record = send.record
        send.attempts += 1
        try:
            future = self._producer.send(
                record.topic,
                value=record.value,
                key=record.key,
                headers=list(record.headers),
                partition=record.partition,
            )
        except kafka_errors.KafkaError as error:
            self._note(send, error)
            return
        future.add_both(lambda result: self._note(send, result))

    def _note(self, send: _Send, result: Any) -> None:
        with self._lock:
            self._settled.append((send, result))
            self._lock.notify_all()

    def settle(self) -> None:
        """Act on what became of sends so far; never waits.

        Raises:
            Fatal: one can never be delivered, or not within the delivery timeout.
        """
        while self._settled:
            send, result = self._settled.popleft()
            if isinstance(result, BaseException):
                self._failed(send, result)
            else:
                self._close_send(send)
                metrics.OUTPUTS.labels(STAGE, send.record.topic).inc()
                metrics.OUTPUT_BYTES.labels(STAGE, send.record.topic).inc(send.record.size)
                send.delivered(Hop(topic=result.topic, partition=result.partition, offset=result.offset))
        if self._again:
            now = time.monotonic()
            due = [send for send in self._again if send.due <= now]
            self._again = [send for send in self._again if send.due > now]
            for send in due:
                self._give(send)
        oldest = self._oldest_age()
        if oldest > self._options.delivery_timeout_s + self._options.request_timeout_s:
            raise Fatal(
                f"Kafka has confirmed nothing of what was sent {oldest:.0f} s ago", reason="not_delivered"
            )
        _IN_FLIGHT.set(len(self._sends))
        _OLDEST.set(oldest)
        metrics.UNACKED_BYTES.set(self.unacked_bytes)

    def _oldest_age(self) -> float:
        first = next(iter(self._sends), None)
        return 0.0 if first is None else time.monotonic() - first.since

    def _failed(self, send: _Send, error: BaseException) -> None:
        if isinstance(error, REFUSED):
            self._close_send(send)
            send.refused(Refused(str(error)))
        elif isinstance(error, FATAL) or time.monotonic() - send.since > self._options.delivery_timeout_s:
            raise Fatal(
                f"a record for {send.record.topic} cannot be delivered: {error}",
                reason="not_delivered",
                detail=repr(error),
            ) from error
        else:
            # What the idempotent producer gives up when the broker forgets it is safe to send again: a
            # reader that knows the first one by its id passes over the second.
            metrics.RETRIES.labels(STAGE, "send").inc()
            pause = RESEND_PAUSE_S[min(send.attempts - 1, len(RESEND_PAUSE_S) - 1)]
            send.due = time.monotonic() + pause
            self._again.append(send)

    def _close_send(self, send: _Send) -> None:
        del self._sends[send]
        self.unacked_bytes -= send.record.size

    def _wait(self, timeout_s: float) -> None:
        with self._lock:
            if not self._settled:
                self._lock.wait(timeout_s)
        self.settle()

    def drain(self, timeout_s: float) -> bool:
        """Wait until all that was sent is settled; false where the time was too short.

        Raises:
            Fatal: something can never be delivered.
        """
        self.settle()
        deadline = time.monotonic() + timeout_s
        while self._sends and (left := deadline - time.monotonic()) > 0:
            self._wait(min(left, 0.1))
        return not self._sends

    def close(self) -> None:
        """Close the producer; what is not settled by now may still arrive, unseen."""
        try:
            self._producer.close(timeout=1.0 if self._sends else 10.0)
        except kafka_errors.KafkaTimeoutError:
            # kafka-python 3.0 gives up closing when its flush times out and leaves its thread running.
            self._producer._sender.force_close()  # noqa: SLF001
        for gauge in (_IN_FLIGHT, _OLDEST, metrics.UNACKED_BYTES):
            gauge.set(0)


def _producer_options(options: SinkOptions) -> dict[str, Any]:
    return {
        **options.client,
        "client_id": "newswire-connect",
        "enable_idempotence": True,
        "acks": "all",
        "compression_type": options.compression,
        "max_request_size": DEAD_LETTER_RECORD_BYTES + RECORD_OVERHEAD,
        "batch_size": 256 * 1024,
        "linger_ms": 20,
        "delivery_timeout_ms": int(max(options.delivery_timeout_s, options.request_timeout_s + 1) * 1000),
        "request_timeout_ms": int(options.request_timeout_s * 1000),
        "max_block_ms": int(options.connect_timeout_s * 1000),
        "bootstrap_timeout_ms": int(options.connect_timeout_s * 1000),
        "reconnect_backoff_max_ms": 2_000,
        "allow_auto_create_topics": False,
        "metrics_enabled": False,
    }

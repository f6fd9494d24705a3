"""Where records go: one idempotent kafka-python producer whose every send is looked at.

kafka-python 3 bounds nothing by itself: a frozen broker is fed until memory ends.  So bytes that are sent
and not yet acknowledged are counted here, and `Sink.send` waits while there are too many, and says so.

The producer's own thread only notes what became of a send; everything else happens in the thread that
calls `Sink.send`, `Sink.settle` and `Sink.drain`, which must be one and the same.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any, Final

from kafka import KafkaProducer
from kafka import errors as kafka_errors

from connectors.framework.errors import Fatal
from connectors.framework.producer import (
    FATAL,
    REFUSED,
    SinkOptions,
    close,
    connect,
    require_topic,
)
from newswire.telemetry import metrics
from newswire.telemetry.logs import log
from schemas.outcome import Hop
from schemas.partitions import partition_of
from schemas.wire import WireRecord

__all__ = ["Refused", "Sink", "SinkOptions"]

STAGE: Final = "connect"
_IN_FLIGHT = metrics.IN_FLIGHT.labels(STAGE)
_OLDEST = metrics.OLDEST.labels(STAGE)
RESEND_PAUSE_S: Final = (0.0, 0.1, 0.5, 2.0)
"""Before the first, second, … repetition of one send that the producer gave up; the last one stays."""
SILENCE_S: Final = 10.0
"""A broker that has confirmed nothing for so long is spoken of: kafka-python's own lines are for developers."""
LOOK_S: Final = 0.1
SAY_AFTER_S: Final = 1.0
"""Waiting that is shorter is the ordinary pace of a fast reader."""


class Refused(Exception):
    """A record that the broker will not take, whatever one does."""


class _Send:
    __slots__ = ("attempts", "delivered", "due", "record", "refused", "since", "size")

    def __init__(
        self, record: WireRecord, delivered: Callable[[Hop], None], refused: Callable[[Refused], None]
    ) -> None:
        self.record = record
        self.size = record.size
        self.delivered = delivered
        self.refused = refused
        self.since = 0.0
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
        # Not a plain dict: to find its first entry one walks over all that were deleted before it.
        self._sends: OrderedDict[_Send, None] = OrderedDict()
        self._counters: dict[str, tuple[Any, Any]] = {}
        self._next_look = 0.0
        self._said_silence = False
        self._again: list[_Send] = []
        self.unacked_bytes = 0
        self.waited_s = 0.0
        self._producer = connect(options, producer)

    def require(self, *topics: str) -> None:
        """Check that *topics* exist.

        Raises:
            Fatal: one does not, or may not be written.
        """
        for topic in topics:
            require_topic(self._producer, topic)

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
        send = _Send(record, delivered, refused)
        if not follows and not self._wait_for_room(send.size, give_up):
            return False
        send.since = time.monotonic()
        self._sends[send] = None
        self.unacked_bytes += send.size
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
            self.wait(0.1)
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
        partition = record.partition
        try:
            if record.route_by is not None:
                partition = partition_of(record.route_by, len(self._producer.partitions_for(record.topic)))
            future = self._producer.send(
                record.topic,
                value=record.value,
                key=record.key,
                headers=list(record.headers),
                partition=partition,
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
                self._count(send)
                send.delivered(Hop(topic=result.topic, partition=result.partition, offset=result.offset))
        now = time.monotonic()
        if self._again:
            due = [send for send in self._again if send.due <= now]
            self._again = [send for send in self._again if send.due > now]
            for send in due:
                self._give(send)
        if now >= self._next_look:
            self._next_look = now + LOOK_S
            self._look(now)

    def _count(self, send: _Send) -> None:
        topic = send.record.topic
        if topic not in self._counters:
            self._counters[topic] = (
                metrics.OUTPUTS.labels(STAGE, topic),
                metrics.OUTPUT_BYTES.labels(STAGE, topic),
            )
        records, size = self._counters[topic]
        records.inc()
        size.inc(send.size)

    def _look(self, now: float) -> None:
        """Show how much is under way, and see that it is not under way for too long."""
        first = next(iter(self._sends), None)
        age = 0.0 if first is None else now - first.since
        _IN_FLIGHT.set(len(self._sends))
        _OLDEST.set(age)
        metrics.UNACKED_BYTES.set(self.unacked_bytes)
        if age > self._options.delivery_timeout_s + self._options.request_timeout_s:
            raise Fatal(f"Kafka has not confirmed what was sent {age:.0f} s ago", reason="not_delivered")
        if (age > SILENCE_S) != self._said_silence:
            self._said_silence = age > SILENCE_S
            if self._said_silence:
                log.warning(
                    "the broker does not answer: what was sent waits", oldest_s=age, records=len(self._sends)
                )
            else:
                log.info("the broker answers again")

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
        self.unacked_bytes -= send.size

    def wait(self, timeout_s: float) -> None:
        """Wait until something becomes of a send, and act on it.

        Raises:
            Fatal: one can never be delivered, or not within the delivery timeout.
        """
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
            self.wait(min(left, 0.1))
        return not self._sends

    def close(self) -> None:
        """Close the producer; what is not settled by now may still arrive, unseen."""
        close(self._producer, 1.0 if self._sends else 10.0)
        for gauge in (_IN_FLIGHT, _OLDEST, metrics.UNACKED_BYTES):
            gauge.set(0)

"""A producer without a broker: it confirms, holds back, fails or refuses, as a test says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kafka import errors
from kafka.future import Future
from kafka.producer.future import RecordMetadata
from kafka.structs import TopicPartition


class Sent:
    """One send: what was sent and the future that tells of it."""

    def __init__(
        self,
        topic: str,
        key: bytes,
        value: bytes,
        headers: list[tuple[str, bytes]],
        partition: int | None = None,
    ) -> None:
        self.topic, self.key, self.value, self.headers = topic, key, value, headers
        self.partition = partition
        self.future = Future()

    def header(self, name: str) -> str | None:
        return next((value.decode() for key, value in self.headers if key == name), None)


class FakeProducer:
    """Stands in for ``KafkaProducer``; its ``sent`` are in order, its partitions have one offset each."""

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.sent: list[Sent] = []
        self.holding = False
        self.held: list[Sent] = []
        self.closed = False
        self.topics: set[str] | None = None
        self.answer: Callable[[Sent], Exception | None] = lambda _sent: None
        """What becomes of a send: null confirms it, an error is its failure."""
        self.raise_on_send: Callable[[Sent], Exception | None] = lambda _sent: None

    def send(
        self,
        topic: str,
        *,
        value: bytes,
        key: bytes,
        headers: list[tuple[str, bytes]],
        partition: int | None,
    ) -> Future:
        sent = Sent(topic, key, value, headers, partition)
        error = self.raise_on_send(sent)
        if error is not None:
            raise error
        self.sent.append(sent)
        if self.holding:
            self.held.append(sent)
        else:
            self._finish(sent)
        return sent.future

    def _finish(self, sent: Sent) -> None:
        error = self.answer(sent)
        if error is not None:
            sent.future.failure(error)
            return
        offset = [one for one in self.sent if one.topic == sent.topic].index(sent)
        place = TopicPartition(sent.topic, 0)
        sent.future.success(RecordMetadata(sent.topic, 0, place, offset, 0, None, 0, 0, 0))

    def release(self, *which: int) -> None:
        """Finish held sends: those at *which* places, or all."""
        chosen = [self.held[place] for place in which] if which else list(self.held)
        for sent in chosen:
            self.held.remove(sent)
            self._finish(sent)

    def partitions_for(self, topic: str) -> set[int]:
        if self.topics is not None and topic not in self.topics:
            raise errors.KafkaTimeoutError("no metadata")
        return {0}

    def close(self, timeout: float | None = None) -> None:
        self.closed = True

    def values(self, topic: str) -> list[bytes]:
        return [sent.value for sent in self.sent if sent.topic == topic]

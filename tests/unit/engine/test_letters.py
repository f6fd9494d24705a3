"""Dead letters are sent until they are taken: by a new producer each time, in order, and not beyond a stop."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError, TopicAuthorizationFailedError

from newswire.telemetry.metrics import REGISTRY
from schemas import topics
from schemas.wire import WireRecord
from streams.engine import letters as module
from streams.engine.letters import Letters


class Cluster:
    """What becomes of each try, in order; when none is left, all are taken."""

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.taken: list[bytes | None] = []
        self.made = self.open = 0
        self.down = False

    def producer(self, **_options: Any) -> Producer:
        self.made += 1
        return Producer(self)


class Producer:
    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    async def start(self) -> None:
        self.cluster.open += 1
        if self.cluster.down:
            raise KafkaConnectionError

    async def stop(self) -> None:
        self.cluster.open -= 1

    async def send_and_wait(self, topic: str, *, value: bytes, key: bytes, headers: Any) -> str:
        await asyncio.sleep(0)
        if self.cluster.failures:
            raise self.cluster.failures.pop(0)
        self.cluster.taken.append(value)
        return f"the place of {value.decode()}"


def letter(value: bytes) -> WireRecord:
    return WireRecord(topic=topics.DEAD_LETTER.name, key=b"k", value=value, headers=[])


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_WAIT_S", 0.001)


def letters_of(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Letters:
    monkeypatch.setattr(module, "AIOKafkaProducer", cluster.producer)
    return Letters({}, "normalize")


def waiting() -> float | None:
    return REGISTRY.get_sample_value("newswire_dead_letter_waiting_records", {"stage": "normalize"})


@pytest.mark.usefixtures("quick")
async def test_a_letter_is_sent_until_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(MessageSizeTooLargeError(), TopicAuthorizationFailedError(), OSError("no route"))
    letters = letters_of(cluster, monkeypatch)
    sent = [letters.send(letter(value)) for value in (b"one", b"two")]
    assert await asyncio.gather(*sent) == ["the place of one", "the place of two"]
    assert cluster.taken == [b"one", b"two"]
    # A producer whose batch was refused has a gap in its sequence.
    assert cluster.made == 4
    assert cluster.open == 1
    await letters.stop()
    assert cluster.open == 0


@pytest.mark.usefixtures("quick")
async def test_no_broker_is_one_more_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster()
    cluster.down = True
    letters = letters_of(cluster, monkeypatch)
    sent = letters.send(letter(b"one"))
    while cluster.made < 3:
        await asyncio.sleep(0.001)
    cluster.down = False
    assert await sent == "the place of one"
    await letters.stop()
    assert cluster.open == 0


async def test_what_waits_is_a_metric_and_a_stop_gives_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LATE_S", 0.0)
    cluster = Cluster(*(MessageSizeTooLargeError() for _ in range(10)))
    letters = letters_of(cluster, monkeypatch)
    assert waiting() == 0
    sent = [letters.send(letter(b"one")), letters.send(letter(b"two"))]
    while len(cluster.failures) == 10:
        await asyncio.sleep(0.001)
    assert waiting() == 2
    await letters.stop()
    assert all(each.cancelled() for each in sent)
    assert waiting() == 0
    assert cluster.taken == []
    assert cluster.open == 0

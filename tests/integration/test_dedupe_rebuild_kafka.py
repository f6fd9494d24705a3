"""Dedupe's state rebuilt from a real topic: by this process alone, and with another that reads ahead."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable

import psutil
import pytest
from kafka import KafkaProducer
from kafka.admin import NewTopic

from newswire.broker import DevBroker
from newswire.settings import Settings
from schemas.wire import encode
from streams.dedupe import ahead, rebuild
from streams.dedupe.dedupe import Dedupe, DedupeLimits
from streams.dedupe.reading import Span, span_from
from streams.dedupe.rebuild import fold_topic
from streams.engine.errors import Fatal
from tests.support.brokers import admin_of, settings_for
from tests.support.waiting import eventually_async
from tests.unit.dedupe.dedupe_parts import START, article, prose

pytestmark = pytest.mark.kafka

TOPIC = "sightings-rebuild-test"
COUNT = 700
ARTICLES = [
    article(prose(40, seed=n % 500), url=f"https://example.org/{n}", at=START + n) for n in range(COUNT)
]


@pytest.fixture(scope="module")
def settings(kafka: DevBroker) -> Settings:
    """Fill the topic with sightings and, among them, what cannot be read as one."""
    state = Dedupe(DedupeLimits(), None)
    settings = settings_for(kafka)
    with admin_of(kafka) as admin:
        admin.create_topics([NewTopic(TOPIC, 1, 1)])
    producer = KafkaProducer(bootstrap_servers=settings.kafka_bootstrap)
    for number, each in enumerate(ARTICLES):
        value = encode(state.judge(each, START + number))
        producer.send(TOPIC, value, partition=0, timestamp_ms=START + number)
        if number % 100 == 50:
            producer.send(TOPIC, b"no sighting", partition=0)
    producer.flush()
    producer.close()
    state.close()
    return settings


def judged_anew(state: Dedupe) -> list[bytes]:
    again = [encode(state.judge(each, START + COUNT)) for each in ARTICLES]
    copy = article(prose(40, seed=3), url="https://example.org/copy", at=START + COUNT)
    return [*again, encode(state.judge(copy, START + COUNT))]


async def test_reading_ahead_changes_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for least in (1, 10**9):
        monkeypatch.setattr(rebuild, "AHEAD_FROM", least)
        told: list[tuple[int, str]] = []
        state = Dedupe(DedupeLimits(), None, on_set_aside=lambda *one, told=told: told.append(one))
        folded = await fold_topic(state, settings, TOPIC, 0)
        assert folded == COUNT + 7
        assert state.set_aside == len(told) == 7
        found.append((told, state.position, state.entries, state.owners, judged_anew(state)))
        state.close()
    assert found[0] == found[1]


async def test_only_what_follows_is_read(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "AHEAD_FROM", 1)
    state = Dedupe(DedupeLimits(), None)
    whole = await fold_topic(state, settings, TOPIC, 0)
    assert await fold_topic(state, settings, TOPIC, 0) == 0
    assert state.position == whole
    state.close()
    span = await span_from(settings, TOPIC, 0, 600)
    numbers = [one.offset async for frame in ahead.read_ahead(settings, span) for one in frame]
    assert numbers == list(range(600, whole))


@pytest.mark.parametrize("position", [10**6, 500], ids=["beyond its end", "where it has other records"])
async def test_a_state_that_was_not_made_from_the_topic_is_made_anew(
    settings: Settings, position: int
) -> None:
    """What it knows and the topic does not would be taken for seen, and never be enriched."""
    state = Dedupe(DedupeLimits(), None)
    phantom = article(prose(40, seed="phantom"), url="https://example.org/phantom", at=START)
    state.judge(phantom, START)
    state.reach(position - 1)
    assert state.confirm(position - 1)
    assert await fold_topic(state, settings, TOPIC, 0) == COUNT + 7
    assert state.judge(phantom, START + COUNT).verdict == "new"
    state.close()


Readers = Callable[[], list[psutil.Process]]


@pytest.fixture
def readers() -> Readers:
    """Tell which children of this process read ahead: none that an earlier test has left is among them."""
    before = spawned()
    return lambda: [child for child in spawned() if child not in before]


def spawned() -> list[psutil.Process]:
    found = []
    for child in psutil.Process(os.getpid()).children():
        with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended
            if "spawn_main" in " ".join(child.cmdline()):
                found.append(child)
    return found


async def exhausted(frames: AsyncIterator[object]) -> None:
    async for _ in frames:
        pass


async def test_a_reader_that_is_killed_ends_the_rebuild(settings: Settings, readers: Readers) -> None:
    """With an error, never with the part of the topic that it had read."""
    frames = ahead.read_ahead(settings, Span(TOPIC, 0, 0, 10**9))  # more than there is: it waits for it
    await anext(frames)
    (reader,) = readers()
    reader.send_signal(signal.SIGKILL)
    with pytest.raises(Fatal, match="ended before its end"):
        await exhausted(frames)
    assert readers() == []


async def test_a_rebuild_that_is_given_up_leaves_no_reader(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, readers: Readers
) -> None:
    monkeypatch.setattr(rebuild, "AHEAD_FROM", 1)
    state = Dedupe(DedupeLimits(), None)
    rebuilding = asyncio.create_task(fold_topic(state, settings, TOPIC, 0))

    async def reads() -> bool:
        return bool(readers())

    await eventually_async(reads, "a reader is there", pause_s=0.01)
    rebuilding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await rebuilding
    assert readers() == []
    state.close()


async def test_a_topic_that_cannot_be_read_is_said_so(settings: Settings) -> None:
    span = await span_from(settings, TOPIC, 0, 0)
    nowhere = settings.model_copy(update={"kafka_bootstrap": "127.0.0.1:1"})
    with pytest.raises(Fatal, match="cannot be read"):
        await anext(ahead.read_ahead(nowhere, span))

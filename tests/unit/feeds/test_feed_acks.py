from __future__ import annotations

import asyncio

import pytest

from connectors.feeds.acks import Acks
from connectors.framework.connector import Reading


class Broker:
    def __init__(self) -> None:
        self.readings: list[Reading] = []

    async def put(self, reading: Reading) -> None:
        self.readings.append(reading)

    def confirm(self, place: int) -> None:
        acked = self.readings[place].acked
        assert acked is not None
        acked()


async def test_a_source_is_settled_once_all_its_readings_are_confirmed():
    acks, broker = Acks(), Broker()
    for stream in ("a", "a", "b"):
        await acks.give(Reading(stream=stream), broker.put)
    waiting = asyncio.create_task(acks.settled(["a", "never heard of"]))
    for place in (1, 0):
        await asyncio.sleep(0.01)
        assert not waiting.done()
        await asyncio.to_thread(broker.confirm, place)
    await asyncio.wait_for(waiting, 60)


async def test_what_is_told_of_a_confirmation_is_told_all_the_same():
    acks, broker, told = Acks(), Broker(), []
    await acks.give(Reading(stream="a", acked=lambda: told.append("a")), broker.put)
    broker.confirm(0)
    assert told == ["a"]
    await acks.settled(["a"])


async def test_what_was_not_given_is_not_waited_for():
    acks, room = Acks(), asyncio.Event()

    async def put(_reading: Reading) -> None:
        await room.wait()

    giving = asyncio.create_task(acks.give(Reading(stream="a"), put))
    await asyncio.sleep(0)
    giving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await giving
    await asyncio.wait_for(acks.settled(["a"]), 60)

"""Plain Faust as its manual shows it: what it does with an event in each case.

python -m tests.support.losses.plain_faust CASE
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any

import faust
import mode

from tests.support.losses.events import FAULT, SOURCE, mark, number_of, once, target_of

CASE = sys.argv[1] if len(sys.argv) > 1 else ""
HELD: list[Any] = []

app = faust.App(
    f"plain-{CASE}",
    broker=f"kafka://{os.environ['NEWSWIRE_KAFKA_BOOTSTRAP']}",
    key_serializer="json" if CASE == "undecodable-key" else "raw",
    value_serializer="json" if CASE == "undecodable" else "raw",
    agent_supervisor=mode.CrashingSupervisor if "crashing" in CASE else mode.OneForOneSupervisor,
    store="memory://",
    topic_disable_leader=True,
    web_enabled=False,
    broker_commit_interval=0.3,
    broker_session_timeout=6,
    broker_heartbeat_interval=1.5,
    processing_guarantee="exactly_once" if CASE == "exactly-once" else "at_least_once",
    stream_wait_empty="sigterm" in CASE,
    producer_linger=0.05 if CASE == "not-awaited" else 0,
    producer_max_batch_size=20_000_000 if CASE == "not-awaited" else 16_384,
    producer_max_request_size=20_000_000,
    datadir=os.environ["LOSSES_DIR"] + f"/faust-{os.getpid()}",
)
source = app.topic(SOURCE, value_serializer=None)
target = app.topic(target_of(CASE), value_serializer="raw")
seen = app.Table("seen", default=int, partitions=3, key_type=str, value_type=int) if CASE == "table" else None


async def pass_on(value: Any) -> None:
    await (await target.send(value=value if isinstance(value, bytes) else b'{"n": %d}' % value["n"]))


async def raises(stream: Any) -> None:
    async for value in stream:
        if number_of(value) == FAULT and once("fault"):
            raise RuntimeError("a bug")
        await pass_on(value)


async def take(stream: Any) -> None:
    async for values in stream.take(10, within=0.5):
        if any(number_of(value) == FAULT for value in values) and once("fault"):
            raise RuntimeError("a bug")
        for value in values:
            await pass_on(value)


async def unacked(stream: Any) -> None:
    async for event in stream.noack().events():
        if number_of(event.value) == FAULT and once("fault"):
            HELD.append(event)  # its output is still on the way, say
            continue
        await pass_on(event.value)
        await stream.ack(event)


async def noack_take(stream: Any) -> None:
    async for events in stream.noack_take(100, within=0.5):
        if any(number_of(event.value) == FAULT for event in events) and once("fault"):
            raise RuntimeError("a bug")
        for event in events:
            await pass_on(event.value)
            await stream.ack(event)


async def noack(stream: Any) -> None:
    async for event in stream.noack().events():
        if number_of(event.value) == FAULT and once("fault"):
            raise RuntimeError("a bug")
        await pass_on(event.value)
        await stream.ack(event)


async def later(stream: Any) -> None:
    async for event in stream.noack().events():
        if number_of(event.value) == FAULT and once("fault"):
            # What is still to be done has the value; only in one of the two cases the event, too.
            HELD.append(event if CASE == "sigterm-held" else event.value)
            continue
        await pass_on(event.value)
        await stream.ack(event)


async def send_soon(stream: Any) -> None:
    async for value in stream:
        target.send_soon(value=value)
        if number_of(value) == FAULT and once("fault"):
            await asyncio.sleep(5)  # what came before is committed, on a busy machine, too
            os.kill(os.getpid(), signal.SIGKILL)


async def exactly_once(stream: Any) -> None:
    async for value in stream:
        await target.send(key=str(number_of(value)), value=value)
        if number_of(value) == FAULT:
            mark("fault")


async def next_step(stream: Any) -> None:
    # Only what this app consumes itself has partitions that it knows, and a transaction.
    async for _value in stream:
        pass


async def slow(stream: Any) -> None:
    async for value in stream:
        if number_of(value) == FAULT and once("fault"):
            await asyncio.sleep(3600)
        await pass_on(value)


async def table(stream: Any) -> None:
    assert seen is not None
    async for value in stream:
        key = str(number_of(value))
        if key in seen:
            continue  # a duplicate
        seen[key] = 1
        if number_of(value) == FAULT and once("fault"):
            await asyncio.sleep(2)  # the changelog is written
            os.kill(os.getpid(), signal.SIGKILL)
        await pass_on(value)


async def undecodable(stream: Any) -> None:
    async for value in stream:
        await pass_on(value)


async def not_awaited(stream: Any) -> None:
    async for value in stream:
        large = number_of(value) == FAULT
        await target.send(value=value + b" " * 5_000_000 if large else value)
        if large:
            mark("fault")


AGENTS = {
    "raises": raises,
    "raises-crashing": raises,
    "raises-crashing-noack": noack,
    "take": take,
    "noack-take": noack_take,
    "unacked": unacked,
    "concurrency": slow,
    "table": table,
    "undecodable": undecodable,
    "undecodable-key": undecodable,
    "sigterm-held": later,
    "sigterm-dropped": later,
    "not-awaited": not_awaited,
    "send-soon": send_soon,
    "exactly-once": exactly_once,
}

if __name__ == "__main__":
    app.agent(source, concurrency=4 if CASE == "concurrency" else 1)(AGENTS[CASE])
    if CASE == "exactly-once":
        app.agent(target)(next_step)
    faust.Worker(app, loglevel="WARN", console_port=0).execute_from_commandline()

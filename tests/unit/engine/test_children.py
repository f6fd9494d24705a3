"""Real child processes: each way of dying costs the culprit alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psutil
import pytest

from newswire.telemetry.metrics import REGISTRY
from streams.engine.children import Children
from streams.engine.errors import Fatal
from streams.engine.records import Done, Failed, Input
from tests.support import culprits
from tests.support.waiting import eventually


@asynccontextmanager
async def running(timeout_s: float = 60) -> AsyncIterator[Children]:
    pool = Children("normalize", culprits.handle, count=1, timeout_s=timeout_s, memory_mib=1024)
    try:
        await pool.start()
        yield pool
    finally:
        await pool.stop()


def spawned() -> set[psutil.Process]:
    """Return the children that this process has, be they of this test or left by others."""
    found = set()
    for each in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if "spawn_main" in " ".join(each.cmdline()):
                found.add(each)
    return found


def kills(cause: str) -> float:
    labels = {"stage": "normalize", "cause": cause}
    return REGISTRY.get_sample_value("newswire_child_kills_total", labels) or 0.0


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"segfault", "child_died"),
        (b"abort", "child_died"),
        (b"memory", "child_memory"),
        (b"native memory", "child_died"),
        (b"hang", "child_timeout"),
        (b"raise", "stage_error"),
    ],
)
async def test_the_culprit_fails_alone_and_its_batch_is_handled(value: bytes, reason: str):
    inputs = [Input(b"one", 0), Input(value, 0), Input(b"two", 0)]
    killed = kills(reason)
    # Only who hangs is to be cut off.
    async with running(timeout_s=2 if value == b"hang" else 60) as children:
        one, culprit, two = await children.run(inputs)
        assert isinstance(one, Done)
        assert isinstance(two, Done)
        assert (one.facts.item_id, two.facts.item_id) == ("one", "two")
        assert isinstance(culprit, Failed)
        assert culprit.reason == reason
        again = await children.run([Input(b"three", 0)])
        assert isinstance(again[0], Done)
    # Once in its batch and once alone; a child that raised lives on.
    assert kills(reason) - killed == (0 if reason == "stage_error" else 2)


async def test_the_number_of_children_is_a_metric():
    async with running() as children:
        assert (
            REGISTRY.get_sample_value("newswire_child_processes", {"stage": "normalize"})
            == children.count
            == 1
        )


async def test_no_input_is_blamed_for_a_child_that_dies_idle():
    before = spawned()
    async with running() as children:
        (child,) = spawned() - before
        child.kill()
        (result,) = await children.run([Input(b"one", 0)])
        assert isinstance(result, Done)


async def test_a_child_that_cannot_warm_up_ends_the_stage_with_a_reason():
    pool = Children(
        "enrich",
        culprits.handle,
        count=1,
        timeout_s=60,
        memory_mib=1024,
        warm_up=culprits.warm_up_fails,
    )
    with pytest.raises(Fatal, match="no child process starts"):
        await pool.start()
    await pool.stop()


async def test_a_child_is_replaced_after_so_many_calls():
    pool = Children("normalize", culprits.pids, count=1, timeout_s=60, memory_mib=1024, max_tasks=2)
    await pool.start()
    seen = set()
    for _ in range(5):
        (done,) = await pool.run([Input(b"", 0)])
        assert isinstance(done, Done)
        seen.add(done.facts.item_id)
    await pool.stop()
    assert len(seen) >= 2


def test_children_end_with_their_parent_however_it_dies():
    program = """
import asyncio, sys, time
from streams.engine.children import Children
from streams.engine.records import Input
from tests.support import culprits
async def main():
    pool = Children("normalize", culprits.pids, count=1, timeout_s=60, memory_mib=1024)
    await pool.start()
    (done,) = await pool.run([Input(b"", 0)])
    print(done.facts.item_id, flush=True)
    time.sleep(600)
if __name__ == "__main__":
    asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert psutil.pid_exists(child)
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()

    def ended() -> bool:
        try:
            return psutil.Process(child).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    eventually(ended, "the child has ended")

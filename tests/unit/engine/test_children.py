"""Real child processes: each way of dying costs the culprit alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import psutil
import pytest
import pytest_asyncio

from streams.engine.children import Children
from streams.engine.errors import Fatal
from streams.engine.records import Done, Failed, Input
from tests.support import culprits


@pytest_asyncio.fixture
async def children() -> AsyncIterator[Children]:
    pool = Children("normalize", culprits.handle, count=1, timeout_s=2, memory_mib=1024)
    await pool.start()
    yield pool
    await pool.stop()


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
async def test_the_culprit_fails_alone_and_its_batch_is_handled(
    children: Children, value: bytes, reason: str
):
    inputs = [Input(b"one", 0), Input(value, 0), Input(b"two", 0)]
    one, culprit, two = await children.run(inputs)
    assert isinstance(one, Done)
    assert isinstance(two, Done)
    assert (one.facts.item_id, two.facts.item_id) == ("one", "two")
    assert isinstance(culprit, Failed)
    assert culprit.reason == reason
    again = await children.run([Input(b"three", 0)])
    assert isinstance(again[0], Done)


async def test_no_input_is_blamed_for_a_child_that_dies_idle(children: Children):
    for child in psutil.Process().children(recursive=True):
        if "spawn_main" in " ".join(child.cmdline()):
            os.kill(child.pid, signal.SIGKILL)
    (result,) = await children.run([Input(b"one", 0)])
    assert isinstance(result, Done)


async def test_a_child_that_cannot_warm_up_ends_the_stage_with_a_reason():
    pool = Children(
        "enrich",
        culprits.handle,
        count=1,
        timeout_s=2,
        memory_mib=1024,
        warm_up=culprits.warm_up_fails,
    )
    with pytest.raises(Fatal, match="no child process starts"):
        await pool.start()
    await pool.stop()


async def test_a_child_is_replaced_after_so_many_calls():
    pool = Children("normalize", culprits.pids, count=1, timeout_s=5, memory_mib=1024, max_tasks=2)
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
    pool = Children("normalize", culprits.pids, count=1, timeout_s=5, memory_mib=1024)
    await pool.start()
    (done,) = await pool.run([Input(b"", 0)])
    print(done.facts.item_id, flush=True)
    time.sleep(60)
if __name__ == "__main__":
    asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert psutil.pid_exists(child)
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    deadline = time.monotonic() + 10
    while psutil.pid_exists(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE

"""The engine in the same cases.

python -m tests.support.losses.engine_worker CASE
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any

from newswire.settings import load_settings
from schemas import topics
from streams.engine.faust_app import stage_app
from streams.engine.records import Done, Emit, Facts, Failed, Input, Partition, Result
from streams.engine.worker import run_worker
from tests.support.losses.events import FAULT, SOURCE, mark, number_of, once, target_of

CASE = sys.argv[1] if len(sys.argv) > 1 else ""
RAISES = {"raises", "raises-crashing", "raises-crashing-noack", "take", "noack-take"}
NEVER_ENDS = {"concurrency", "unacked", "sigterm-held", "sigterm-dropped"}


class CaseStage:
    name = "normalize"
    reads = topics.RAW
    batch_size = 1 if CASE in NEVER_ENDS else 10
    concurrency = 4 if CASE in NEVER_ENDS else 1

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def assigned(self, partitions: frozenset[Partition]) -> None: ...

    async def revoked(self, partitions: frozenset[Partition]) -> None: ...

    def delivered(self, done: Done, offsets: tuple[int, ...]) -> bool:
        return True

    async def process(self, inputs: list[Input]) -> list[Result]:
        if CASE == "sigterm":
            await asyncio.sleep(0.2)
        return [await self.one(each) for each in inputs]

    async def one(self, each: Input) -> Result:
        value = each.value or b""
        try:
            number = number_of(value)
        except ValueError as error:
            return Failed(reason="not_json", error="ValueError", message=str(error))
        if number == FAULT:
            if CASE in RAISES and once("fault"):
                raise RuntimeError("a bug")
            if CASE in NEVER_ENDS and once("fault"):
                await asyncio.sleep(3600)
            if CASE == "exactly-once":
                mark("fault")
            if CASE in {"table", "send-soon"} and once("fault"):
                await asyncio.sleep(1)
                os.kill(os.getpid(), signal.SIGKILL)
            if CASE == "not-awaited":
                once("fault")
                value += b" " * 5_000_000
        return Done(
            facts=Facts(item_id=str(number)),
            emits=(Emit(topic=target_of(CASE), ce_type="t", ce_id="i", key="k", value=value),),
        )


def main() -> None:
    settings = load_settings()
    app = stage_app(CaseStage(), settings)

    @app.agent(app.topic(SOURCE))
    async def passing(stream: Any) -> None:
        await app.run_engine(stream)

    run_worker(app, settings)


if __name__ == "__main__":
    main()

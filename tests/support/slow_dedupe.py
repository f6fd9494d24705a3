"""A dedupe worker whose rebuild takes long, holding the loop for most of the time as a real one does.

python -m tests.support.slow_dedupe SECONDS
"""

from __future__ import annotations

import asyncio
import sys
import time

from newswire.settings import Settings, load_settings
from newswire.telemetry.logs import log
from streams.dedupe import stage
from streams.dedupe.agent import create_app
from streams.dedupe.rebuild import Foldable, fold_topic
from streams.engine.worker import run_worker

CHUNK_S = 0.4


async def fold_slowly(state: Foldable, settings: Settings, topic: str, partition: int) -> int:
    log.info("slow_fold")
    end = time.monotonic() + float(sys.argv[1])
    while time.monotonic() < end:
        # The loop must not turn meanwhile.
        time.sleep(CHUNK_S)
        await asyncio.sleep(0.01)
    return await fold_topic(state, settings, topic, partition)


if __name__ == "__main__":
    stage.fold_topic = fold_slowly
    loaded = load_settings()
    run_worker(create_app(loaded), loaded)

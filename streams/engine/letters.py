"""Dead letters: sent until their topic takes them, however long that is.

A dead letter is the last that is left of an item, so there is nothing to do about one that is refused but to
wait: nothing behind it is acknowledged meanwhile, the window fills, and the worker reads no more until somebody
has mended the topic.  It stays in its group and goes on by itself.

They have a producer of their own, made when the first one comes and anew after each failure: a batch that is
refused leaves a gap in an idempotent producer's sequence, which the broker takes for a loss, and a topic that
is not there would hold up the outputs of all other events.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from newswire.telemetry.logs import log
from newswire.telemetry.metrics import DEAD_LETTERS_WAITING, RETRIES
from schemas.wire import WireRecord

__all__ = ["Letters"]

FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 15.0
TRY_S: Final = 15.0
"""After so long without an answer a try has failed."""
LATE_S: Final = 5.0
"""A letter that was sent so long ago is one that waits."""
CLOSE_S: Final = 2.0


class Letters:
    """The dead letters of one worker, one at a time and in order."""

    def __init__(self, options: dict[str, Any], stage: str) -> None:
        """*options* are those of an ``AIOKafkaProducer``."""
        self._options = options | {"request_timeout_ms": int(TRY_S * 1000)}
        self._stage = stage
        self._producer: AIOKafkaProducer | None = None
        self._turn = asyncio.Lock()
        self._sent: dict[asyncio.Task[RecordMetadata], float] = {}
        DEAD_LETTERS_WAITING.labels(stage).set_function(self._late)

    def _late(self) -> int:
        now = time.monotonic()
        return sum(now - at > LATE_S for at in list(self._sent.values()))

    def send(self, record: WireRecord) -> asyncio.Task[RecordMetadata]:
        """Send a letter; done with its metadata when the broker has it, and never with a failure of Kafka."""
        task = asyncio.create_task(self._until_taken(record), name="dead-letter")
        self._sent[task] = time.monotonic()
        task.add_done_callback(self._sent.pop)
        return task

    async def _until_taken(self, record: WireRecord) -> RecordMetadata:
        async with self._turn:
            wait_s, tries = FIRST_WAIT_S, 0
            while True:
                try:
                    # Not wait_for, which up to Python 3.11 can lose a cancellation that comes with an answer.
                    async with asyncio.timeout(TRY_S):
                        taken = await self._try(record)
                except (KafkaError, OSError, TimeoutError) as error:
                    failure = error
                else:
                    if tries:
                        log.info("dead_letter_taken", stage=self._stage, tries=tries + 1)
                    return taken
                tries += 1
                RETRIES.labels(self._stage, "dead_letter").inc()
                log.warning(
                    "dead_letter_refused",
                    stage=self._stage,
                    topic=record.topic,
                    error=repr(failure),
                    tries=tries,
                    next_try_s=wait_s,
                )
                await self._close()
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def _try(self, record: WireRecord) -> RecordMetadata:
        if self._producer is None:
            producer = AIOKafkaProducer(**self._options)
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        taken: RecordMetadata = await self._producer.send_and_wait(
            record.topic, value=record.value, key=record.key, headers=record.headers
        )
        return taken

    async def _close(self) -> None:
        producer, self._producer = self._producer, None
        if producer is None:
            return
        # It would wait for the very records that are not taken; who sends them again has them.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await producer.stop()

    async def stop(self) -> None:
        """Give up what was not taken, and close."""
        for task in list(self._sent):
            task.cancel()
        if self._sent:
            await asyncio.wait(set(self._sent))
        await self._close()

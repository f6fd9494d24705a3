"""A connector that polls shared sources in the plainest way, and a worker that runs it.

It stands in for the real one where sharing alone is tested.  Run as a script it is a worker whose settings
come from the environment; ``INTERVAL_S`` is the pause between two polls of a source.
"""

from __future__ import annotations

import asyncio
import queue
import re
import sys
from collections.abc import Iterator
from typing import Any

import aiohttp

from connectors.framework.connector import Checkpoint, Connector, Reading
from connectors.framework.items import Clock, raw_item, text_body
from connectors.framework.spec import Options, Spec
from connectors.framework.stop import stop_on_signals
from connectors.sharing.book import Change, SourceBook
from connectors.sharing.launch import run_shared
from newswire.settings import load_settings
from newswire.telemetry.logs import configure_logs, log
from newswire.telemetry.server import serve_metrics

_ITEM = re.compile(r"<item><guid[^>]*>([^<]+)</guid><title>([^<]*)</title>")


class _Source:
    def __init__(self, change: Change) -> None:
        assert change.definition is not None
        self.definition = change.definition
        self.last = int(change.state.cursor.get("last", -1)) if change.state else -1
        self.not_before = change.not_before
        self.open = 0
        self.task: asyncio.Task[None] | None = None
        self.revoked = False


class PlainPoller(Connector[Options]):
    spec = Spec(name="plain", kind="feed", summary="For tests.", description="For tests.", options=Options)
    keeps_place = True

    def __init__(self, book: SourceBook, interval_s: float) -> None:
        self.book, self.interval_s = book, interval_s
        self.sources: dict[str, _Source] = {}
        self.readings: queue.Queue[Reading | None] = queue.Queue(1000)
        self.clock = Clock()
        self.closing = False

    def open(self, options: Options, checkpoint: Checkpoint) -> None:
        self.closing = False

    def close(self) -> None:
        self.closing = True

    def read(self) -> Iterator[Reading]:
        loop = asyncio.new_event_loop()
        main = loop.create_task(self._main())
        try:
            while not self.closing:
                loop.run_until_complete(asyncio.sleep(0.01))
                if main.done():
                    main.result()
                    return
                while not self.readings.empty():
                    reading = self.readings.get()
                    assert reading is not None
                    yield reading
        finally:
            main.cancel()
            for task in asyncio.all_tasks(loop):
                task.cancel()
            loop.run_until_complete(asyncio.sleep(0.05))
            loop.close()

    async def _main(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as session:
            while True:
                for change in await self.book.changes(1.0):
                    self._take(change, session)

    def _take(self, change: Change, session: Any) -> None:
        known = self.sources.get(change.source_id)
        if change.kind == "added":
            source = self.sources[change.source_id] = _Source(change)
            source.task = asyncio.get_running_loop().create_task(self._poll(source, session))
        elif change.kind == "changed" and known is not None and change.definition is not None:
            known.definition = change.definition
        elif known is not None:
            del self.sources[change.source_id]
            known.revoked = True
            if known.task is not None:
                known.task.cancel()
            self._let_go(known)

    def _let_go(self, source: _Source) -> None:
        if source.revoked and source.open == 0:
            self.book.released([source.definition.source_id])

    async def _poll(self, source: _Source, session: Any) -> None:
        source_id = source.definition.source_id
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, source.not_before - self._now()))
        while True:
            if self.book.holds(source_id) and source.definition.enabled:
                try:
                    async with session.get(source.definition.url) as response:
                        text = await response.text()
                except (aiohttp.ClientError, TimeoutError):
                    text = ""
                if self.book.holds(source_id):
                    self._emit(source, text, loop)
            await asyncio.sleep(self.interval_s)

    @staticmethod
    def _now() -> float:
        import time

        return time.time()

    def _emit(self, source: _Source, text: str, loop: asyncio.AbstractEventLoop) -> None:
        for native_id, title in reversed(_ITEM.findall(text)):
            number = int(native_id.rpartition("-")[2])
            if number <= source.last:
                continue
            source.last = number
            item = raw_item(
                source_id=source.definition.source_id,
                source_kind="feed",
                native_id=native_id,
                fetched_at=self.clock.now(),
                body=text_body(title, "text/plain"),
            )
            source.open += 1
            self.readings.put(
                Reading(
                    stream=source.definition.source_id,
                    item=item,
                    cursor={"cursor": {"last": number}, "health": {"status": "ok"}},
                    acked=lambda: self._acked(source, loop),
                )
            )

    def _acked(self, source: _Source, loop: asyncio.AbstractEventLoop) -> None:
        def acked() -> None:
            source.open -= 1
            self._let_go(source)

        if not loop.is_closed():
            loop.call_soon_threadsafe(acked)


def main(interval_s: float, fetch_deadline_s: float) -> int:
    settings = load_settings()
    with stop_on_signals() as stop:
        configure_logs(settings.log_level, "json")
        _server, port = serve_metrics(settings.metrics_host, settings.metrics_port)
        log.info("worker_starts", stage="connect", metrics_port=port)
        report = run_shared(
            lambda book: PlainPoller(book, interval_s),
            Options(),
            settings,
            stop=stop,
            fetch_deadline_s=fetch_deadline_s,
        )
    log.info(
        "worker_ends", confirmed=report.confirmed, unconfirmed=report.unconfirmed, error=repr(report.error)
    )
    return 1 if report.error else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), float(sys.argv[2])))

"""Run stages over lines: in order, one line out for each line in."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from itertools import islice

from newswire.pipe.entry import Entry, settle, written
from newswire.pipe.lines import LineClock, entry_of, entry_of_item
from newswire.pipe.stages import PipeStage, as_new, stages_of
from newswire.settings import Settings
from schemas.article import Article
from schemas.base import Event
from schemas.outcome import Outcome
from schemas.raw_item import RawItem
from schemas.sighting import Sighting
from schemas.vocabulary import StageName
from schemas.wire import encode
from streams.engine.clock import from_ms
from streams.engine.records import Input

__all__ = ["enrich_items", "run_pipe"]

BATCH_LINES = 32


async def run_pipe(
    names: Sequence[str], lines: Iterable[bytes], write: Callable[[bytes], object], settings: Settings
) -> Counter[str]:
    """Run the stages called *names* over JSON *lines*; call *write* with each line of output, without its
    line feed.  Returns how many lines ended as which event, or as which outcome.

    Raises:
        ValueError: the names are not stages in the pipeline's order.
        Fatal: a stage cannot start; the message says why.
    """
    stages = stages_of(names, settings)
    natives: dict[str, str | None] = {}
    counts: Counter[str] = Counter()
    async with aclosing(_passed(stages, _entries(lines, stages[0].name))) as entries:
        async for entry in entries:
            _compare(entry, natives)
            write(written(entry))
            counts[_ended_as(entry)] += 1
    return counts


async def enrich_items(items: Iterable[RawItem], settings: Settings) -> list[Event]:
    """Normalize and enrich items, each taken for new; return the event that each of them reached, in order:
    an EnrichedArticle, or its Outcome.

    Raises:
        Fatal: a stage cannot start; the message says why.
    """

    async def batches() -> AsyncIterator[list[Entry]]:
        source = map(entry_of_item, items)
        while batch := list(islice(source, BATCH_LINES)):
            yield batch

    stages = stages_of(("normalize", "enrich"), settings)
    async with aclosing(_passed(stages, batches())) as entries:
        return [entry.last async for entry in entries]


async def _passed(
    stages: Sequence[PipeStage], flow: AsyncIterator[list[Entry]]
) -> AsyncGenerator[Entry, None]:
    """Yield each entry as the last stage leaves it; the stages run meanwhile."""
    try:
        for stage in stages:
            await stage.start()
        before: StageName | None = None
        for stage in stages:
            flow = _through(stage, flow, before)
            before = stage.name
        async for batch in flow:
            for entry in batch:
                yield entry
    finally:
        for stage in stages:
            await stage.stop()


def _ended_as(entry: Entry) -> str:
    if isinstance(entry.last, Outcome):
        return f"{entry.last.outcome} ({entry.last.reason})"
    if isinstance(entry.last, Sighting):
        return entry.last.verdict
    return type(entry.last).__name__


def _compare(entry: Entry, natives: dict[str, str | None]) -> None:
    natives[entry.item_id] = entry.native_id
    if isinstance(entry.last, Sighting) and entry.last.relations:
        entry.of_native_id = natives.get(entry.last.relations[0].item_id)


async def _entries(lines: Iterable[bytes], first: StageName) -> AsyncIterator[list[Entry]]:
    clock = LineClock()
    source = iter(lines)
    while batch := await asyncio.to_thread(_next_lines, source):
        yield [entry_of(line, first, clock) for line in batch]


def _next_lines(source: Iterator[bytes]) -> list[bytes]:
    return [line.rstrip(b"\r\n") for line in islice(source, BATCH_LINES)]


async def _through(
    stage: PipeStage, flow: AsyncIterator[list[Entry]], before: StageName | None
) -> AsyncIterator[list[Entry]]:
    # Several batches are under way where the stage allows it, and leave in the order they came.
    under_way: deque[asyncio.Task[list[Entry]]] = deque()
    async for batch in flow:
        under_way.append(asyncio.create_task(_one_batch(stage, batch, before)))
        if len(under_way) >= stage.concurrency:
            yield await under_way.popleft()
    while under_way:
        yield await under_way.popleft()


async def _one_batch(stage: PipeStage, batch: list[Entry], before: StageName | None) -> list[Entry]:
    waiting = [entry for entry in batch if entry.value is not None]
    if stage.name == "enrich" and before == "normalize":
        for entry in waiting:
            assert isinstance(entry.last, Article)
            entry.value = encode(as_new(entry.last, from_ms(entry.at_ms)))
    for start in range(0, len(waiting), stage.batch_size):
        some = waiting[start : start + stage.batch_size]
        results = await stage.process([Input(entry.value, entry.at_ms) for entry in some])
        for entry, result in zip(some, results, strict=True):
            settle(entry, result, stage.name)
    return batch

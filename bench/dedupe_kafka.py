"""Dedupe through Kafka at full size: rebuilding, memory, articles a second.

    python -m bench.dedupe_kafka                    # 1,000,000 owners, some 6 GB of disk
    python -m bench.dedupe_kafka --entries 100000
    python -m bench.dedupe_kafka --data DIR         # keep the filled topic there, and use it again next time

The topic of sightings is filled with owners of real size, six days of them.  Then a real worker of the
dedupe stage starts with nothing but the topic, judges articles (70 % new, 15 % exact copies, 15 % near ones, of
about 400 words) and starts once more with its local files.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from bench.dedupe_articles import Articles, sightings
from bench.figures import Figure, report
from bench.kafka import append, end_of, read_new, running_broker
from bench.plain_loop import Spent, in_process, pass_on, read_all
from bench.stage_worker import StageWorker, running
from bench.table import print_table
from newswire.settings import Settings
from schemas import Article, topics
from schemas.wire import encode

CHUNK: Final = 2048
DAY_MS: Final = 86_400_000
SPAN_MS: Final = 6 * DAY_MS
"""Over so many days the owners are spread: within the window for near-duplicates."""
MAKERS: Final = 2
WORDS: Final = 400
REBUILD_TIMEOUT_S: Final = 900.0
JUDGE_TIMEOUT_S: Final = 300.0


def _articles_of(chunk: int) -> Articles:
    articles = Articles(seed=chunk)
    articles.made = chunk * CHUNK
    return articles


def _chunk(chunk: int, size: int, at_ms: int) -> list[bytes]:
    return sightings(_articles_of(chunk), size, copying=False, at_ms=at_ms)


def owners(entries: int, until_ms: int) -> Iterator[bytes]:
    """Make the sightings of *entries* new articles in order of time, on several cores."""
    sizes = [min(CHUNK, entries - begun) for begun in range(0, entries, CHUNK)]
    with ProcessPoolExecutor(MAKERS, multiprocessing.get_context("spawn")) as pool:
        waiting: deque[Future[list[bytes]]] = deque()
        for chunk, size in enumerate(sizes):
            at_ms = until_ms - SPAN_MS + SPAN_MS * chunk // len(sizes)
            waiting.append(pool.submit(_chunk, chunk, size, at_ms))
            if len(waiting) > 2 * MAKERS:
                yield from waiting.popleft().result()
        for future in waiting:
            yield from future.result()


def incoming(entries: int, count: int, at_ms: int, judged: int = 0) -> list[bytes]:
    """Make articles with their text: 70 % new, 15 % exact copies and 15 % near ones of recent contents.

    Others after each number of articles that were *judged* before.
    """
    last = (entries - 1) // CHUNK
    known = _articles_of(last)
    known.fresh(min(CHUNK, entries - last * CHUNK), at_ms)
    known.made = entries + 2 * judged  # a copy is made of an article that is made and not shown
    known.draw_anew(2**32 + judged)
    draw = random.Random(count + judged)
    fresh = known.fresh(count, at_ms)
    kinds = draw.choices((None, known.copy, known.near), (70, 15, 15), k=count)
    made = [one if kind is None else kind(at_ms) for kind, one in zip(kinds, fresh, strict=True)]
    return [encode(_with_text(article, draw)) for article in made]


def _with_text(article: Article, draw: random.Random) -> Article:
    words = [f"w{draw.getrandbits(16):x}" for _ in range(WORDS)]
    return msgspec.structs.replace(article, text=" ".join(words))


def articles_a_second(settings: Settings, worker: StageWorker, values: list[bytes]) -> float:
    """Append articles at once, and return the rate at which their sightings were appended."""
    begin = end_of(settings, topics.SIGHTINGS)
    append(settings, topics.ARTICLE.name, values)
    deadline = time.monotonic() + JUDGE_TIMEOUT_S
    while end_of(settings, topics.SIGHTINGS)[0] < begin[0] + len(values):
        worker.check()
        if time.monotonic() > deadline:
            raise SystemExit(f"dedupe did not judge {len(values)} articles in {JUDGE_TIMEOUT_S:.0f} s")
        time.sleep(0.5)
    times = [each.timestamp_ms for each in read_new(settings, topics.SIGHTINGS, begin)]
    return len(times) * 1000 / (times[-1] - times[0])


def rebuilt(worker: StageWorker) -> Spent:
    """Start a worker and return what it takes until its state is whole, its own start included.

    Not only what it says of the last rebuilding: where one takes longer than a group member may be silent,
    another one begins where that ended.
    """
    worker.start()
    whole = worker.event("state_rebuilt", REBUILD_TIMEOUT_S)["time"]
    cpu_s = worker.cpu_s()
    begun = worker.event("worker_starts", 60)["time"]
    worker.event("assigned", 60)
    return Spent((datetime.fromisoformat(whole) - datetime.fromisoformat(begun)).total_seconds(), cpu_s)


def filled(settings: Settings, entries: int, now_ms: int) -> tuple[int, float]:
    """See to it that the topic holds the owners; return how many articles were judged since they were put
    there by an earlier run, and the seconds that it took.

    Raises:
        SystemExit: the topic was filled with fewer.
    """
    there = end_of(settings, topics.SIGHTINGS)[0]
    if there >= entries:
        return there - entries, 0.0
    if there:
        raise SystemExit(f"the topic holds {there:,} sightings: {entries:,} owners need another directory")
    begun = time.monotonic()
    append(settings, topics.SIGHTINGS.name, owners(entries, now_ms))
    return 0, time.monotonic() - begun


def run(directory: Path, entries: int, count: int) -> None:
    with running_broker(directory) as settings, running(settings, "dedupe") as workers:
        worker = workers["dedupe"]
        now_ms = int(time.time() * 1000)
        judged, filling = filled(settings, entries, now_ms)
        shutil.rmtree(settings.data_dir / "dedupe", ignore_errors=True)
        plain_read = in_process(read_all, settings, topics.SIGHTINGS.name)
        from_nothing = rebuilt(worker)
        memory = worker.rss_mib() / 1024
        cpu_before = worker.cpu_s()
        rate = articles_a_second(settings, worker, incoming(entries, count, now_ms, judged))
        cpu_us = (worker.cpu_s() - cpu_before) / count * 1e6
        memory_after = worker.rss_mib() / 1024
        worker.stop()
        with_files = rebuilt(worker)
        worker.stop()
        passed_on = in_process(pass_on, settings, topics.ARTICLE.name, topics.SIGHTINGS.of("backfill"), count)
        plain = passed_on.seconds
    print_table(
        f"Dedupe through Kafka, {entries:,} owners without copies, {count:,} articles",
        ("", "dedupe", "plain aiokafka", "ratio"),
        [
            (
                "rebuild from nothing, beside reading the topic",
                f"{from_nothing.seconds:.1f} s",
                f"{plain_read.seconds:.1f} s",
                f"{plain_read.seconds / from_nothing.seconds:.2f}",
            ),
            (
                "CPU of that",
                f"{from_nothing.cpu_s:.1f} s",
                f"{plain_read.cpu_s:.1f} s",
                f"{plain_read.cpu_s / from_nothing.cpu_s:.2f}",
            ),
            (
                "rebuild with the local files",
                f"{with_files.seconds:.1f} s",
                "",
                f"{with_files.cpu_s:.1f} s CPU",
            ),
            (
                "articles judged, beside passing them on",
                f"{rate:,.0f}/s",
                f"{count / plain:,.0f}/s",
                f"{rate * plain / count:.2f}",
            ),
            (
                "CPU for one article",
                f"{cpu_us:.0f} µs",
                f"{passed_on.cpu_s / count * 1e6:.0f} µs",
                f"{passed_on.cpu_s / count * 1e6 / cpu_us:.2f}",
            ),
            ("resident after the rebuild", f"{memory:.2f} GiB", "", ""),
            ("resident after the articles", f"{memory_after:.2f} GiB", "", ""),
            ("filling the topic", f"{filling:.0f} s", "", ""),
        ],
        "floors at a million owners: 120 s, 10 s, 1,500/s, 1.5 GiB",
    )
    held = entries <= 1_000_000
    what = f"dedupe through Kafka, {entries / 1e6:g} M owners"

    def below(name: str, value: float, unit: str, floor: float) -> Figure:
        limit = floor if held else None
        return Figure(name=f"{what}: {name}", value=value, unit=unit, floor=limit, at_most=True)

    report(
        [
            Figure(name=f"{what}: articles", value=rate, unit="/s", floor=1500 if held else None),
            Figure(name=f"{what}: articles, to a plain loop", value=rate * plain / count),
            below("resident", max(memory, memory_after), "GiB", 1.5),
            below("rebuild from nothing", from_nothing.seconds, "s", 120),
            below("rebuild with files", with_files.seconds, "s", 10),
            Figure(
                name=f"{what}: rebuild, to reading alone", value=plain_read.seconds / from_nothing.seconds
            ),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=1_000_000, help="owners on the topic before the start")
    parser.add_argument("--articles", type=int, default=20_000, help="articles to judge")
    parser.add_argument("--directory", type=Path, help="where Kafka's data and the local files go")
    parser.add_argument("--data", type=Path, help="the same, but they are kept for further runs")
    options = parser.parse_args()
    if options.data is not None:
        run(options.data, options.entries, options.articles)
        return
    with tempfile.TemporaryDirectory(prefix="dedupe-bench-", dir=options.directory) as directory:
        run(Path(directory), options.entries, options.articles)


if __name__ == "__main__":
    main()

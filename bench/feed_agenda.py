"""What a source costs while it waits: memory, and the time of one step of the agenda, at three sizes.

    python -m bench.feed_agenda
    python -m bench.feed_agenda --sizes 1000 20000

A source is one of a world of news: its feed shows 25 entries and 50 are remembered, and of 500,000 articles
a day over 180,000 feeds 8.3 are waiting for their next visit.  A step takes what is due longest, decodes its
definition and state, encodes the state and sets the next time.  Each size is measured in a process of its own.
"""

from __future__ import annotations

import argparse
import gc
import random
import subprocess
import sys
import time
from typing import Final

import msgspec
import psutil

from bench.figures import Figure, report
from bench.table import print_table
from bench.texts import ROOT, news_texts
from connectors.feeds.agenda import Agenda, Held
from connectors.feeds.health import Standing
from connectors.feeds.revisits import Learned, Visit
from connectors.feeds.state import FeedState, packed, packed_definition, unpacked, unpacked_definition
from connectors.feeds.validators import Validators
from schemas import ids
from schemas.base import Publisher
from schemas.limits import MIB
from schemas.source import SourceDefinition

SIZES: Final = (1_000, 20_000, 180_000)
REMEMBERED: Final = 50
VISITS: Final = (0, 2, 4, 6, 8, 10, 12, 16, 17)
"""Taken by chance: 8.3 on average."""
STEPS: Final = 20_000
NOW: Final = 1_795_500_000.0
FLOORS: Final = {"mib": 1_024.0, "growth": 8.0}


class Measured(msgspec.Struct, frozen=True):
    sources: int
    rss_bytes: int
    definition_bytes: float
    state_bytes: float
    step_us: float


def source(number: int, words: list[str], chance: random.Random) -> tuple[SourceDefinition, FeedState]:
    host = f"www.newspaper-{number}.example.com"
    url = f"https://{host}/rss/latest-news.xml"
    definition = SourceDefinition(
        source_id=ids.source_id("feed", url),
        kind="feed",
        url=url,
        name=f"Newspaper number {number}: latest news",
        publisher=Publisher(domain=host, name=f"Newspaper number {number}", country="US"),
        language="en",
        tags=["world"],
        added_at="2026-11-01T00:00:00Z",
        updated_at="2026-11-01T00:00:00Z",
    )
    visits = []
    for _ in range(chance.choice(VISITS)):
        title = " ".join(chance.choices(words, k=10))
        slug = title.lower().replace(" ", "-")
        visits.append(
            Visit(
                native_id=f"https://{host}/?p={chance.randrange(10**7)}",
                url=f"https://{host}/2026/11/24/{slug}",
                lane="live",
                due=NOW + chance.random() * 86_400,
                had_at=NOW - chance.random() * 86_400,
                stage=1,
                words=chance.randbytes(8),
                title=title,
                published="Tue, 24 Nov 2026 09:00:00 GMT",
                etag=f'"{chance.randbytes(6).hex()}"',
                last_modified="Tue, 24 Nov 2026 09:00:00 GMT",
            )
        )
    state = FeedState(
        polls=100,
        polled_at=NOW,
        next_poll_at=NOW + chance.random() * 3_600,
        interval_s=3_600.0,
        validators=Validators(
            f'W/"{chance.randbytes(6).hex()}"', "Tue, 24 Nov 2026 09:00:00 GMT", 3, NOW, NOW
        ),
        standing=Standing("ok", None, NOW, 0.0, NOW, NOW),
        window=chance.randbytes(16 * REMEMBERED),
        largest=REMEMBERED // 2,
        body=chance.randbytes(8),
        visits=tuple(visits),
        learned=Learned(40, 3),
    )
    return definition, state


def measure(sources: int) -> Measured:
    """Fill an agenda and take steps with it."""
    words = sorted({word for text in news_texts(40).texts for word in text.split() if word.isalpha()})
    chance = random.Random(sources)
    process = psutil.Process()
    gc.collect()
    before = process.memory_info().rss
    agenda, definitions, states = Agenda(), 0, 0
    for number in range(sources):
        definition, state = source(number, words, chance)
        held = Held(definition.source_id, packed_definition(definition), packed(state))
        definitions += len(held.definition)
        states += len(held.state)
        agenda.add(held)
        agenda.schedule(held, state.next_poll_at)
    gc.collect()
    rss = process.memory_info().rss - before
    began = time.perf_counter()
    for _ in range(STEPS):
        now = agenda.next_at()
        taken = agenda.take(now)
        assert taken is not None
        unpacked_definition(taken.definition)
        taken.state = packed(unpacked(taken.state))
        agenda.schedule(taken, now + 3_600)
    step_us = (time.perf_counter() - began) / STEPS * 1e6
    return Measured(sources, rss, definitions / sources, states / sources, step_us)


def main() -> None:
    parser = argparse.ArgumentParser(description="What a source costs while it waits.")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--one", type=int, help="measure this size in this process, and print JSON")
    options = parser.parse_args()
    if options.one is not None:
        print(msgspec.json.encode(measure(options.one)).decode())
        return
    found = [
        msgspec.json.decode(
            subprocess.run(
                [sys.executable, "-m", "bench.feed_agenda", "--one", str(size)],
                cwd=ROOT,
                check=True,
                capture_output=True,
            ).stdout,
            type=Measured,
        )
        for size in options.sizes
    ]
    print_table(
        "Sources that wait",
        ("sources", "MiB", "bytes each", "of them definition", "of them state", "µs a step"),
        [
            (
                f"{each.sources:,}",
                f"{each.rss_bytes / MIB:,.0f}",
                f"{each.rss_bytes / each.sources:,.0f}",
                f"{each.definition_bytes:,.0f}",
                f"{each.state_bytes:,.0f}",
                f"{each.step_us:.0f}",
            )
            for each in found
        ],
        "A step grows with the misses of the processor's caches, and with nothing else.",
    )
    largest = found[-1]
    report(
        [
            Figure(
                name=f"{largest.sources:,} sources that wait",
                value=largest.rss_bytes / MIB,
                unit="MiB",
                floor=FLOORS["mib"],
                at_most=True,
            ),
            Figure(
                name=f"a step with {largest.sources:,} sources, beside {found[0].sources:,}",
                value=largest.step_us / found[0].step_us,
                floor=FLOORS["growth"],
                at_most=True,
            ),
        ]
    )


if __name__ == "__main__":
    main()

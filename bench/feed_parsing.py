"""Feeds parsed in place and through a child that can be killed, beside plain feedparser on the same bytes.

    python -m bench.feed_parsing
    python -m bench.feed_parsing --feeds 6 --rounds 1

Feeds are of the size that news sites serve (40 entries with teasers, every other one with whole articles), half of
them RSS, half Atom, a few with an entity that XML does not know; where the shared research data lies, its
test feeds, which are tiny and odd, are a second set.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import io
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import feedparser

from bench.figures import Figure, report
from bench.plain_loop import Spent
from bench.table import print_table
from bench.texts import ROOT, news_texts
from connectors.feeds.model import FeedError, ParsedFeed
from connectors.feeds.parsing import FeedParser
from connectors.feeds.parsing.read import parse_bytes

ENTRIES: Final = 40
TEASER: Final = 240
BROKEN: Final = 10
"""One feed in so many has an entity of HTML in it."""
URL: Final = "https://bench.example.org/feed.xml"
FLOORS: Final = {"place": 5.0, "child": 4.0, "agreement": 0.98}


def made_feeds(count: int) -> list[bytes]:
    """Return feeds made of news texts, the same for the same count."""
    texts = news_texts(ENTRIES).texts
    return [_feed(number, texts) for number in range(count)]


def _feed(number: int, texts: list[str]) -> bytes:
    atom, odd = number % 2 == 1, number % BROKEN == BROKEN - 1
    entries = []
    for place in range(ENTRIES):
        text = texts[(number + place) % len(texts)]
        title = html.escape(text.partition("\n")[0][:100]) + ("&nbsp;…" if odd and place == 0 else "")
        teaser = html.escape(text[:TEASER])
        whole = (
            html.escape("".join(f"<p>{line}</p>" for line in text.split("\n") if line))
            if number % 4 < 2
            else ""
        )
        link = f"https://bench.example.org/{number}/{place}"
        entries.append(
            f"<entry><id>{link}</id><title>{title}</title><link href='{link}'/><updated>2026-11-24T09:30:00Z</updated>"
            f"<author><name>A Name</name></author><summary type='html'>{teaser}</summary>"
            f"<content type='html'>{whole}</content></entry>"
            if atom
            else f"<item><guid>{link}</guid><title>{title}</title><link>{link}</link><dc:creator>A Name</dc:creator>"
            f"<pubDate>Tue, 24 Nov 2026 09:30:00 GMT</pubDate><category>News</category>"
            f"<description>{teaser}</description><content:encoded>{whole}</content:encoded></item>"
        )
    body = "".join(entries)
    if atom:
        return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Bench</title>{body}</feed>'.encode()
    return (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Bench</title>'
        f"{body}</channel></rss>"
    ).encode()


def test_feeds(most: int) -> list[bytes]:
    """Return test feeds of the shared data, evenly spread over its families; none where it does not lie."""
    folder = Path(os.environ.get("NEWSWIRE_SHARED") or ROOT.parent / "shared") / "data" / "feeds"
    paths = sorted(folder.rglob("*.xml"))
    return [path.read_bytes() for path in paths[:: max(len(paths) // most, 1)]]


def ours(data: bytes) -> ParsedFeed | None:
    try:
        return parse_bytes(data, url=URL)
    except FeedError:
        return None


def theirs(data: bytes) -> list[str]:
    """Parse as one would who takes care that feedparser opens nothing; return its entries' links and ids."""
    found = feedparser.parse(io.BytesIO(data))
    return [entry.get("link") or entry.get("id") or "" for entry in found.entries]


def timed(feeds: list[bytes], parse: Callable[[bytes], object]) -> Spent:
    begun, begun_cpu = time.perf_counter(), time.process_time()
    for data in feeds:
        parse(data)
    return Spent(time.perf_counter() - begun, time.process_time() - begun_cpu)


async def through_a_child(feeds: list[bytes], parser: FeedParser, *, at_once: int = 8) -> float:
    """Return the seconds that it takes with *at_once* parses waiting."""
    waiting = iter(feeds)

    async def work() -> None:
        for data in waiting:
            try:
                await parser.parse(data, url=URL)
            except FeedError:
                continue

    begun = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(at_once)))
    return time.perf_counter() - begun


def agreement(feeds: list[bytes]) -> float:
    """Return the share of feeds of which both read the same entries, by link."""
    agreed = 0
    for data in feeds:
        feed = ours(data)
        entries = feed.entries if feed else []
        links = [entry.url or (entry.native_id if entry.id_is_own else "") for entry in entries]
        agreed += links == theirs(data)
    return agreed / len(feeds)


async def measure(name: str, feeds: list[bytes], rounds: int) -> list[float]:
    """Return feeds a second: ours in place, ours through a child, feedparser; medians of *rounds* in turns."""
    parser = FeedParser()
    await parser.parse(feeds[0], url=URL)
    timed(feeds[:2], theirs)
    taken: list[list[float]] = [[], [], []]
    for _ in range(rounds):
        taken[0].append(timed(feeds, ours).seconds)
        taken[1].append(await through_a_child(feeds, parser))
        taken[2].append(timed(feeds, theirs).seconds)
    await parser.close()
    rates = [len(feeds) / statistics.median(seconds) for seconds in taken]
    print_table(
        f"{name}: {len(feeds)} feeds, {sum(map(len, feeds)) / len(feeds) / 1024:,.0f} KiB on average",
        ("", "feeds/s", "beside feedparser"),
        [
            (label, f"{rate:,.0f}", f"{rate / rates[2]:.1f} ×")
            for label, rate in zip(
                ("ours, in place", "ours, through a child", "feedparser"), rates, strict=True
            )
        ],
    )
    return rates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--feeds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    feeds = made_feeds(options.feeds)
    place, child, plain = asyncio.run(measure("news feeds", feeds, options.rounds))
    agreed = agreement(feeds)
    print(f"the same entries in {agreed:.1%} of them")
    odd = test_feeds(options.feeds * 10)
    if odd:
        asyncio.run(measure("test feeds", odd, options.rounds))
        print(f"the same entries in {agreement(odd):.1%} of them")
    report(
        [
            Figure(
                name="feeds parsed in place, feeds/s beside feedparser",
                value=place / plain,
                floor=FLOORS["place"],
            ),
            Figure(
                name="feeds parsed through a child, beside feedparser in place",
                value=child / plain,
                floor=FLOORS["child"],
            ),
            Figure(
                name="feeds of which both read the same entries",
                value=agreed,
                unit="",
                floor=FLOORS["agreement"],
            ),
        ]
    )


if __name__ == "__main__":
    main()

"""Enrichment in process beside stock ``nlp.pipe`` of the same model on the same texts, one thread, in turns.

    python -m bench.enrich_inprocess
    python -m bench.enrich_inprocess --texts 60 --rounds 1

Ours makes whole events, encoded, with entities merged and claims; stock runs all its components, in a process
of its own, and nothing is read from what it makes.
"""

from __future__ import annotations

import os

from streams.engine.threads import ONE_THREAD

# Before anything imports numpy, which reads it once.
os.environ.update(ONE_THREAD)

import argparse
import statistics
import time
from collections.abc import Sequence
from typing import Final

from bench.figures import Figure, report
from bench.memory import peak_mib
from bench.plain_loop import Spent
from bench.stock_spacy import MODEL, StockSpacy
from bench.table import print_table
from bench.texts import news_texts
from newswire.pipe.stages import as_new
from schemas import Article, Extractor, LanguageTag, UniqueArticle, ids, wire
from streams.enrich.enricher import Enricher

BATCH: Final = 16
WARM_UP: Final = 20
FLOOR: Final = 0.8
"""Of our articles to those of stock, by CPU time."""
SEEN: Final = "2026-11-24T09:30:00Z"


def judged(text: str, number: int) -> UniqueArticle:
    """Return a text as dedupe sends it on."""
    url = f"https://bench.example.org/{number}"
    article_id, content = ids.article_id(url, "bench", url), ids.content_hash(None, None, text)
    item_id, raw_hash = ids.item_id("bench", url, content, SEEN), ids.sha256_hex(text)
    article = Article(
        item_id=item_id,
        article_id=article_id,
        source_id="bench",
        source_kind="files",
        native_id=url,
        link_key=url,
        fetched_at=SEEN,
        canonical_url=url,
        text=text,
        text_basis="archive",
        language=LanguageTag(tag="en"),
        raw_hash=raw_hash,
        content_hash=content,
        extractor=Extractor(name="plain", version="1"),
    )
    return as_new(article, SEEN)


def enrich(enricher: Enricher, articles: list[UniqueArticle]) -> tuple[Spent, int, int]:
    """Enrich all, a batch at a time; return what it took and how many claims and entities there are."""
    claims = entities = 0
    begun, begun_cpu = time.perf_counter(), time.process_time()
    for first in range(0, len(articles), BATCH):
        batch = articles[first : first + BATCH]
        for event in enricher.enrich(batch, [1] * len(batch)):
            wire.encode(event)
            claims += len(event.claims)
            entities += len(event.entities)
    return Spent(time.perf_counter() - begun, time.process_time() - begun_cpu), claims, entities


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    chosen = news_texts(options.texts + WARM_UP)
    warm_up, texts = chosen.texts[:WARM_UP], chosen.texts[WARM_UP:]
    articles = [judged(text, number) for number, text in enumerate(texts)]
    enricher = Enricher.load()
    enrich(enricher, [judged(text, -1 - number) for number, text in enumerate(warm_up)])
    rows: list[tuple[str, ...]] = []
    ratios: list[float] = []
    with StockSpacy(MODEL, warm_up) as peer:
        for number in range(1, options.rounds + 1):
            ours, claims, entities = enrich(enricher, articles)
            stock = peer.read(texts)
            # CPU time: what else the machine does must not decide.
            ratios.append(stock.cpu_s / ours.cpu_s)
            rates = [f"{len(texts) / spent.cpu_s:.1f}/s" for spent in (ours, stock)]
            rows.append((str(number), *rates, f"{ratios[-1]:.2f}", f"{claims}", f"{entities}"))
        peaks = peak_mib(), peer.peak_mib()
    ratio = statistics.median(ratios)
    rows.append(("median", "", "", f"{ratio:.2f}", "", ""))
    rows.append(("memory at its peak", *(f"{peak:,.0f} MiB" for peak in peaks), "", "", ""))
    print_table(
        f"Enrichment in process beside stock nlp.pipe, {len(texts)} {chosen.origin}",
        ("round", "ours", "stock nlp.pipe", "ratio", "claims", "entities"),
        rows,
        "articles per second of CPU, one thread; ours writes whole events",
    )
    memory = [
        Figure(name=f"{whose}, memory at its peak", value=peak, unit="MiB")
        for whose, peak in zip(("enrichment in process", "stock nlp.pipe"), peaks, strict=True)
    ]
    report([Figure(name="enrichment in process, to stock nlp.pipe", value=ratio, floor=FLOOR), *memory])


if __name__ == "__main__":
    main()

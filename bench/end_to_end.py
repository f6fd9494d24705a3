"""End to end beside stock spaCy: raw items in, enriched articles out, one worker of each stage, real Kafka.

    python -m bench.end_to_end [--texts 900] [--rounds 3]

In each round new texts go through the pipeline, then, while it has nothing to do, the same texts in the same
order through ``nlp.pipe`` of spaCy's small English model as it comes (all components, one thread, default batch size).
The pipeline's rate is a steady one: the slope of a line through the times at which the enriched articles were
appended, from the first tenth of them to the last.  Its model has one process; normalize, dedupe, the engine and
Kafka share what the machine has beside it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from kafka import KafkaProducer

from bench.figures import Figure, report
from bench.kafka import Appended, end_of, read_new, running_broker
from bench.stage_worker import StageWorker, running
from bench.stock_spacy import MODEL, StockSpacy
from bench.table import print_table
from bench.texts import news_texts
from connectors.files import item_from_line
from newswire.settings import Settings
from newswire.settings.clients import kafka_python_options
from schemas import EnrichedArticle, topics
from schemas.wire import decode, encode, event_headers

FLOOR: Final = 0.9
STAGES: Final = ("normalize", "dedupe", "enrich")
COSTS: Final = (*STAGES, "stock")
WARM_UP: Final = 32
PAUSE_S: Final = 1.0
TIMEOUT_S: Final = 600.0


class Round(msgspec.Struct, frozen=True):
    """What one round showed."""

    articles: int
    rate: float
    """Enriched articles a second, steadily."""
    whole_s: float
    """From the first item sent to the last enriched article appended."""
    stock_rate: float
    cpu_s: dict[str, float]
    """By stage, of the worker and its children; ``stock`` of the peer."""

    @property
    def ratio(self) -> float:
        """The pipeline's rate to stock spaCy's."""
        return self.rate / self.stock_rate

    @property
    def cpu_ratio(self) -> float:
        """The CPU time of stock spaCy to that of the enrich worker, its engine included."""
        return self.cpu_s["stock"] / self.cpu_s["enrich"]


def send(settings: Settings, texts: Sequence[str], first: int) -> None:
    """Put texts on the raw topic as items, as connectors do; *first* numbers them."""
    producer = KafkaProducer(**kafka_python_options(settings), linger_ms=5, compression_type="lz4")
    fetched_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    for number, text in enumerate(texts, first):
        line = json.dumps({"id": f"text-{number}", "text": text}).encode()
        item = item_from_line(line, source_id="bench", fetched_at=fetched_at)
        headers = event_headers(
            id=item.item_id,
            type=topics.RAW.ce_type,
            source="/newswire/bench",
            subject=item.item_id,
            time=item.fetched_at,
        )
        producer.send(topics.RAW.name, encode(item), item.link_key.encode(), headers)
    producer.flush()
    producer.close()


def through(
    settings: Settings, workers: dict[str, StageWorker], texts: Sequence[str], first: int
) -> list[Appended]:
    """Send texts through the pipeline; return the enriched articles in the order they were appended."""
    ended, enriched = end_of(settings, topics.OUTCOMES), end_of(settings, topics.ENRICHED)
    wanted = sum(ended.values()) + len(texts)
    send(settings, texts, first)
    deadline = time.monotonic() + TIMEOUT_S
    while sum(end_of(settings, topics.OUTCOMES).values()) < wanted:
        for worker in workers.values():
            worker.check()
        if time.monotonic() > deadline:
            raise SystemExit(f"{len(texts)} items have not ended in {TIMEOUT_S:.0f} s")
        time.sleep(PAUSE_S)
    return read_new(settings, topics.ENRICHED, enriched)


def slope(times_ms: Sequence[int]) -> float:
    """Return events a second between the first tenth and the last, by least squares: articles come in
    batches, and no batch's edge may decide.
    """
    tenth = len(times_ms) // 10
    middle = np.asarray(times_ms[tenth : len(times_ms) - tenth], dtype=np.float64) / 1000
    fitted = np.polyfit(middle - middle[0], np.arange(len(middle)), 1)
    return float(fitted[0])


def one_round(
    settings: Settings, workers: dict[str, StageWorker], stock: StockSpacy, texts: list[str], first: int
) -> Round:
    before = {stage: worker.cpu_s() for stage, worker in workers.items()}
    begun_ms = time.time() * 1000
    appended = through(settings, workers, texts, first)
    cpu = {stage: worker.cpu_s() - before[stage] for stage, worker in workers.items()}
    events = [decode(each.value, EnrichedArticle) for each in appended]
    wrong = [event.analysis for event in events if event.analysis.entities != "done"]
    if wrong or len(events) < len(texts) * 0.9:
        raise SystemExit(
            f"{len(events)} of {len(texts)} texts were enriched, {len(wrong)} not read: {wrong[:3]}"
        )
    spent = stock.read([event.text for event in events])
    return Round(
        articles=len(events),
        rate=slope([each.timestamp_ms for each in appended]),
        whole_s=(appended[-1].timestamp_ms - begun_ms) / 1000,
        stock_rate=len(events) / spent.seconds,
        cpu_s=cpu | {"stock": spent.cpu_s},
    )


def run(directory: Path, texts: list[str], rounds: int) -> list[Round]:
    warm_up, texts = texts[:WARM_UP], texts[WARM_UP:]
    with running_broker(directory) as settings, running(settings, *STAGES) as workers:
        for worker in workers.values():
            worker.start()
        for worker in workers.values():
            worker.event("assigned", 120)
        through(settings, workers, warm_up, 0)
        with StockSpacy(MODEL, warm_up) as stock:
            return [
                one_round(settings, workers, stock, texts[number::rounds], 10_000 * (number + 1))
                for number in range(rounds)
            ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=900, help="in all rounds together")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    chosen = news_texts(options.texts + WARM_UP)
    with tempfile.TemporaryDirectory(prefix="end-to-end-bench-") as directory:
        rounds = run(Path(directory), chosen.texts, options.rounds)
    ratio = statistics.median(each.ratio for each in rounds)
    cpu_ratio = statistics.median(each.cpu_ratio for each in rounds)
    print_table(
        f"End to end beside stock nlp.pipe, one worker of each stage, {chosen.origin}",
        (
            "round",
            "articles",
            "pipeline",
            "nlp.pipe",
            "ratio",
            "by CPU",
            "whole",
            "CPU s: " + ", ".join(COSTS),
        ),
        [
            (
                str(number),
                str(each.articles),
                f"{each.rate:.1f}/s",
                f"{each.stock_rate:.1f}/s",
                f"{each.ratio:.2f}",
                f"{each.cpu_ratio:.2f}",
                f"{each.whole_s:.1f} s",
                ", ".join(f"{each.cpu_s[name]:.1f}" for name in COSTS),
            )
            for number, each in enumerate(rounds, 1)
        ]
        + [("median", "", "", "", f"{ratio:.2f}", f"{cpu_ratio:.2f}", "", "")],
        f"floor of the ratio: {FLOOR}; by CPU: what a busy machine does not decide",
    )
    what = "end to end, one worker of each stage, to stock nlp.pipe"
    report([Figure(name=what, value=ratio, floor=FLOOR), Figure(name=f"{what}, by CPU", value=cpu_ratio)])


if __name__ == "__main__":
    main()

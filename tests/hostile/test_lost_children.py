"""What costs a child its life costs one item its reading, and nothing and nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from newswire.broker import DevBroker
from schemas import topics
from schemas.dead_letter import read_headers
from schemas.raw_item import RawItem
from streams.engine.records import Record
from tests.support.brokers import consume, settings_for
from tests.support.models import ABORT, HANG, MEMORY, RAISE, SEGFAULT
from tests.support.order import assert_in_order
from tests.support.pipeline import Pipeline, items
from tests.support.processes import Workers
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1500)]

LOSES = {
    SEGFAULT: "child_died",
    ABORT: "child_died",
    MEMORY: "child_memory",
    HANG: "child_timeout",
    RAISE: "stage_error",
}
WORDS = "The warden of pier {0} told Ada Quill on day {0} that “{0} boats had come in before the storm”. "


def story(number: int, *, extra: str = "", **more: str) -> dict[str, str]:
    return {"id": f"story-{number}", "text": WORDS.format(number) * 2 + extra, "language": "en", **more}


def letters_of(kafka: DevBroker, count: int) -> list[Record]:
    """All dead letters, so many at least: one may come after the outcome that tells of it."""
    consume(kafka, topics.DEAD_LETTER.name, until=lambda read: len(read) >= count, timeout_s=120)
    return consume(kafka, topics.DEAD_LETTER.name)


def test_an_article_that_kills_the_reader(clean_kafka: DevBroker, workers: Workers, tmp_path: Path):
    pipeline = Pipeline(
        clean_kafka,
        workers,
        settings_for(
            clean_kafka,
            data_dir=tmp_path / "run",
            enrich_model="tests.support.models:crashing",
            enrich_timeout_s=5,
            enrich_memory_mib=1024,
            kafka_session_timeout_s=30,
        ),
    )
    # All lie in news.unique before enrich begins, so that culprits and others share batches.
    pipeline.start("normalize", "dedupe")
    culprits = items(story(n, extra=text) for n, text in enumerate(LOSES))
    copies = items(story(n, extra=text, id=f"copy-{n}", url=f"https://copy.example.org/{n}")
                   for n, text in enumerate(LOSES))  # fmt: skip
    others = items(story(n) for n in range(100, 120))
    mixed: list[RawItem] = [*others[:3], *culprits, *others[3:]]
    pipeline.send(mixed)
    eventually(lambda: len(pipeline.sightings()) == len(mixed), "all are judged", 300, 0.5)
    pipeline.finish(pipeline.send(copies), 300)
    pipeline.start("enrich")
    pipeline.finish(mixed, 300)

    outcomes = pipeline.outcomes()
    ended = {
        item.item_id: (outcomes[item.item_id].outcome, outcomes[item.item_id].reason)
        for item in (*mixed, *copies)
    }
    assert [ended[item.item_id] for item in culprits] == [("dead_letter", why) for why in LOSES.values()]
    assert {ended[item.item_id] for item in others} == {("enriched", None)}
    assert {ended[item.item_id] for item in copies} == {("duplicate", None)}

    articles = {article.item_id: article for article in pipeline.enriched()}
    assert set(articles) == {item.item_id for item in (*culprits, *others)}
    for item, why in zip(culprits, LOSES.values(), strict=True):
        found = articles[item.item_id]
        assert (found.analysis.claims, found.analysis.entities, found.analysis.reason) == (
            "failed", "failed", why,
        )  # fmt: skip
        assert found.text == item.body.text
        assert (found.claims, found.entities, found.claim_ids) == ([], [], [])
    for item in others:
        assert articles[item.item_id].analysis.claims == "done"
        assert len(articles[item.item_id].claims) == 2
    sightings = {sighting.item_id: sighting for sighting in pipeline.sightings()}
    for item, copy in zip(culprits, copies, strict=True):
        (relation,) = sightings[copy.item_id].relations[:1]
        assert (relation.kind, relation.revision_id) == ("identical", articles[item.item_id].revision_id)

    unique = {(r.topic, r.partition, r.offset): r for r in consume(clean_kafka, topics.UNIQUE.name)}
    letters = letters_of(clean_kafka, len(LOSES))
    assert len(letters) == len(LOSES)
    for letter in letters:
        said = read_headers(list(letter.headers))
        original = unique[said.topic, said.partition, said.offset]
        assert (letter.key, letter.value) == (original.key, original.value)
        assert letter.headers[: len(original.headers)] == original.headers
    assert_in_order(pipeline)


def test_a_page_that_takes_too_long_or_too_much(clean_kafka: DevBroker, workers: Workers, tmp_path: Path):
    slow = "<html><body><article>" + "<p>Words that somebody said on Monday.</p>" * 180_000
    settings = settings_for(
        clean_kafka,
        data_dir=tmp_path / "run",
        enrich_model="fake",
        normalize_timeout_s=4,
        kafka_session_timeout_s=30,
    )
    pipeline = Pipeline(clean_kafka, workers, settings)
    others = items(story(n) for n in range(12))
    (culprit,) = items([{"id": "slow", "html": slow}])
    sent = pipeline.send([*others[:5], culprit, *others[5:]])
    pipeline.start()
    pipeline.finish(sent, 300)
    outcomes = pipeline.outcomes()
    assert {outcomes[item.item_id].outcome for item in others} == {"enriched"}
    end = outcomes[culprit.item_id]
    assert (end.outcome, end.reason, end.stage) == ("dead_letter", "child_timeout", "normalize")
    (raw,) = (r for r in consume(clean_kafka, topics.RAW.name) if r.value and slow[:100].encode() in r.value)
    (letter,) = letters_of(clean_kafka, 1)
    assert (letter.key, letter.value) == (raw.key, raw.value)
    assert_in_order(pipeline)

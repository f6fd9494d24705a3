"""Items through all stages: real workers, real Kafka, the real model."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from newswire.broker import DevBroker
from schemas import topics
from schemas.claim import Claim
from schemas.entity import Entity
from schemas.ids import revision_id
from tests.support.brokers import consume, settings_for
from tests.support.pipeline import Pipeline, items, raw_record
from tests.support.processes import Workers
from tests.support.require import require_shared
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka

BASE = (
    "The harbour authority of Port Ellery said on Tuesday that 40 ships were waiting outside the port after "
    "a fire destroyed the northern pier. Mayor Ines Okafor told reporters that nobody had been hurt. "
    "The fire broke out shortly after midnight in a warehouse that stored cotton, and burned for six hours "
    "before crews from three towns brought it under control. Insurance companies have begun to count the "
    "damage along the quay, where cranes stood idle all morning and lorries queued for miles. "
    "“We will reopen the southern pier within two days,” Okafor said."
)
CHANGED = BASE.replace(
    "“We will reopen the southern pier within two days,” Okafor said.",
    "“The port will stay closed until the end of the month,” Okafor said.",
)


@pytest.fixture
def pipeline(clean_kafka: DevBroker, workers: Workers, tmp_path: Path) -> Pipeline:
    return Pipeline(clean_kafka, workers, settings_for(clean_kafka, data_dir=tmp_path / "run"))


def test_the_same_item_twice_a_near_copy_and_three_revisions(pipeline: Pipeline):
    pipeline.start()
    url = "https://news.example.org/2026/port-fire"
    lines = [
        {"id": "a", "url": url, "title": "Fire shuts port", "text": BASE, "language": "en"},
        {"id": "a", "url": url, "title": "Fire shuts port", "text": BASE, "language": "en"},
        {
            "id": "b",
            "url": "https://other.example.com/port",
            "title": "Fire shuts port",
            "text": CHANGED,
            "language": "en",
        },
        {
            "id": "a",
            "url": url,
            "title": "Fire shuts port",
            "text": BASE.replace("40 ships", "55 ships"),
            "language": "en",
        },
        {"id": "a", "url": url, "title": "Fire shuts port", "text": BASE, "language": "en"},
    ]
    sent = pipeline.send(items(lines))
    outcomes = pipeline.finish(sent)
    assert [outcome.outcome for outcome in outcomes] == [
        "enriched",
        "unchanged",
        "enriched",
        "enriched",
        "enriched",
    ]
    by_item = {sighting.item_id: sighting for sighting in pipeline.sightings()}
    first, again, near, second, third = (by_item[item.item_id] for item in sent)
    assert [s.verdict for s in (first, again, near, second, third)] == [
        "new",
        "unchanged",
        "near_duplicate",
        "revision",
        "revision",
    ]
    assert near.relations[0].revision_id == first.revision_id
    assert near.relations[0].unmatched_sentences
    assert (first.revision_number, second.revision_number, third.revision_number) == (1, 2, 3)
    assert second.relations[0].numbers_changed == ["40", "55"]
    assert third.reverts_to == 1
    assert third.revision_id == first.revision_id

    articles = pipeline.enriched()
    for article in articles:
        for claim in article.claims:
            for span in claim.content:
                assert article.text[span.start : span.end] == span.exact
    copy = next(a for a in articles if a.item_id == near.item_id)
    said = [span.exact for claim in copy.claims for span in claim.content]
    assert any("stay closed until the end of the month" in text for text in said), said
    # What has its own topic is the same as what the article holds.
    claims = [
        msgspec.json.decode(r.value or b"", type=Claim) for r in consume(pipeline.kafka, topics.CLAIMS.name)
    ]
    assert {c.claim_id for c in claims} == {c.claim_id for a in articles for c in a.claims}
    entities = [
        msgspec.json.decode(r.value or b"", type=Entity)
        for r in consume(pipeline.kafka, topics.ENTITIES.name)
    ]
    assert {e.entity_id for e in entities} == {e.entity_id for a in articles for e in a.entities}
    for outcome in outcomes:
        assert [hop.topic for hop in outcome.hops][:2] == [topics.RAW.name, topics.ARTICLE.name]
        assert outcome.times.raw
        assert outcome.times.normalized


def test_what_cannot_be_handled_ends_as_a_dead_letter_or_a_rejection(pipeline: Pipeline):
    pipeline.start()
    good = items([{"id": "good", "text": BASE, "language": "en"}])
    empty = items([{"id": "empty", "text": "   "}])
    broken = raw_record(good[0])
    broken = msgspec.structs.replace(broken, value=b"\xff not an item", key=b"broken")
    from tests.support.brokers import produce

    produce(pipeline.kafka, [broken, raw_record(good[0]), raw_record(empty[0])])
    enriched, rejected = pipeline.finish([*good, *empty])
    assert enriched.outcome == "enriched"
    assert (rejected.outcome, rejected.stage) == ("rejected", "normalize")
    # It lies in a partition of its own, so it is in no order with the others; nor are the two topics of its end.
    dead = eventually(
        lambda: [o for o in pipeline.outcomes().values() if o.outcome == "dead_letter"], "one is dead"
    )
    (letter,) = consume(pipeline.kafka, topics.DEAD_LETTER.name, until=bool)
    assert (letter.key, letter.value) == (b"broken", b"\xff not an item")
    assert [(o.reason, o.stage) for o in dead] == [("not_json", "normalize")]


def test_the_backfill_lane_runs_beside_the_live_one_and_meets_it_in_the_results(pipeline: Pipeline):
    pipeline.start()
    pipeline.start(lane="backfill")
    line = {"id": "a", "url": "https://news.example.org/a", "text": BASE, "language": "en"}
    live = pipeline.send(items([line]))
    line["fetched_at"] = "2026-11-01T00:00:00Z"
    old = pipeline.send(items([line, line | {"id": "b", "url": "https://x.example.com/b"}], lane="backfill"))
    outcomes = pipeline.finish([*live, *old])
    assert [(o.outcome, o.lane) for o in outcomes] == [
        ("enriched", "live"),
        ("enriched", "backfill"),
        ("duplicate", "backfill"),
    ]
    # The lanes do not know each other, and give one content the same ids.
    assert outcomes[0].revision_id == outcomes[1].revision_id
    assert {s.lane for s in pipeline.sightings("backfill")} == {"backfill"}


@pytest.mark.shared
def test_the_seed_article_gives_entities_with_variants_merged_and_claims_with_true_offsets(
    pipeline: Pipeline,
):
    (path,) = sorted(require_shared("seed").glob("*.txt"))
    text = path.read_text("utf-8")
    pipeline.start()
    sent = pipeline.send(items([{"id": "seed", "text": text}]))
    assert [o.outcome for o in pipeline.finish(sent)] == ["enriched"]
    (article,) = pipeline.enriched()
    assert article.text == text
    assert article.revision_id == revision_id(article.article_id, _content_hash(article))
    people = {e.name: {m.exact for m in e.mentions} for e in article.entities if e.type == "person"}
    assert {"Volodymyr Zelensky", "Zelensky"} <= people["Volodymyr Zelensky"]
    for span in [s for c in article.claims for s in (*c.content, *c.verbatim, *c.context)]:
        assert text[span.start : span.end] == span.exact
    assert len(article.claims) >= 6


def _content_hash(article: object) -> str:
    from schemas.ids import content_hash

    return content_hash(article.title, article.description, article.text)  # type: ignore[attr-defined]

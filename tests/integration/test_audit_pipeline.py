"""The operator's commands over what real workers wrote: audit, trace and requeue of a live pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from newswire.broker import DevBroker
from newswire.ledger.audit import audit
from newswire.ledger.groups import opened
from newswire.ledger.letters import letters, with_states
from newswire.ledger.reader import TopicReader
from newswire.ledger.requeue import requeue
from newswire.ledger.trace import trace
from schemas import topics
from schemas.ids import item_id_of_bytes
from schemas.outcome import Hop
from schemas.wire import WireRecord
from tests.support.brokers import produce, settings_for
from tests.support.pipeline import Pipeline, items, raw_record
from tests.support.processes import Workers
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka

STORY = (
    "The council of Lower Stapleton voted on Monday to close the ferry across the estuary, number {n} of its "
    "kind in the county, after an inspection found rust in the hull. Mayor Ines Okafor said that the boat "
    "had carried {n} passengers a day in summer. “We will build a bridge,” Okafor told reporters, and added "
    "that the money was there. The last crossing leaves at noon on Friday from the western landing."
)
BROKEN = b'{"item_id": 7, "not": "an item"}'


@pytest.fixture
def pipeline(clean_kafka: DevBroker, workers: Workers, tmp_path: Path) -> Pipeline:
    settings = settings_for(clean_kafka, data_dir=tmp_path / "run", enrich_model="fake")
    return Pipeline(clean_kafka, workers, settings)


def test_a_pipeline_whose_workers_are_killed_is_in_order(pipeline: Pipeline) -> None:
    settings = pipeline.settings
    first = pipeline.start()
    lines = [
        {
            "id": f"{number}",
            "url": f"https://stapleton.example/{number}",
            "title": f"Ferry {number} to close",
            "text": STORY.format(n=number % 40),
            "language": "en",
        }
        for number in range(60)
    ]
    sent = pipeline.send(items(lines))
    # A producer that did not hear of its success sends again: the same items, the same ids.
    produce(pipeline.kafka, [raw_record(item) for item in sent[:20]])
    produce(pipeline.kafka, [WireRecord(topic=topics.RAW.name, key=b"broken", value=BROKEN)])
    eventually(lambda: len(pipeline.outcomes()) > 3, "the pipeline is at work")
    for worker in first:
        worker.kill()
    pipeline.start()
    outcomes = pipeline.finish(sent)
    report = audit(settings, wait_s=60)
    assert report.violations == []
    assert report.complete
    assert report.counts.items == len(sent) + 1
    assert report.counts.under_way == 0
    assert report.counts.reasons == {"dead_letter(wrong_schema)": 1}
    assert sum(report.counts.outcomes.values()) == len(sent) + 1
    assert report.records["news.raw.v1"].redelivered == 20
    assert report.records["news.sightings.v1"].redelivered >= 20

    with TopicReader(settings) as reader:
        (path,) = trace(reader, sent[0].item_id)
        (attempt,) = path.attempts
        assert attempt.outcome == outcomes[0].outcome == "enriched"
        assert [step.name for step in attempt.steps if step.places] == [
            "raw",
            "normalized",
            "judged",
            "enriched",
            "outcome",
        ]
        assert not any(step.gone for step in attempt.steps)
        assert all(step.after_s is not None and step.after_s >= 0 for step in attempt.steps[1:-1])
        assert [each.item_id for each in trace(reader, "https://stapleton.example/7?utm_source=x")] == [
            sent[7].item_id
        ]

    broken = item_id_of_bytes(BROKEN)
    with opened(settings) as (reader, groups):
        (letter,) = with_states(reader, groups, letters(reader))
        assert (letter.item_id, letter.state) == (broken, "open")
        (done,) = requeue(settings, reader, [letter])
    assert done.sent_to is not None
    eventually(lambda: pipeline.outcomes()[broken].attempt == 2, "the second attempt has ended")
    again = pipeline.outcomes()[broken]
    place = letter.at
    assert again.requeued_from == Hop(topic=place.topic, partition=place.partition, offset=place.offset)

    def states() -> list[str]:
        with opened(settings) as (reader, groups):
            return [each.state for each in with_states(reader, groups, letters(reader))]

    # A letter goes by a producer of its own, so its outcome may be there before it.
    eventually(lambda: states() == ["failed_again", "open"], "its letter is there", pause_s=0.5)
    report = audit(settings, wait_s=60)
    assert (report.violations, report.complete, report.counts.requeued) == ([], True, 1)

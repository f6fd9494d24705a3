"""Two versions of each stage work side by side in one group: an upgrade under load, and the way back."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from newswire.broker import DevBroker
from tests.support.brokers import consume, settings_for
from tests.support.chaos import OUTPUT, audit, numbered
from tests.support.feeder import Feeder
from tests.support.next_version import FIELD, VERSION
from tests.support.pipeline import STAGES, Pipeline
from tests.support.processes import Worker, Workers
from tests.support.rolling import PATIENCE_S, has_its_part
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1200)]


def start_next(pipeline: Pipeline, stage: str) -> Worker:
    """Start a worker of the next version of a stage."""
    command = [sys.executable, "-m", "tests.support.next_version", stage]
    return has_its_part(pipeline.workers.start(command, pipeline.environ, f"{stage}-next"))


def versions(pipeline: Pipeline, stage: str) -> Counter[bool]:
    """Return how many events of a stage the present version wrote, and how many the next one."""
    written = [msgspec.json.decode(each.value or b"{}") for each in consume(pipeline.kafka, OUTPUT[stage])]
    return Counter(FIELD in event for event in written)


def await_outputs(pipeline: Pipeline, stage: str, *of_next: bool) -> None:
    """Wait until events of these versions have come since now; without any, until some event has."""
    before = versions(pipeline, stage)

    def came() -> bool:
        now = versions(pipeline, stage)
        return now.total() > before.total() and all(now[each] > before[each] for each in of_next)

    eventually(came, f"{stage} writes as next: {of_next or 'either'}", PATIENCE_S, 0.5)


def test_two_versions_share_a_group_and_either_goes_on_from_what_the_other_wrote(
    fresh_kafka: DevBroker, workers: Workers, tmp_path: Path
):
    settings = settings_for(
        fresh_kafka, data_dir=tmp_path / "run", enrich_model="fake", kafka_session_timeout_s=30
    )
    pipeline = Pipeline(fresh_kafka, workers, settings)
    present = dict(zip(STAGES, pipeline.start(), strict=True))
    feeder = Feeder(fresh_kafka, numbered(6000, 1), enough=400, rate=20)
    feeder.start()
    later: dict[str, Worker] = {}
    for stage in reversed(STAGES):
        # The order of an upgrade: who reads is there before what it will have to read.
        later[stage] = start_next(pipeline, stage)
        # Of dedupe only one judges, and which is Kafka's to say.
        await_outputs(pipeline, stage, *([] if stage == "dedupe" else [False, True]))
        assert present[stage].terminate(PATIENCE_S) == 0, present[stage].tail()
        await_outputs(pipeline, stage, True)
    for stage in STAGES:
        # And back: the present version reads what the next one has written.
        has_its_part(pipeline.add(stage))
        await_outputs(pipeline, stage, *([] if stage == "dedupe" else [False, True]))
        assert later[stage].terminate(PATIENCE_S) == 0, later[stage].tail()
        await_outputs(pipeline, stage, False)
    feeder.finish()
    sent = feeder.sent
    outcomes = pipeline.finish(sent, PATIENCE_S)
    assert {outcome.outcome for outcome in outcomes} == {"enriched", "duplicate"}
    audit(pipeline)
    # Whichever version judged them, a text's first is new, and every other one its copy.
    verdicts: dict[str, set[str]] = {}
    for sighting in pipeline.sightings():
        verdicts.setdefault(sighting.item_id, set()).add(sighting.verdict)
    assert all(len(each) == 1 for each in verdicts.values())
    texts = {item.body.text for item in sent if item.body}
    assert sum(each == {"new"} for each in verdicts.values()) == len(texts)
    assert {event.enricher.version for event in pipeline.enriched()} == {"1", VERSION}

"""Who judges, when the owner freezes, waits for long or rebuilds for long: always one, and nobody too late.

aiokafka lets a member leave its group that has fetched nothing for ``max.poll.interval.ms``, and does not
let it join again before it fetches.  A standby has nothing to fetch, and a worker that rebuilds may not.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from newswire.broker import DevBroker
from schemas import topics
from schemas.wire import WireRecord
from streams.engine.groups import group_of
from tests.support import brokers
from tests.support.brokers import consume, empty, produce, settings_for
from tests.support.chaos import audit, numbered
from tests.support.pipeline import Pipeline
from tests.support.processes import Worker, Workers
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]

MAX_POLL_S = 10.0
SESSION_S = 6.0
"""A busy machine keeps no worker from running for so long, and a takeover need not be waited for much longer."""
PATIENCE_S = 180


@pytest.fixture
def pipeline(clean_kafka: DevBroker, workers: Workers, tmp_path: Path) -> Pipeline:
    settings = settings_for(
        clean_kafka,
        data_dir=tmp_path / "run",
        enrich_model="fake",
        kafka_session_timeout_s=SESSION_S,
        kafka_max_poll_interval_s=MAX_POLL_S,
    )
    return Pipeline(clean_kafka, workers, settings)


def start_slow(pipeline: Pipeline, seconds: float) -> Worker:
    command = [sys.executable, "-m", "tests.support.slow_dedupe", str(seconds)]
    worker = pipeline.workers.start(command, pipeline.environ, "slow-dedupe")
    pipeline.running["dedupe"].append(worker)
    worker.wait_for('"slow_fold"', PATIENCE_S)
    return worker


def members(pipeline: Pipeline) -> list[str]:
    return brokers.members(pipeline.kafka, group_of("dedupe", "live"))


def test_a_standby_takes_over_while_the_frozen_owner_holds_its_files(pipeline: Pipeline):
    pipeline.start()
    pipeline.start("dedupe")
    sent = numbered(400, 1)
    pipeline.send(sent[:200])
    pipeline.finish(sent[:100])
    eventually(lambda: len(pipeline.owners("dedupe")) == 1, "both workers know who judges", PATIENCE_S)
    (owner,) = pipeline.owners("dedupe")
    standby = next(w for w in pipeline.running["dedupe"] if w is not owner)
    owner.pause()
    pipeline.send(sent[200:300])
    pipeline.finish(sent[:300], PATIENCE_S)
    assert pipeline.owners("dedupe")[-1] is standby
    owner.resume()
    pipeline.finish(pipeline.send(sent[300:]), PATIENCE_S)
    # The one that woke learns that the partition is another's, and stands by with its files let go.
    eventually(lambda: len(pipeline.owners("dedupe")) == 1, "both workers know who judges", PATIENCE_S)
    for worker in (owner, standby):
        assert worker.running, worker.tail()
    audit(pipeline)
    # Whatever the one that woke still wrote carries the verdict that stands.
    verdicts: dict[str, set[str]] = {}
    for sighting in pipeline.sightings():
        verdicts.setdefault(sighting.item_id, set()).add(sighting.verdict)
    assert len(verdicts) == len(sent)
    assert all(len(each) == 1 for each in verdicts.values())
    assert sum(each == {"new"} for each in verdicts.values()) == len(
        {item.body.text for item in sent if item.body}
    )


def test_an_owner_between_whose_sightings_another_wrote_starts_over(pipeline: Pipeline):
    _normalize, worker, _enrich = pipeline.start()
    sent = numbered(60, 1)
    pipeline.finish(pipeline.send(sent[:20]))
    # What a worker sends that was frozen: what it has judged is judged already.
    late = consume(pipeline.kafka, topics.SIGHTINGS.name)[-1]
    assert late.key is not None
    assert late.value is not None
    produce(
        pipeline.kafka,
        [WireRecord(topic=late.topic, key=late.key, value=late.value, headers=late.headers, partition=0)],
    )
    pipeline.finish(pipeline.send(sent[20:40]))
    # More than once where it has lost its place in the group meanwhile.
    eventually(lambda: len(worker.events("state_rebuilt")) >= 2, "it has learnt what was written", PATIENCE_S)
    pipeline.finish(pipeline.send(sent[40:]))
    assert worker.running, worker.tail()
    assert len(worker.events("sighting_out_of_line")) == 1
    audit(pipeline)
    # From then on its files go along again.
    assert worker.terminate() == 0
    (again,) = pipeline.start("dedupe")
    assert again.events("state_rebuilt")[-1]["folded"] == 0


def test_files_of_topics_that_were_deleted_are_not_taken_up(pipeline: Pipeline):
    started = pipeline.start()
    pipeline.finish(pipeline.send(numbered(20, 1)))
    for worker in started:
        assert worker.terminate() == 0
    before = [(seen.item_id, seen.verdict) for seen in pipeline.sightings()]
    empty(pipeline.kafka)
    pipeline.start()
    pipeline.finish(pipeline.send(numbered(20, 1)))
    assert [(seen.item_id, seen.verdict) for seen in pipeline.sightings()] == before


def test_a_standby_that_waited_for_long_takes_over(pipeline: Pipeline):
    pipeline.start()
    pipeline.start("dedupe")
    pipeline.finish(pipeline.send(numbered(20, 1)))
    before = members(pipeline)
    time.sleep(1.5 * MAX_POLL_S)
    assert members(pipeline) == before
    pipeline.owners("dedupe")[-1].kill()
    pipeline.finish(pipeline.send(numbered(20, 2)), PATIENCE_S)
    audit(pipeline)


def test_a_rebuild_longer_than_the_poll_interval_keeps_its_partition(pipeline: Pipeline):
    pipeline.start("normalize", "enrich")
    sent = pipeline.send(numbered(20, 1))
    worker = start_slow(pipeline, 2 * MAX_POLL_S)
    (member,) = members(pipeline)
    while '"assigned"' not in worker.said():
        assert members(pipeline) == [member], worker.tail()
        time.sleep(0.5)
    pipeline.finish(sent, PATIENCE_S)
    assert members(pipeline) == [member]
    assert worker.said().count('"slow_fold"') == 1
    audit(pipeline)


def test_a_rebuild_is_given_up_when_its_partition_goes_and_when_the_worker_stops(pipeline: Pipeline):
    pipeline.start("normalize", "enrich")
    sent = pipeline.send(numbered(20, 1))
    slow = start_slow(pipeline, 120)
    other = pipeline.add("dedupe")

    def rebalanced() -> bool:
        # Which of the two is given the partition is Kafka's to say.
        return '"assigned"' in other.said() and (
            slow.said().count('"slow_fold"') >= 2 or '"standby"' in slow.said()
        )

    eventually(rebalanced, "the group has settled", PATIENCE_S)
    assert slow.terminate() == 0, slow.tail()
    pipeline.finish(sent, PATIENCE_S)
    assert other.running, other.tail()
    audit(pipeline)

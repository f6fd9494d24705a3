"""Workers of stages are told to stop while the broker keeps them waiting: they end all the same, and lose nothing.

Without a bound of its own a worker would wait for the broker for as long as it is away: to commit, to leave its
group, to deliver what is in flight.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from newswire.broker import DevBroker
from tests.support.brokers import settings_for
from tests.support.chaos import audit, numbered
from tests.support.feeder import Feeder
from tests.support.pipeline import STAGES, Pipeline
from tests.support.processes import Workers

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1500)]

PATIENCE_S = 60
"""A worker ends by itself some 14 s after SIGTERM; without a bound, not before the broker is back."""


@pytest.mark.parametrize(
    ("away", "back"),
    [(DevBroker.pause, DevBroker.resume), (DevBroker.kill, DevBroker.start)],
    ids=["frozen", "killed"],
)
def test_stages_end_while_the_broker_is_away_and_what_they_held_comes_again(
    fresh_kafka: DevBroker,
    workers: Workers,
    tmp_path: Path,
    away: Callable[[DevBroker], object],
    back: Callable[[DevBroker], object],
):
    settings = settings_for(
        fresh_kafka, data_dir=tmp_path / "run", enrich_model="fake", kafka_session_timeout_s=3
    )
    pipeline = Pipeline(fresh_kafka, workers, settings)
    stages = pipeline.start()
    feeder = Feeder(fresh_kafka, numbered(2000, 1), enough=400, rate=50)
    feeder.start()
    pipeline.finish(feeder.items[:50], 120)
    away(fresh_kafka)
    try:
        for worker in stages:
            worker.child.terminate()
        for worker in stages:
            assert worker.wait(PATIENCE_S) == 0, worker.tail()
    finally:
        back(fresh_kafka)
    assert any('"stop_timed_out"' in worker.said() for worker in stages), "they did not wait for the broker"
    for stage in STAGES:
        pipeline.running[stage].clear()
    pipeline.start()
    feeder.finish()
    pipeline.finish(feeder.sent, 180)
    audit(pipeline)

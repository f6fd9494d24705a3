"""Kills, freezes and stops of every part under load: nothing lost, nothing double, every verdict once.

``make faults`` runs the same with FAULT_KILLS=50 and FAULT_ITEMS=100000.  FAULT_RATE is the items fed a second,
FAULT_SEED another order of faults.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from newswire.broker import DevBroker
from tests.support.brokers import settings_for
from tests.support.chaos import Chaos, audit, numbered
from tests.support.feeder import Feeder
from tests.support.pipeline import Pipeline
from tests.support.processes import Workers

KILLS = int(os.environ.get("FAULT_KILLS", "20"))
ITEMS = int(os.environ.get("FAULT_ITEMS", "5000"))
SPARE = max(5000, ITEMS // 5)
"""Items beyond these, for a machine on which the faults take longer than the items."""
SEED = int(os.environ.get("FAULT_SEED", "20261124"))
LONG = ITEMS > 5000
RATE = float(os.environ.get("FAULT_RATE", "150" if LONG else "25"))
SESSION_S = 3.0

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(7200 if LONG else 3600)]


def pipeline_of(kafka: DevBroker, workers: Workers, tmp_path: Path, model: str) -> Pipeline:
    settings = settings_for(
        kafka,
        data_dir=tmp_path / "run",
        enrich_model=model,
        kafka_session_timeout_s=SESSION_S,
        kafka_commit_interval_s=0.5,
    )
    return Pipeline(kafka, workers, settings)


def test_nothing_is_lost_whatever_is_killed(
    fresh_kafka: DevBroker, workers: Workers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    pipeline = pipeline_of(fresh_kafka, workers, tmp_path, "fake")
    pipeline.start()
    pipeline.start()
    feeder = Feeder(fresh_kafka, numbered(ITEMS + SPARE, SEED), enough=ITEMS, rate=RATE)
    chaos = Chaos(pipeline, feeder, seed=SEED)
    plan: list[Callable[[], None]] = [
        *[chaos.kill] * KILLS,
        *[chaos.kill_broker] * 5,
        *[chaos.terminate] * 3,
        *[lambda: chaos.freeze_dedupe(SESSION_S * 2)] * 2,
        *[chaos.take_over] * 2,
    ]
    random.Random(SEED).shuffle(plan)
    chaos.start()
    for fault in plan:
        fault()
    chaos.finish(1800 if LONG else 600)
    with capsys.disabled():
        print()
        counts = chaos.report("Faults under load")
    assert counts["lost"] == 0
    audit(pipeline)


def test_nothing_is_lost_with_the_real_model(
    fresh_kafka: DevBroker, workers: Workers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    pipeline = pipeline_of(fresh_kafka, workers, tmp_path, "english")
    pipeline.start()
    feeder = Feeder(fresh_kafka, numbered(600, SEED + 1), enough=300, rate=15.0)
    chaos = Chaos(pipeline, feeder, seed=SEED + 1)
    chaos.start()
    for stage in ("enrich", "dedupe", "enrich", "normalize"):
        chaos.kill(stage)
    chaos.finish()
    with capsys.disabled():
        print()
        counts = chaos.report("Faults under load, with the real model")
    assert counts["lost"] == 0
    audit(pipeline)

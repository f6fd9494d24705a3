"""What a real worker serves at /metrics."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from collections.abc import Callable

import msgspec
import pytest

from newswire.broker import DevBroker
from tests.support.brokers import environment_for, produce, settings_for
from tests.support.ledger import Case
from tests.support.models import HANG
from tests.support.processes import Worker, Workers, environment
from tests.support.require import require
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka
LAG = r'^kafka_consumergroup_lag{consumergroup="newswire-normalize",partition="\d",topic="news.raw.v1"} 0.0$'


def metrics_of(worker: Worker) -> Callable[[], str]:
    """Wait until the worker serves its metrics; return what asks for them."""
    worker.wait_for('"worker_starts"')
    started = next(line for line in worker.said().splitlines() if '"worker_starts"' in line)
    port = json.loads(started)["metrics_port"]

    def scraped() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            served: bytes = answer.read()
        return served.decode()

    return scraped


def test_a_worker_serves_metrics_that_promtool_passes(clean_kafka: DevBroker, workers: Workers) -> None:
    promtool = require("promtool")
    environ = environment(**environment_for(settings_for(clean_kafka, log_format="json")))
    scraped = metrics_of(workers.newswire("worker", "normalize", environ=environ))
    produce(clean_kafka, [Case("a").raw_record(), Case("empty", text="").raw_record()])

    wanted = [
        'newswire_events_total{stage="normalize"} 2.0',
        'newswire_output_records_total{stage="normalize",topic="news.article.v1"}',
        'newswire_outcomes_total{lane="live",outcome="rejected",reason="',
        'newswire_in_flight_events{stage="normalize"} 0.0',
    ]

    def missing() -> list[str]:
        served = scraped()
        lag = re.search(LAG, served, re.MULTILINE)
        return [each for each in wanted if each not in served] + ([] if lag else [LAG])

    eventually(lambda: not missing(), "every metric is there", 120)
    done = subprocess.run(
        [promtool, "check", "metrics"],
        input=scraped(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_stage_that_never_committed_shows_what_waits_for_it(
    clean_kafka: DevBroker, workers: Workers
) -> None:
    settings = settings_for(
        clean_kafka,
        log_format="json",
        enrich_model="tests.support.models:crashing",
        enrich_batch=1,
        enrich_timeout_s=1200,  # the one that hangs does so to the end
        window_events=1,
    )
    scraped = metrics_of(
        workers.newswire("worker", "enrich", environ=environment(**environment_for(settings)))
    )

    def waiting(n: int) -> None:
        line = f'kafka_consumergroup_lag{{consumergroup="newswire-enrich",partition="0",topic="news.unique.v1"}} {n}.0'
        eventually(lambda: line in scraped().splitlines(), line, 90)

    waiting(0)
    stuck, *others = [Case(f"{n}", text=HANG if not n else None).unique_record() for n in range(6)]
    produce(clean_kafka, [msgspec.structs.replace(each, partition=0) for each in (stuck, *others[:2])])
    waiting(3)
    produce(clean_kafka, [msgspec.structs.replace(each, partition=0) for each in others[2:]])
    waiting(6)

"""What a real worker serves at /metrics."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request

import pytest

from newswire.broker import DevBroker
from tests.support.brokers import environment_for, produce, settings_for
from tests.support.ledger import Case
from tests.support.processes import Workers, environment
from tests.support.require import require
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka
LAG = r'^kafka_consumergroup_lag{consumergroup="newswire-normalize",partition="\d",topic="news.raw.v1"} 0.0$'


def test_a_worker_serves_metrics_that_promtool_passes(clean_kafka: DevBroker, workers: Workers) -> None:
    promtool = require("promtool")
    environ = environment(**environment_for(settings_for(clean_kafka, log_format="json")))
    worker = workers.newswire("worker", "normalize", environ=environ)
    worker.wait_for('"worker_starts"')
    started = next(line for line in worker.said().splitlines() if '"worker_starts"' in line)
    port = json.loads(started)["metrics_port"]
    produce(clean_kafka, [Case("a").raw_record(), Case("empty", text="").raw_record()])

    def scraped() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            served: bytes = answer.read()
        return served.decode()

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

    eventually(lambda: not missing(), "every metric is there", 30)
    done = subprocess.run(
        [promtool, "check", "metrics"],
        input=scraped(),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

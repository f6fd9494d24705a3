"""The page of metrics is whole, and every metric keeps to Prometheus' rules."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request

import pytest

from newswire.telemetry import reference
from newswire.telemetry.metrics import REGISTRY
from newswire.telemetry.reference import described, page
from tests.support.processes import Workers, environment
from tests.support.require import require

USES_ALL = """
import sys, time
from newswire.telemetry import metrics
from newswire.telemetry.server import serve_metrics
for metric in vars(metrics).values():
    if isinstance(metric, (metrics.Counter, metrics.Gauge, metrics.Histogram)):
        one = metric.labels(*("x" for _ in metric._labelnames)) if metric._labelnames else metric
        (one.observe if isinstance(metric, metrics.Histogram) else one.inc)(1)
print("serves at", serve_metrics("127.0.0.1", 0)[1], "!", flush=True)
time.sleep(600)
"""
"""A process in which every metric that there is has a sample."""


@pytest.fixture
def scraped(workers: Workers) -> str:
    """What such a process serves at /metrics."""
    worker = workers.start([sys.executable, "-c", USES_ALL], environment(), "metrics")
    worker.wait_for("!")
    port = worker.said().split()[2]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        served: bytes = answer.read()
    return served.decode()


def test_promtool_finds_nothing_wrong(scraped: str) -> None:
    promtool = require("promtool")
    done = subprocess.run(
        [promtool, "check", "metrics"], input=scraped, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_promtool_would_find_what_is_wrong(scraped: str) -> None:
    promtool = require("promtool")
    wrong = scraped + "# HELP newswire_lag_milliseconds Lag.\n# TYPE newswire_lag_milliseconds gauge\n"
    wrong += "newswire_lag_milliseconds 1\n"
    done = subprocess.run(
        [promtool, "check", "metrics"], input=wrong, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert "newswire_lag_milliseconds" in done.stderr


def test_the_page_lists_exactly_what_is_served(scraped: str) -> None:
    served = dict(re.findall(r"^# TYPE (\S+) (\S+)$", scraped, re.MULTILINE))
    # Beside each counter and histogram the client serves when it was made.
    served = {name: kind for name, kind in served.items() if not name.endswith("_created")}
    assert {each.name: each.type for each in described()} == served
    for name in served:
        assert f"| `{name}` | " in page()


def test_nothing_is_registered_that_is_not_described() -> None:
    families = {family.name for family in REGISTRY.collect()}
    assert families == {each.name.removesuffix("_total") for each in described()}


def test_every_metric_has_a_meaning_and_every_label_is_explained() -> None:
    for each in described():
        assert each.meaning.endswith(".")
        assert set(each.labels) <= set(reference._LABELS)
        assert not {"url", "item_id", "id"} & set(each.labels)


@pytest.mark.parametrize(
    ("name", "family", "unit"),
    [
        ("a_seconds", "a_seconds", "seconds"),
        ("a_outcomes_total", "a_outcomes", "outcomes"),
        ("kafka_consumergroup_lag", "kafka_consumergroup_lag", "records"),
    ],
)
def test_units_are_those_of_the_names(name: str, family: str, unit: str) -> None:
    assert reference._unit(name, family) == unit


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("newswire_lateness", "newswire_lateness"),
        ("newswire_feed_windows_widened_total", "newswire_feed_windows_widened"),
    ],
)
def test_a_metric_without_a_unit_in_its_name_is_refused(name: str, family: str) -> None:
    with pytest.raises(ValueError, match="does not end with its unit"):
        reference._unit(name, family)


def test_how_a_partition_fared_is_listed_in_full() -> None:
    """The meanings of the metrics that have the label say each of its values."""
    found = [each for each in described() if "how" in each.labels]
    assert len(found) == 3
    listed = set(re.findall(r"`(\w+)`", reference._LABELS["how"]))
    assert listed == {"behind", "ahead", "first", "clean", "unclean", "late", "timeout", "lost"}
    for value in listed:
        assert any(re.search(rf"\b{value}\b", each.meaning) for each in found), value

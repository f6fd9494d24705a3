"""Alertmanager itself, with our configuration: a cause hides its consequences, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.contract.test_monitoring import ALERTS
from tests.support.monitoring import Receiver, alertmanager_in, ask
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow

SETTLED_S = 0.2
NORMALIZE, ENRICH = {"stage": "normalize"}, {"stage": "enrich"}
ALL_OF_ENRICH = [
    ("NewswireProcessDown", ENRICH | {"process": "enrich"}),
    ("NewswireStageMissing", ENRICH),
    ("NewswireStageStalled", ENRICH),
    ("NewswireLagGrowing", ENRICH),
    ("NewswireItemsLate", {"lane": "live"}),
    ("NewswireCanaryMissing", {}),
    ("NewswireLatencyBudgetBurnsFast", {}),
    ("NewswireLatencyBudgetBurnsSlowly", {}),
    ("NewswireEnrichmentSaturated", {}),
]
Named = list[tuple[str, dict[str, str]]]
CASES: dict[str, tuple[Named, set[str]]] = {
    "without Kafka nothing else is told but what is lost": (
        [("NewswireBrokerDown", {}), *ALL_OF_ENRICH, ("NewswireAuditMissing", {}), ("NewswireItemsLost", {})],
        {"NewswireBrokerDown", "NewswireItemsLost"},
    ),
    "a stage that is missing": (
        [each for each in ALL_OF_ENRICH if each[0] != "NewswireStageStalled"],
        {"NewswireStageMissing"},
    ),
    "a stage whose workers end again and again": (
        [("NewswireWorkerCrashLooping", ENRICH | {"process": "enrich"}), *ALL_OF_ENRICH],
        {"NewswireWorkerCrashLooping"},
    ),
    "another stage's lag is its own": (
        [
            ("NewswireStageStalled", NORMALIZE),
            ("NewswireLagGrowing", NORMALIZE),
            ("NewswireLagGrowing", ENRICH),
        ],
        {"NewswireStageStalled", "NewswireLagGrowing enrich"},
    ),
    "saturated enrichment hides what is late, and not what is critical": (
        [each for each in ALL_OF_ENRICH if "Stage" not in each[0] and "Process" not in each[0]],
        {"NewswireEnrichmentSaturated", "NewswireCanaryMissing", "NewswireLatencyBudgetBurnsFast"},
    ),
    "connectors that end again and again make no item late": (
        [
            ("NewswireWorkerCrashLooping", {"stage": "connect", "process": "connect"}),
            ("NewswireItemsLate", {"lane": "live"}),
        ],
        {"NewswireWorkerCrashLooping", "NewswireItemsLate"},
    ),
    "many dead letters hide the single ones": (
        [("NewswireDeadLettersMany", {}), ("NewswireDeadLetters", ENRICH | {"reason": "child_died"})],
        {"NewswireDeadLettersMany"},
    ),
}
"""By what it shows: the alerts that fire, and those that are told; with their stage where two have a name."""


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an Alertmanager: only whether it would tell of an alert is looked at."""
    receiver = Receiver()
    try:
        with alertmanager_in(tmp_path_factory.mktemp("inhibition") / "alertmanager", receiver) as url:
            yield url
    finally:
        receiver.close()


@pytest.mark.parametrize("case", CASES)
def test_what_is_told(alertmanager: str, case: str) -> None:
    firing, told = CASES[case]
    labels = [
        {"alertname": name, "severity": ALERTS[name]["labels"]["severity"], "job": "newswire"} | more
        for name, more in firing
    ]
    url = f"{alertmanager}/api/v2/alerts"
    ask(url, [{"labels": each} for each in labels])
    once = {name for name, _ in firing if sum(name == other for other, _ in firing) == 1}

    def shown() -> set[str] | None:
        found = ask(url)
        if len(found) < len(labels):
            return None
        return {
            name if (name := alert["labels"]["alertname"]) in once else f"{name} {alert['labels']['stage']}"
            for alert in found
            if not alert["status"]["inhibitedBy"]
        }

    try:
        eventually(lambda: shown() == told, f"{told} are told, and no others", 60)
        # What hides and what is hidden arrive one after the other: the end counts, not the way there.
        time.sleep(SETTLED_S)
        assert shown() == told
    finally:
        ask(
            url,
            [
                {"labels": each, "endsAt": "2001-01-01T00:00:00Z", "startsAt": "2000-01-01T00:00:00Z"}
                for each in labels
            ],
        )
        eventually(lambda: ask(url) == [], "all are over", 60)

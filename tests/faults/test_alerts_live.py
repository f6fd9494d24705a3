"""Alerts and dashboards on a running pipeline: faults are injected one by one, and the right people are told.

Prometheus and Alertmanager are those that an operator runs, with our rules, routes and inhibition; only
thresholds and times are shorter (`tests.support.live.OVERLAY`).  For each fault the alerts that are told are
named here beforehand: these arrive, no others, and all of them resolve once the fault is mended.  Whatever the
dashboards ask has had an answer by then.
"""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from tests.contract.test_dashboards import OF_EXPORTERS
from tests.contract.test_monitoring import ALERTS
from tests.support.dashboards import Target, targets
from tests.support.live import PROCESSES, Live, live_pipeline
from tests.support.models import ABORT
from tests.support.require import require
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]


class Fault(NamedTuple):
    inject: Callable[[Live], object]
    mend: Callable[[Live], object]
    told: set[str]
    hidden: set[str] = set()
    """What Prometheus fires, too, and nobody is told."""
    early: set[str] = set()
    """What may be told where it fires before its cause does, on a slow machine."""


def poison(live: Live) -> None:
    live.traffic.send_bytes(b"no JSON")
    live.traffic.send(live.traffic.item(f"An article. {ABORT}", "poison"))


def refuse(live: Live) -> None:
    live.feeds.refuses = True


def answer(live: Live) -> None:
    live.feeds.refuses = False


FAULTS = {
    "the enrich worker is killed": Fault(
        lambda live: live.kill("enrich"),
        lambda live: live.start("enrich"),
        {"NewswireStageMissing enrich"},
        {"NewswireProcessDown"},
    ),
    "poison items": Fault(
        poison,
        lambda live: None,  # nothing to mend: they are set aside, and what follows goes on
        {"NewswireDeadLetters normalize not_json", "NewswireDeadLetters enrich child_died"},
    ),
    "feeds answer 403": Fault(refuse, answer, {"NewswireSourcesFailing"}),
    "the model takes ten times as long": Fault(
        lambda live: live.slow(on=True),
        lambda live: live.slow(on=False),
        {"NewswireEnrichmentSaturated"},
        {"NewswireLagGrowing"},
        {"NewswireLagGrowing enrich"},
    ),
    "the canary is cut": Fault(
        lambda live: live.kill("canary"),
        lambda live: live.start("canary"),
        {"NewswireCanaryMissing", "NewswireProcessDown canary"},
    ),
    # The last: connectors let their feeds rest for a while after it, since others may have read them meanwhile.
    "the broker is stopped": Fault(
        lambda live: live.kafka.stop(),
        lambda live: live.kafka.start(),
        {"NewswireBrokerDown"},
        {"NewswireCanaryMissing"},
    ),
}
RANGE = "20s"
"""What dashboards take rates over: Prometheus scrapes every second here."""
ZERO = " or vector(0)"
"""What makes a panel say 0 where nothing was counted: here everything is counted."""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live_pipeline(tmp_path_factory.mktemp("live")) as running:
        yield running


@pytest.mark.parametrize("name", PROCESSES)
def test_promtool_passes_the_metrics_of_every_process(live: Live, name: str) -> None:
    promtool = require("promtool")
    served = live.served(name)
    assert "newswire_build_info" in served
    done = subprocess.run(
        [promtool, "check", "metrics"], input=served, capture_output=True, text=True, timeout=180, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_rule_is_healthy(live: Live) -> None:
    rules = [rule for group in live.rules() for rule in group["rules"]]
    assert {rule["name"] for rule in rules if rule["type"] == "alerting"} == set(ALERTS)
    assert {rule["name"]: rule["lastError"] for rule in rules if rule["health"] != "ok"} == {}


@pytest.mark.parametrize("name", FAULTS)
def test_who_is_told(live: Live, name: str) -> None:
    fault = FAULTS[name]
    assert not live.receiver.firing()
    begun = len(live.receiver.notices)
    fault.inject(live)
    eventually(lambda: live.receiver.told(begun) >= fault.told, f"{fault.told} are told", 180, 0.2)
    eventually(lambda: live.alerts("firing") >= fault.hidden, f"{fault.hidden} fire beneath", 90, 0.5)
    fault.mend(live)
    eventually(lambda: not live.receiver.firing() and not live.alerts(), "all is over", 240, 0.5)
    assert live.receiver.told(begun) - fault.early == fault.told


def answered(live: Live, target: Target) -> bool:
    """Whether a query has ever had an answer with a number in it."""
    return any(not math.isnan(value) for value in live.values(target.over(RANGE).replace(ZERO, "")))


def test_every_query_of_every_panel_has_had_an_answer(live: Live) -> None:
    asked = {each for each in targets() if each.name not in OF_EXPORTERS}
    assert len({each.name for each in asked}) > 60
    assert not any(answered(live, each) for each in targets() if each.name in OF_EXPORTERS), "none runs here"
    poison(live)

    def unanswered() -> set[Target]:
        asked.difference_update([each for each in asked if answered(live, each)])
        return asked

    try:
        eventually(lambda: not unanswered(), "every query has had an answer", 240, 2.0)
    except AssertionError:
        pytest.fail(
            "no answer to\n" + "\n".join(sorted(f"{each.name}: {each.expr}" for each in asked)),
            pytrace=False,
        )

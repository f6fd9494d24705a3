"""``newswire audit --watch`` on real Kafka: what it serves as items are late, lost, found again; how it ends."""

from __future__ import annotations

import time
import urllib.request
from datetime import datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from newswire.broker import DevBroker
from newswire.ledger.audit import audit
from newswire.ledger.findings import KINDS
from tests.support.brokers import environment_for, produce, settings_for
from tests.support.ledger import Case, commit_all
from tests.support.processes import Workers, environment
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka

A, OLD, LOST = Case("a"), Case("old", lane="backfill"), Case("lost")
UNENDED = "newswire_audit_unended_items"


def served(port: int) -> dict[tuple[str, ...], float]:
    """Return each sample by its name and the values of its labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_late_lost_and_found(clean_kafka: DevBroker, workers: Workers) -> None:
    produce(clean_kafka, [*A.all_records(), *OLD.all_records(), LOST.raw_record()])
    environ = environment_for(settings_for(clean_kafka, audit_interval_s=0.2, audit_grace_s=0))
    begun = time.time()
    watcher = workers.newswire("audit", "--watch", environ=environment(**environ))
    watcher.wait_for("audited")
    port = watcher.events("worker_starts")[0]["metrics_port"]
    # The last metric that an audit sets, and after it has logged.
    eventually(lambda: ("newswire_audit_duration_seconds", "done") in served(port), "an audit is over")

    found = served(port)
    assert found["newswire_audit_items", "live"] == 2
    assert found["newswire_audit_items", "backfill"] == 1
    assert found[UNENDED, "live", "late"] == 1
    assert found[UNENDED, "live", "lost"] == found[UNENDED, "backfill", "late"] == 0
    assert {kind: found["newswire_audit_violations", kind] for kind in KINDS} == dict.fromkeys(KINDS, 0)
    assert found["newswire_audit_ended_timestamp_seconds", "done"] >= begun - 1
    assert found["newswire_broker_answered_timestamp_seconds",] >= begun - 1
    assert 0 < found["newswire_audit_duration_seconds", "done"] < 60
    assert found["newswire_audit_window_seconds",] == pytest.approx(24 * 3600, abs=1)

    commit_all(clean_kafka)
    # What an audit found is set one after the other, violations last, and logged then.
    violations = ("newswire_audit_violations", "no_outcome")
    eventually(lambda: served(port)[violations] == 1, "the item that all have passed is lost")
    found = served(port)
    assert (found[UNENDED, "live", "late"], found[UNENDED, "live", "lost"]) == (0, 1)
    watcher.wait_for('"violation"')
    assert watcher.events("violation")[0]["examples"] == [LOST.item_id]

    produce(clean_kafka, [LOST.outcome_record("rejected", stage="normalize", reason="empty")])
    eventually(lambda: served(port)[violations] == 0, "it is found")
    assert served(port)[UNENDED, "live", "lost"] == 0
    assert watcher.terminate() == 0
    assert len(watcher.events("worker_ends")) == 1


def test_with_more_items_than_it_may_hold_it_looks_less_far_back(clean_kafka: DevBroker) -> None:
    begun = time.time()
    produce(clean_kafka, [*A.all_records(), *OLD.all_records()])
    commit_all(clean_kafka)
    day_ago = int((time.time() - 86_400) * 1000)
    whole = audit(settings_for(clean_kafka), since_ms=day_ago, most_items=2)
    assert whole.since is not None
    assert datetime.fromisoformat(whole.since).timestamp() == pytest.approx(day_ago / 1000, abs=0.01)
    assert whole.counts.items == 2
    half = audit(settings_for(clean_kafka), since_ms=day_ago, most_items=1)
    assert half.since is not None
    assert datetime.fromisoformat(half.since).timestamp() > begun - 1, "not as far as the first of two"
    assert half.violations == []

"""The doctor on a real cluster."""

from __future__ import annotations

import pytest

from connectors.sharing.definitions import define
from newswire.broker import DevBroker
from newswire.doctor import Check, diagnose
from newswire.doctor.clock import measure
from newswire.sources.editing import editing
from tests.support.brokers import admin_of, environment_for, produce, settings_for
from tests.support.ledger import Case, commit_all
from tests.support.processes import Workers, environment
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka


def checks_of(broker: DevBroker) -> dict[str, Check]:
    environ = environment_for(settings_for(broker, enrich_model="fake"))
    return {each.name: each for each in diagnose(environ)}


def test_a_cluster_that_is_well(clean_kafka: DevBroker) -> None:
    checks = checks_of(clean_kafka)
    assert {each.name: each.ok for each in checks.values()} == {
        "settings": True,
        "schemas": True,
        "contact": None,
        "model": True,
        "broker": True,
        "topics": True,
        "clock": True,
        "newswire-normalize": None,
        "newswire-dedupe": None,
        "newswire-enrich": None,
        "newswire-connect": None,
    }
    assert checks["newswire-enrich"].found == "no worker, and nothing to do"


def test_the_clock_is_measured_and_nothing_is_left_behind(clean_kafka: DevBroker) -> None:
    skew = measure(settings_for(clean_kafka))
    assert abs(skew.seconds) <= skew.within, "they have one clock"
    with admin_of(clean_kafka) as admin:
        eventually(
            lambda: not [name for name in admin.list_topics() if name.startswith("newswire.clock.")],
            "the topic is deleted",
        )


def test_work_that_nobody_does_is_told_with_what_to_do(clean_kafka: DevBroker) -> None:
    produce(clean_kafka, [Case("a").raw_record(), Case("old", lane="backfill").raw_record()])
    checks = checks_of(clean_kafka)
    assert checks["newswire-normalize"].ok is False
    assert checks["newswire-normalize"].found == "no worker, and 1 records before it"
    assert checks["newswire-normalize"].advice == "newswire worker normalize"
    assert checks["newswire-normalize-backfill"].advice == "newswire worker normalize --lane backfill"
    commit_all(clean_kafka)
    assert checks_of(clean_kafka)["newswire-normalize"].ok is None


def test_sources_that_nobody_reads_are_told(clean_kafka: DevBroker) -> None:
    with editing(settings_for(clean_kafka)) as editor:
        editor.put([define("https://example.org/feed")])
    check = checks_of(clean_kafka)["newswire-connect"]
    assert (check.ok, check.advice) == (False, "newswire connect")


def test_a_worker_is_seen(clean_kafka: DevBroker, workers: Workers) -> None:
    workers.newswire(
        "worker", "normalize", environ=environment(**environment_for(settings_for(clean_kafka)))
    ).wait_for("assigned")
    check = checks_of(clean_kafka)["newswire-normalize"]
    assert (check.ok, check.found) == (True, "1 worker, 0 records before it")


def test_topics_that_are_not_as_declared(clean_kafka: DevBroker) -> None:
    with admin_of(clean_kafka) as admin:
        admin.delete_topics(["news.unique.v1"])
    eventually(lambda: not checks_of(clean_kafka)["topics"].ok, "it is seen to be missing")
    checks = checks_of(clean_kafka)
    assert checks["topics"].found == "news.unique.v1 is missing"
    assert checks["topics"].advice == "newswire topics create"
    assert checks["newswire-enrich"].ok is None
    assert "news.unique.v1 is missing" in checks["newswire-enrich"].found

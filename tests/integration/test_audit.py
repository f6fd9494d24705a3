"""The audit on real Kafka: both lanes, what is under way, waiting, and the command itself."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from newswire.broker import DevBroker
from newswire.ledger.audit import audit
from newswire.ledger.groups import flows, opened
from schemas import topics
from schemas.wire import WireRecord
from tests.support.brokers import admin_of, environment_for, produce, settings_for
from tests.support.ledger import Case, commit, commit_all
from tests.support.processes import environment, run_newswire
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka

A, B = Case("a"), Case("b")
COPY, OLD, LOST = Case("copy", text=A.text), Case("old", lane="backfill"), Case("lost")


def ledger() -> list[WireRecord]:
    return [*A.all_records(), *B.all_records(), *COPY.duplicate_records(of=A), *OLD.all_records()]


def run(broker: DevBroker, *arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    environ = environment(**environment_for(settings_for(broker, **settings)))
    return run_newswire(*arguments, environ=environ)


def test_a_ledger_in_order(clean_kafka: DevBroker) -> None:
    produce(clean_kafka, [*ledger(), *A.all_records()])
    commit_all(clean_kafka)
    report = audit(settings_for(clean_kafka))
    assert report.violations == []
    assert report.complete
    assert (report.counts.items, report.counts.live, report.counts.backfill) == (4, 3, 1)
    assert report.counts.outcomes == {"enriched": 3, "duplicate": 1}
    redelivered = {topic: seen.redelivered for topic, seen in report.records.items()}
    assert redelivered == {
        "news.raw.v1": 1,
        "news.sightings.v1": 1,
        "news.enriched.v1": 1,
        "news.claims.v1": 1,
        "news.entities.v1": 1,
        "news.outcomes.v1": 1,
        "news.dead-letter.v1": 0,
    }
    assert report.records["news.claims.v1"].records == 4


def test_an_empty_cluster_is_in_order(clean_kafka: DevBroker) -> None:
    report = audit(settings_for(clean_kafka))
    assert (report.violations, report.complete, report.counts.items) == ([], True, 0)


def test_what_no_stage_has_come_to_is_under_way_and_what_all_have_passed_is_lost(
    clean_kafka: DevBroker,
) -> None:
    produce(clean_kafka, [*ledger(), LOST.raw_record()])
    nobody = audit(settings_for(clean_kafka))
    assert (nobody.violations, nobody.complete) == ([], False)
    assert nobody.counts.under_way == 1
    commit_all(clean_kafka)
    report = audit(settings_for(clean_kafka))
    assert report.complete
    assert [(each.kind, each.count) for each in report.violations] == [("no_outcome", 1)]
    assert report.violations[0].examples[0].id == LOST.item_id


@pytest.mark.parametrize("stage", ["dedupe", "enrich"])
def test_an_item_under_way_is_found_before_any_stage(clean_kafka: DevBroker, stage: str) -> None:
    waiting = LOST.article_record() if stage == "dedupe" else LOST.unique_record()
    produce(clean_kafka, [*ledger(), LOST.raw_record(), waiting])
    for flow in flows():
        if (flow.stage, flow.lane) != (stage, "live"):
            commit(clean_kafka, flow)
    report = audit(settings_for(clean_kafka))
    assert (report.violations, report.complete, report.counts.under_way) == ([], False, 1)


def test_waiting_ends_when_the_stages_are_done(clean_kafka: DevBroker) -> None:
    produce(clean_kafka, ledger())
    settings = settings_for(clean_kafka)
    with opened(settings) as (reader, groups):
        raw = [flow for flow in flows() if flow.stage == "normalize"]
        partitions = [each for flow in raw for each in reader.partitions(flow.topic)]
        assert sum(groups.lag(flow) for flow in raw) == 4
        ends = reader.ends(partitions)
        wanted = [(flow, {p: end for p, end in ends.items() if p[0] == flow.topic}) for flow in raw]
        assert not groups.wait(wanted, 0)
        for flow in raw:
            commit(clean_kafka, flow)
        produce(clean_kafka, [LOST.raw_record()])
        assert groups.wait(wanted, 0), "what came later is not waited for"
        assert groups.members([flow.group for flow in raw]) == dict.fromkeys((f.group for f in raw), 0)


def test_the_command_waits_reports_and_exits(clean_kafka: DevBroker) -> None:
    produce(clean_kafka, [*ledger(), LOST.raw_record()])
    late = run(clean_kafka, "audit", "--wait", "0.5", "--json")
    assert late.returncode == 1, late.stderr
    told = json.loads(late.stdout)
    assert (told["complete"], told["violated"], told["counts"]["under_way"]) == (False, 0, 1)
    assert run(clean_kafka, "audit").returncode == 0, "what is under way is no violation"
    commit_all(clean_kafka)
    lost = run(clean_kafka, "audit", "--wait", "30")
    assert lost.returncode == 1
    assert "✗ 1 × no_outcome" in lost.stdout
    assert LOST.item_id in lost.stdout
    produce(clean_kafka, [LOST.outcome_record("rejected", stage="normalize", reason="empty")])
    good = run(clean_kafka, "audit", "--wait", "30")
    assert good.returncode == 0, good.stdout + good.stderr
    assert "✓ nothing is lost" in good.stdout
    assert "rejected" in good.stdout


def test_only_items_since_a_moment(clean_kafka: DevBroker) -> None:
    produce(clean_kafka, [*ledger(), LOST.raw_record()])
    commit_all(clean_kafka)
    report = audit(settings_for(clean_kafka), since_ms=2_000_000_000_000)
    assert (report.violations, report.counts.items) == ([], 0)
    assert report.since == "2033-05-18T03:33:20.000000Z"


def test_partitions_of_different_numbers_are_folded_together(fresh_kafka: DevBroker) -> None:
    with admin_of(fresh_kafka) as admin:
        admin.create_partitions({topics.CLAIMS.name: 5})
    produce(fresh_kafka, ledger())
    commit_all(fresh_kafka)
    assert audit(settings_for(fresh_kafka)).violations == []


def test_a_missing_topic_is_one_line(clean_kafka: DevBroker) -> None:
    with admin_of(clean_kafka) as admin:
        admin.delete_topics([topics.CLAIMS.name])
        eventually(lambda: topics.CLAIMS.name not in admin.list_topics(), "it is deleted")
    done = run(clean_kafka, "audit")
    assert done.returncode == 2
    assert done.stderr == "newswire: the topic news.claims.v1 is missing: newswire topics create\n"


def test_no_broker_is_one_line(tmp_path: Path) -> None:
    environ = environment(NEWSWIRE_KAFKA_BOOTSTRAP="127.0.0.1:1", NEWSWIRE_KAFKA_REQUEST_TIMEOUT_S="0.5")
    done = run_newswire("audit", environ=environ)
    assert done.returncode == 2
    assert done.stderr.startswith("newswire: no answer from Kafka at 127.0.0.1:1")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_records_of_every_codec_are_read(clean_kafka: DevBroker, codec: str) -> None:
    produce(clean_kafka, ledger(), compression=codec)
    commit_all(clean_kafka)
    report = audit(settings_for(clean_kafka))
    assert report.violations == []
    assert report.counts.items == 4

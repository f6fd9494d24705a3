"""Disasters of a cluster, as `docs/disasters.md` tells them, with real workers on a real broker."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

import msgspec
import pytest
from kafka.admin import ConfigResource, ConfigResourceType

from newswire.broker import DevBroker
from newswire.growth import grow
from newswire.ledger.audit import audit
from newswire.ledger.groups import flows, opened
from newswire.ledger.reader import TopicReader
from newswire.ledger.report import AuditReport
from newswire.ledger.trace import trace
from newswire.topics import ensure_topics
from schemas import topics
from schemas.raw_item import RawItem
from schemas.wire import WireRecord
from streams.engine.groups import group_of
from tests.support.brokers import (
    admin_of,
    answered,
    committed,
    consume,
    environment_for,
    produce,
    settings_for,
    sizes,
)
from tests.support.chaos import numbered
from tests.support.disasters import delete_before, finish_restarting, metric, place, running, stop_all
from tests.support.pipeline import Pipeline, raw_record
from tests.support.processes import Workers, environment
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]

LIVE = flows(["live"])
OTHERS = ("normalize", "enrich")
"""Than dedupe."""
BROKEN = b'{"item_id": 7, "not": "an item"}'


@pytest.fixture
def pipeline(clean_kafka: DevBroker, workers: Workers, tmp_path: Path) -> Pipeline:
    # Nobody is killed here: a session far above what a busy machine keeps a worker from running.
    settings = settings_for(
        clean_kafka, data_dir=tmp_path / "run", enrich_model="fake", kafka_session_timeout_s=30
    )
    return Pipeline(clean_kafka, workers, settings)


def audited(pipeline: Pipeline) -> AuditReport:
    """Audit once all stages are done with everything."""
    report = audit(pipeline.settings, wait_s=120)
    assert report.complete
    return report


def verdicts(pipeline: Pipeline) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for sighting in pipeline.sightings():
        found.setdefault(sighting.item_id, set()).add(sighting.verdict)
    return found


# -- committed offsets that are not those of the log ---------------------------------------------------------


def test_offsets_behind_what_was_done_repeat_and_change_nothing(pipeline: Pipeline) -> None:
    """The groups' offsets come back from an older copy: everything comes again, with the same ids."""
    kafka = pipeline.kafka
    started = pipeline.start()
    sent = pipeline.send(numbered(60, 1))
    before = pipeline.finish(sent)
    report = audited(pipeline)
    stop_all(started)
    seen = verdicts(pipeline)
    for flow in LIVE:
        place(kafka, flow, lambda begin, _end: begin)
    pipeline.start()
    again = audited(pipeline)
    assert again.violations == []
    assert again.counts == report.counts
    assert again.records[topics.OUTCOMES.name].redelivered >= len(sent)
    assert verdicts(pipeline) == seen
    assert [each.outcome for each in pipeline.finish(sent)] == [each.outcome for each in before]


def test_offsets_ahead_of_the_log_lose_nothing(pipeline: Pipeline) -> None:
    """The topics come back from an older copy, and the offsets do not: what comes now lies below them."""
    kafka = pipeline.kafka
    started = pipeline.start()
    first = pipeline.send(numbered(40, 2))
    pipeline.finish(first)
    stop_all(started)
    for flow in LIVE:
        place(kafka, flow, lambda _begin, end: end + 50)
    second = pipeline.send(numbered(60, 3)[20:])
    started = pipeline.start()
    pipeline.finish(second)
    for worker, flow in zip(started, LIVE, strict=True):
        told = worker.events("input_went_back")
        assert {each["topic"] for each in told} == {flow.topic}
        assert (metric(worker, "newswire_input_moved_total", how="ahead") or 0) == len(told) > 0
        assert not metric(worker, "newswire_input_skipped_records_total")
    stop_all(started)
    # Would the offsets still lie ahead, the log would grow to them, and this would never be read.
    third = pipeline.send(numbered(200, 4)[100:])
    started = pipeline.start()
    pipeline.finish(third)
    assert not any(worker.events("input_went_back") for worker in started)
    assert audited(pipeline).violations == []


def test_records_deleted_before_they_were_read_are_told_and_can_be_had_again(pipeline: Pipeline) -> None:
    """Enrich was off for longer than its input is kept: normalize reads the raw items once more."""
    kafka = pipeline.kafka
    normalize, dedupe = pipeline.start("normalize", "dedupe")
    sent = pipeline.send(numbered(40, 5, repeated=0))
    eventually(lambda: sizes(kafka, topics.UNIQUE.name)[topics.UNIQUE.name] == len(sent), "all are judged")
    place(kafka, LIVE[2], lambda _begin, _end: 0)
    delete_before(kafka, topics.UNIQUE.name, dict.fromkeys(range(3), -1))
    late = pipeline.send(numbered(60, 6, repeated=0)[50:])
    (enrich,) = pipeline.start("enrich")
    pipeline.finish(late)
    assert metric(enrich, "newswire_input_skipped_records_total") == len(sent)
    assert sum(each["skipped"] for each in enrich.events("input_deleted")) == len(sent)
    report = audited(pipeline)
    assert {each.kind: each.count for each in report.violations}["no_outcome"] == len(sent)
    # The drill: what is lost lies in news.raw, and comes again where normalize's group is put back.
    stop_all([normalize, dedupe, enrich])
    place(kafka, LIVE[0], lambda begin, _end: begin)
    pipeline.start()
    pipeline.finish(sent)
    assert audited(pipeline).violations == []


# -- a dead-letter topic that takes nothing -------------------------------------------------------------------


def poison(pipeline: Pipeline) -> None:
    produce(pipeline.kafka, [WireRecord(topic=topics.RAW.name, key=b"x", value=BROKEN, partition=0)])


def configure(broker: DevBroker, topic: str, name: str, value: str) -> None:
    with admin_of(broker) as admin:
        change = ConfigResource(ConfigResourceType.TOPIC, topic, {name: ("SET", value)})
        answers = admin.alter_configs([change])
        assert set(answers["topic"].values()) == {"OK"}

        def described() -> bool:
            found = answered(
                lambda: admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
            )
            return bool(found["topic"][topic].get(name, {}).get("value") == value)

        # Its controller has said so; the broker that takes records learns of it a moment later.
        eventually(described, f"{name} of {topic} is {value}")


def letters(broker: DevBroker) -> list[bytes | None]:
    return [record.value for record in consume(broker, topics.DEAD_LETTER.name)]


@pytest.mark.parametrize("how", ["refuses", "is gone"])
def test_a_dead_letter_topic_that_takes_nothing_stops_the_stage_and_drops_nothing(
    pipeline: Pipeline, how: str
) -> None:
    kafka, topic = pipeline.kafka, topics.DEAD_LETTER.name
    normalize, *_others = pipeline.start()
    first = pipeline.send(numbered(10, 7))
    pipeline.finish(first)
    if how == "refuses":
        configure(kafka, topic, "max.message.bytes", "10")
    else:
        with admin_of(kafka) as admin:
            admin.delete_topics([topic])
            eventually(lambda: topic not in admin.list_topics(), "the topic is gone")
    poison(pipeline)
    behind = pipeline.send(numbered(30, 8)[10:])
    normalize.wait_for('"dead_letter_refused"', 180)
    eventually(
        lambda: metric(normalize, "newswire_dead_letter_waiting_records", stage="normalize") == 1,
        "it is told",
        120,
    )
    # It waits: alive, in its group, and not one offset further.
    assert committed(kafka, group_of("normalize", "live"))[topics.RAW.name, 0] == len(first)
    assert normalize.running
    if how == "refuses":
        configure(kafka, topic, "max.message.bytes", str(topics.DEAD_LETTER.record_bytes))
    else:
        ensure_topics(pipeline.settings)
    pipeline.finish(behind)
    normalize.wait_for('"dead_letter_taken"')
    assert set(letters(kafka)) == {BROKEN}
    assert metric(normalize, "newswire_dead_letter_waiting_records") == 0
    assert len(normalize.events("assigned")) == 1, "it was never out of its group"
    report = audited(pipeline)
    assert report.violations == []
    assert report.counts.reasons == {"dead_letter(wrong_schema)": 1}


# -- the sightings topic truncated ----------------------------------------------------------------------------


def test_sightings_that_lose_their_oldest_are_told_and_what_is_unknown_says_so(pipeline: Pipeline) -> None:
    kafka = pipeline.kafka
    started = pipeline.start()
    first = pipeline.send(numbered(30, 9, repeated=0))
    pipeline.finish(first)
    stop_all([started[1]])
    delete_before(kafka, topics.SIGHTINGS.name, {0: 20})
    shutil.rmtree(pipeline.settings.data_dir / "dedupe")
    (dedupe,) = pipeline.start("dedupe")
    (cut,) = dedupe.events("sightings_cut")
    assert cut["missing_s"] > 29 * 86400
    missing = metric(dedupe, "newswire_dedupe_history_missing_seconds") or 0
    assert 29 * 86400 < missing <= 30 * 86400
    # Seen again: what lies before the cut is taken for new, and is flagged; what is after it is known.
    shown = pipeline.send(again(first, 25))
    outcomes = [each.outcome for each in pipeline.finish(shown)]
    assert outcomes == ["enriched"] * 20 + ["unchanged"] * 10
    flags = {each.item_id: (each.verdict, each.flags) for each in pipeline.sightings()}
    assert [flags[each.item_id] for each in shown[:20]] == [("new", ["history_unknown"])] * 20


# -- a broker that comes back from a copy ----------------------------------------------------------------------


def again(some: list[RawItem], day: int) -> list[RawItem]:
    """Return the same articles as a connector would fetch them on another day."""
    at = f"2026-11-{day:02}T08:00:00.000000Z"
    return [
        msgspec.structs.replace(each, item_id=str(uuid.uuid5(uuid.UUID(each.item_id), at)), fetched_at=at)
        for each in some
    ]


def test_what_came_after_the_copy_was_made_is_judged_anew(
    fresh_kafka: DevBroker, workers: Workers, tmp_path: Path
) -> None:
    """Dedupe's files know articles that the restored topic does not: in a folder that was left behind, and in
    one whose topic has grown past it since.
    """
    kafka, copy = fresh_kafka, tmp_path / "copy"
    settings = settings_for(kafka, data_dir=tmp_path / "one", enrich_model="fake", kafka_session_timeout_s=6)
    pipeline = Pipeline(kafka, workers, settings)
    articles = numbered(40, 10, repeated=0)
    pipeline.start()
    pipeline.finish(pipeline.send(articles[:20]))
    kafka.stop()
    shutil.copytree(kafka.layout.data, copy)
    kafka.start()
    pipeline.finish(pipeline.send(articles[20:]))
    stop_all(pipeline.running["dedupe"])
    shutil.copytree(tmp_path / "one" / "dedupe", tmp_path / "two" / "dedupe")

    kafka.kill()
    shutil.rmtree(kafka.layout.data)
    shutil.copytree(copy, kafka.layout.data)
    kafka.start()
    (dedupe,) = pipeline.start("dedupe")
    (told,) = dedupe.events("sightings_went_back")
    assert told["files"] > told["end"]
    # The others ran on.  Whether they see that their input went back or only that they must join their group anew
    # is a matter of moments; one that ended is started again by who watches it.
    fetched_again = pipeline.send(again(articles[20:], 25))
    outcomes = finish_restarting(pipeline, fetched_again, *OTHERS)
    assert outcomes == ["enriched"] * 20
    more = pipeline.send(again(numbered(60, 11, repeated=0)[40:], 25))
    assert finish_restarting(pipeline, more, *OTHERS) == ["enriched"] * 20
    stop_all(running(pipeline, "dedupe"))

    other = Pipeline(kafka, workers, settings.model_copy(update={"data_dir": tmp_path / "two"}))
    (dedupe,) = other.start("dedupe")
    (told,) = dedupe.events("sightings_went_back")
    assert told["files"] <= told["end"]
    seen_again = pipeline.send(again([*articles, *more], 26))
    assert finish_restarting(pipeline, seen_again, *OTHERS) == ["unchanged"] * 60
    assert audited(pipeline).violations == []


# -- more partitions -------------------------------------------------------------------------------------------


def test_raw_and_unique_grow_when_drained_and_not_before(pipeline: Pipeline) -> None:
    kafka = pipeline.kafka
    wider = pipeline.settings.model_copy(
        update={"topic_partitions": {"news.raw.v1": 5, "news.unique.v1": 5, "news.raw.backfill.v1": 3}}
    )
    grown = {"news.raw.v1", "news.unique.v1", "news.unique.backfill.v1"}
    started = pipeline.start()
    first = numbered(30, 12, repeated=0)
    produce(kafka, map(raw_record, first))
    pipeline.finish(first)
    hindered = {each.topic: each.hindered for each in grow(wider)}
    assert set(hindered) == grown
    assert hindered["news.raw.v1"][0] == (
        "workers of normalize run (1 in the group newswire-normalize): stop them"
    )
    assert {each.split(" run ")[0] for each in hindered["news.unique.v1"][:2]} == {
        "workers of enrich",
        "workers of dedupe",
    }
    # Of the other lane nobody runs.
    assert hindered["news.unique.backfill.v1"] == []
    stop_all(started)
    late = numbered(31, 12, repeated=0)[30:]
    produce(kafka, map(raw_record, late))
    told = pipeline.workers.newswire(
        "topics", "grow", environ=environment(**environment_for(wider)), name="grow"
    )
    assert told.wait(120) == 1
    assert "news.raw.v1: stays at 3 partitions, 5 are set: normalize has 1 of its records" in told.said()
    assert "news.unique.v1: 3 partitions, now 5" in told.said()
    (normalize,) = pipeline.start("normalize")
    eventually(lambda: not groups_lag(pipeline), "normalize has read all")
    stop_all([normalize])
    assert [(each.topic, each.hindered) for each in grow(wider)] == [("news.raw.v1", [])]
    assert grow(wider) == []
    pipeline.start()
    # The same articles changed, and others: their keys lie elsewhere now, and their order is what it was.
    changed = [
        msgspec.structs.replace(
            each,
            item_id=str(uuid.uuid5(uuid.UUID(each.item_id), "changed")),
            fetched_at="2026-11-25T08:00:00.000000Z",
            title="Changed",
        )
        for each in first
    ]
    others = again(numbered(60, 13, repeated=0), 25)
    produce(kafka, map(raw_record, [*changed, *others]))
    pipeline.finish([*late, *changed, *others])
    found = {each.item_id: (each.verdict, each.revision_number) for each in pipeline.sightings()}
    assert {found[each.item_id] for each in changed} == {("revision", 2)}
    for topic in (topics.RAW.name, topics.UNIQUE.name):
        assert {each.partition for each in consume(kafka, topic)} == set(range(5))
    assert audited(pipeline).violations == []
    with TopicReader(pipeline.settings) as reader:
        # By its link, from wherever it lies.
        paths = trace(reader, str(first[0].url))
    assert {path.item_id for path in paths} >= {changed[0].item_id}


def groups_lag(pipeline: Pipeline) -> int:
    with opened(pipeline.settings) as (_reader, groups):
        return groups.lag(LIVE[0])

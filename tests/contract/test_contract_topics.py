"""The topics' declarations are sane, whatever settings make of them."""

from __future__ import annotations

import re

import pytest

from schemas.base import Event
from schemas.json_schema import event_name
from schemas.limits import DEAD_LETTER_RECORD_BYTES, RAW_RECORD_BYTES, RECORD_BYTES
from schemas.topics import DAY_MS, RECORD_OVERHEAD, TOPICS, Topic, all_names, topic_named

KAFKA = {
    "cleanup.policy": r"delete|compact|compact,delete",
    "max.message.bytes": r"[1-9]\d*",
    "message.timestamp.type": r"LogAppendTime",
    "retention.ms": r"-1|[1-9]\d*",
    "min.compaction.lag.ms": r"\d+",
}
IDS = {topic.name: topic for topic in TOPICS}


@pytest.mark.parametrize("topic", TOPICS, ids=IDS)
def test_configuration_is_kafkas(topic: Topic) -> None:
    config = topic.config()
    for name, value in config.items():
        assert re.fullmatch(KAFKA[name], value), (name, value)
    assert int(config["max.message.bytes"]) == topic.record_bytes + RECORD_OVERHEAD
    assert ("min.compaction.lag.ms" in config) == ("compact" in topic.cleanup)
    assert topic.config(retention_ms=1234)["retention.ms"] == "1234"


@pytest.mark.parametrize("topic", TOPICS, ids=IDS)
def test_names_carry_the_major_version_and_are_found_in_all_lanes(topic: Topic) -> None:
    assert re.fullmatch(r"news\.[a-z-]+\.v1", topic.name)
    assert topic.of("live") == topic.name
    assert topic_named(topic.name) is topic
    assert topic_named(topic.name.removeprefix("news.").removesuffix(".v1")) is topic
    if topic.in_lanes:
        assert re.fullmatch(r"news\.[a-z-]+\.backfill\.v1", topic.of("backfill"))
        assert topic_named(topic.of("backfill")) is topic
    else:
        assert topic.of("backfill") == topic.name


@pytest.mark.parametrize("topic", TOPICS, ids=IDS)
def test_each_has_an_event_with_a_versioned_type_but_dead_letters(topic: Topic) -> None:
    if topic.name == "news.dead-letter.v1":
        assert topic.event is None
    else:
        assert topic.event is not None
        assert issubclass(topic.event, Event)
        assert re.fullmatch(r"newswire\.[a-z_]+\.v1", topic.ce_type)
        words = re.findall(r"[A-Z][a-z]+", topic.event.__name__)
        assert event_name(topic.ce_type) == "_".join(words).lower()


def test_names_and_types_are_unique() -> None:
    assert len(set(all_names())) == len(all_names())
    types = [topic.ce_type for topic in TOPICS if topic.event]
    assert len(set(types)) == len(types)


def test_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        topic_named("news.rumours.v1")


def test_what_is_judged_and_what_it_is_judged_by_lie_in_one_order() -> None:
    """Dedupe's input and state: one partition each, in every lane."""
    for name in ("news.article.v1", "news.sightings.v1"):
        topic = topic_named(name)
        assert topic.partitions == 1
        assert topic.cleanup == "delete"
        assert topic.in_lanes


def test_no_clock_but_the_brokers_decides_how_long_a_record_is_kept() -> None:
    assert {topic.config()["message.timestamp.type"] for topic in TOPICS} == {"LogAppendTime"}


def test_retentions_hold_what_is_promised() -> None:
    days = {topic.name: topic.retention_ms / DAY_MS for topic in TOPICS}
    assert days["news.raw.v1"] == 30
    assert days["news.sightings.v1"] == 35, "the identity window and five days"
    for name in ("news.enriched.v1", "news.claims.v1", "news.entities.v1"):
        assert days[name] == 365
    assert days["news.outcomes.v1"] == days["news.dead-letter.v1"] == 90
    assert days["news.sources.v1"] == days["news.source-state.v1"] < 0


def test_compacted_topics_that_are_read_whole_keep_every_record_for_a_week() -> None:
    for topic in TOPICS:
        if topic.cleanup == "compact,delete":
            assert topic.min_compaction_lag_ms >= 7 * DAY_MS
    assert topic_named("news.claims.v1").cleanup == "delete", "claims share their article's key"


def test_sizes_are_those_of_the_limits() -> None:
    for topic in TOPICS:
        expected = {"news.raw.v1": RAW_RECORD_BYTES, "news.dead-letter.v1": DEAD_LETTER_RECORD_BYTES}
        assert topic.record_bytes == expected.get(topic.name, RECORD_BYTES)

"""Topics as the settings want them, before any cluster is asked."""

from __future__ import annotations

import pytest

from newswire.settings import ConfigError, Settings
from newswire.topics import Difference, WantedTopic, wanted_topics
from schemas.topics import DAY_MS, all_names


def by_name(**settings: object) -> dict[str, WantedTopic]:
    return {topic.name: topic for topic in wanted_topics(Settings(**settings))}  # type: ignore[arg-type]


def test_every_declared_topic_is_wanted_in_every_lane():
    wanted = wanted_topics(Settings())
    assert [topic.name for topic in wanted] == all_names()


def test_partitions_are_the_setting_but_where_order_must_be_total():
    wanted = by_name(partitions=12)
    single = {name for name, topic in wanted.items() if topic.partitions == 1}
    assert single == {
        "news.article.v1",
        "news.sightings.v1",
        "news.article.backfill.v1",
        "news.sightings.backfill.v1",
    }
    assert {topic.partitions for name, topic in wanted.items() if name not in single} == {12}


@pytest.mark.parametrize(("replicas", "in_sync"), [(1, "1"), (2, "1"), (3, "2")])
def test_with_three_replicas_one_broker_may_be_lost_without_losing_a_record(replicas: int, in_sync: str):
    for topic in by_name(replication_factor=replicas).values():
        assert topic.replication_factor == replicas
        assert topic.config["min.insync.replicas"] == in_sync


def test_retention_is_set_for_both_lanes_by_any_name_and_for_one_by_its_own():
    for name in ("news.raw.v1", "raw"):
        wanted = by_name(retention_days={name: 2})
        assert wanted["news.raw.v1"].config["retention.ms"] == str(2 * DAY_MS)
        assert wanted["news.raw.backfill.v1"].config["retention.ms"] == str(2 * DAY_MS)
    wanted = by_name(retention_days={"news.raw.backfill.v1": 7, "news.raw.v1": 0.5, "outcomes": -1})
    assert wanted["news.raw.v1"].config["retention.ms"] == str(DAY_MS // 2)
    assert wanted["news.raw.backfill.v1"].config["retention.ms"] == str(7 * DAY_MS)
    assert wanted["news.outcomes.v1"].config["retention.ms"] == "-1"
    only = by_name(retention_days={"news.raw.backfill.v1": 7})
    assert only["news.raw.v1"].config["retention.ms"] == str(30 * DAY_MS)


def test_a_retention_of_no_topic_is_refused():
    with pytest.raises(ConfigError, match=r"'news\.row'"):
        by_name(retention_days={"news.row": 1})


def test_partitions_are_set_by_topic_and_lane_as_retention_is():
    wanted = by_name(partitions=4, topic_partitions={"raw": 9, "news.raw.backfill.v1": 2})
    assert wanted["news.raw.v1"].partitions == 9
    assert wanted["news.raw.backfill.v1"].partitions == 2
    assert wanted["news.unique.v1"].partitions == 4


@pytest.mark.parametrize("name", ["news.article.v1", "sightings", "news.sightings.backfill.v1"])
def test_more_than_one_partition_of_what_has_one_order_is_refused(name: str):
    with pytest.raises(ConfigError, match="must have 1"):
        by_name(topic_partitions={name: 2})


@pytest.mark.parametrize("number", [0, 1001])
def test_no_partitions_and_too_many_are_refused(number: int):
    with pytest.raises(ValueError, match=f"1 to 1000, not {number}"):
        by_name(topic_partitions={"raw": number})


def test_differences_read_as_sentences():
    assert str(Difference("news.raw.v1", "topic", "news.raw.v1", None)) == "news.raw.v1 is missing"
    assert str(Difference("t", "partitions", "6", "3")) == "t: partitions is 3, declared is 6"
    assert str(Difference("t", "segment.ms", None, "1")) == "t: segment.ms is 1, declared is nothing"

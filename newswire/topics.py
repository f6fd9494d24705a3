"""Create the declared topics on a cluster, and list every way in which the cluster differs from them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from time import monotonic, sleep
from typing import Any, Final, TypeVar

import msgspec
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import NoError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from newswire.settings import ConfigError, Settings
from newswire.settings.clients import kafka_python_options
from schemas.topics import DAY_MS, TOPICS, Topic, topic_named
from schemas.vocabulary import Lane

__all__ = [
    "Difference",
    "Ensured",
    "WantedTopic",
    "compare_topics",
    "ensure_topics",
    "open_admin",
    "wanted_topics",
]

LANES: Final[tuple[Lane, ...]] = ("live", "backfill")
WAIT_MS: Final = 30_000
"""For a new topic to have a leader for every partition, and for a change to be seen."""
PAUSE_S: Final = 0.1
N = TypeVar("N", int, float)


class WantedTopic(msgspec.Struct, frozen=True):
    """A topic as it should be on this cluster: the declaration with the settings applied."""

    name: str
    partitions: int
    replication_factor: int
    config: dict[str, str]


class Difference(msgspec.Struct, frozen=True):
    """One way in which the cluster is not what is declared."""

    topic: str
    what: str
    """``topic``, ``partitions``, ``replication_factor``, or the name of a topic configuration."""
    wanted: str | None
    """Null for a configuration that is set on the cluster and declared nowhere."""
    found: str | None
    """Null for what is missing."""

    def __str__(self) -> str:
        if self.what == "topic":
            return f"{self.topic} is missing"
        wanted = "nothing" if self.wanted is None else self.wanted
        return f"{self.topic}: {self.what} is {self.found}, declared is {wanted}"


class Ensured(msgspec.Struct, frozen=True):
    """What `ensure_topics` did, and what still differs."""

    created: list[str]
    altered: list[str]
    differences: list[Difference]


def wanted_topics(settings: Settings) -> list[WantedTopic]:
    """Return every topic of every lane as the settings want it.

    With three replicas or more, a record counts as written when two have it: one broker may be lost.

    Raises:
        ConfigError: ``retention_days`` or ``topic_partitions`` names a topic that is not declared, or one
            whose partitions are fixed.
    """
    for setting in ("retention_days", "topic_partitions"):
        for name in getattr(settings, setting):
            try:
                fixed = topic_named(name).partitions
            except KeyError:
                raise ConfigError(f"{setting} names {name!r}, which is no topic") from None
            if setting == "topic_partitions" and fixed:
                raise ConfigError(f"topic_partitions names {name!r}, which must have {fixed}")
    in_sync = {"min.insync.replicas": "2" if settings.replication_factor >= 3 else "1"}
    return [
        WantedTopic(
            name=topic.of(lane),
            partitions=topic.partitions or _of(topic, lane, settings.topic_partitions) or settings.partitions,
            replication_factor=settings.replication_factor,
            config=topic.config(_retention_ms(topic, lane, settings)) | in_sync,
        )
        for lane in LANES
        for topic in TOPICS
        if lane == "live" or topic.in_lanes
    ]


def ensure_topics(settings: Settings, *, alter: bool = False) -> Ensured:
    """Create the topics that are missing; what exists is compared and, but for *alter*, left alone.

    With *alter* the configuration of existing topics is set as declared.  Partitions and replicas are
    never changed: another partition count would send a key elsewhere than before (see `newswire.growth`).

    Raises:
        KafkaError: the cluster does not answer, or refuses.
    """
    wanted = {topic.name: topic for topic in wanted_topics(settings)}
    with open_admin(settings) as admin:
        differences = _compare(admin, wanted.values())
        created = _create(admin, [wanted[each.topic] for each in differences if each.what == "topic"])
        altered = _alter(admin, wanted, differences) if alter else []
        left = [each for each in differences if not _is_settled(each, wanted[each.topic], alter=alter)]
        if created or altered:
            left = _compare_until(admin, list(wanted.values()), left)
    return Ensured(created, altered, left)


def compare_topics(settings: Settings) -> list[Difference]:
    """List every difference between what is declared and what the cluster has, in declared order.

    Raises:
        KafkaError: the cluster does not answer.
    """
    with open_admin(settings) as admin:
        return _compare(admin, wanted_topics(settings))


def _retention_ms(topic: Topic, lane: Lane, settings: Settings) -> int | None:
    days = _of(topic, lane, settings.retention_days)
    if days is None:
        return None
    return -1 if days < 0 else int(days * DAY_MS)


def _of(topic: Topic, lane: Lane, values: Mapping[str, N]) -> N | None:
    """Return what is set for a topic: by its name in the lane, else by any other name."""
    value = values.get(topic.of(lane))
    if value is None:
        value = next((value for name, value in values.items() if _means(name, topic)), None)
    return value


def _means(name: str, topic: Topic) -> bool:
    return topic_named(name) is topic and name != topic.of("backfill")


@contextlib.contextmanager
def open_admin(settings: Settings) -> Iterator[KafkaAdminClient]:
    """Open an admin client."""
    timeout_ms = int(settings.kafka_request_timeout_s * 1000)
    client = KafkaAdminClient(
        **kafka_python_options(settings), request_timeout_ms=timeout_ms, bootstrap_timeout_ms=timeout_ms
    )
    try:
        yield client
    finally:
        client.close()


def _create(admin: KafkaAdminClient, topics: list[WantedTopic]) -> list[str]:
    if not topics:
        return []
    request = {
        topic.name: {
            "num_partitions": topic.partitions,
            "replication_factor": topic.replication_factor,
            "configs": topic.config,
        }
        for topic in topics
    }
    created = []
    for answer in admin.create_topics(request, raise_errors=False)["topics"]:
        error = for_code(answer["error_code"])
        if error is NoError:
            created.append(answer["name"])
        elif error is not TopicAlreadyExistsError:  # another process may have been quicker
            raise error(f"{answer['name']}: {answer['error_message']}")
    admin.wait_for_topics(list(request), timeout_ms=WAIT_MS)
    return created


def _alter(
    admin: KafkaAdminClient, wanted: dict[str, WantedTopic], differences: list[Difference]
) -> list[str]:
    names = []
    for topic in dict.fromkeys(each.topic for each in differences):
        changes: dict[str, Any] = {
            each.what: ("DELETE", None) if each.wanted is None else ("SET", each.wanted)
            for each in differences
            if each.topic == topic and _is_configuration(each, wanted[topic])
        }
        if changes:
            answers = admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, changes)])
            for result in answers["topic"].values():
                if result != "OK":
                    raise ConfigError(f"{topic} cannot be altered: {result}")
            names.append(topic)
    return names


def _is_settled(difference: Difference, topic: WantedTopic, *, alter: bool) -> bool:
    """Tell whether creating, or altering, does away with a difference."""
    return difference.what == "topic" or (alter and _is_configuration(difference, topic))


def _is_configuration(difference: Difference, topic: WantedTopic) -> bool:
    return difference.wanted is None or difference.what in topic.config


def _compare_until(
    admin: KafkaAdminClient, wanted: list[WantedTopic], expected: list[Difference]
) -> list[Difference]:
    """Compare until only what is expected differs: a broker learns of changes after they are accepted."""
    deadline = monotonic() + WAIT_MS / 1000
    while True:
        found = _compare(admin, wanted)
        if found == expected or monotonic() >= deadline:
            return found
        sleep(PAUSE_S)


def _compare(admin: KafkaAdminClient, wanted: Iterable[WantedTopic]) -> list[Difference]:
    wanted = list(wanted)
    described = {topic["name"]: topic for topic in admin.describe_topics([each.name for each in wanted])}
    present = [each for each in wanted if not _is_missing(described[each.name])]
    resources = [ConfigResource(ConfigResourceType.TOPIC, each.name) for each in present]
    configs = admin.describe_configs(resources, config_filter="all")["topic"] if resources else {}
    differences: list[Difference] = []
    for topic in wanted:
        if topic not in present:
            differences.append(Difference(topic.name, "topic", topic.name, None))
            continue
        differences += _shape(topic, described[topic.name]["partitions"])
        differences += _settings(topic, configs[topic.name])
    return differences


def _is_missing(described: dict[str, Any]) -> bool:
    error = for_code(described["error_code"])
    if error is UnknownTopicOrPartitionError:
        return True
    if error is not NoError:
        raise error(described["name"])
    return False


def _shape(topic: WantedTopic, partitions: list[dict[str, Any]]) -> Iterator[Difference]:
    if len(partitions) != topic.partitions:
        yield Difference(topic.name, "partitions", str(topic.partitions), str(len(partitions)))
    factors = sorted({len(each["replica_nodes"]) for each in partitions})
    if factors != [topic.replication_factor]:
        found = "/".join(map(str, factors))
        yield Difference(topic.name, "replication_factor", str(topic.replication_factor), found)


def _settings(topic: WantedTopic, found: dict[str, dict[str, Any]]) -> Iterator[Difference]:
    for name, value in topic.config.items():
        actual = found[name]["value"] if name in found else None
        if actual is None or set(actual.split(",")) != set(value.split(",")):
            yield Difference(topic.name, name, value, actual)
    for name, entry in found.items():
        if entry["config_source"] == "DYNAMIC_TOPIC_CONFIG" and name not in topic.config:
            yield Difference(topic.name, name, None, entry["value"])

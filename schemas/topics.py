"""The topics, declared once: names, keys, events, cleanup and limits.

`newswire topics` creates them from here and reports every difference from the cluster; the AsyncAPI
document is generated from here.  Partition counts, replication and retention are settings; what stands
here are their defaults.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from schemas.article import Article
from schemas.base import Event
from schemas.claim import Claim
from schemas.enriched import EnrichedArticle
from schemas.entity import Entity
from schemas.limits import DEAD_LETTER_RECORD_BYTES, RAW_RECORD_BYTES, RECORD_BYTES
from schemas.outcome import Outcome
from schemas.raw_item import RawItem
from schemas.sighting import Sighting, UniqueArticle
from schemas.source import SourceDefinition, SourceState
from schemas.vocabulary import Lane

DAY_MS: Final = 86_400_000
RECORD_OVERHEAD: Final = 64 * 1024
"""What a broker counts beside key and value: batch header and record headers."""


class Topic(msgspec.Struct, kw_only=True, frozen=True):
    """One topic as it should be.  ``partitions`` 0 stands for the setting ``partitions``."""

    name: str
    event: type[Event] | None
    """The event it carries; null for dead letters, which carry what was there before."""
    ce_type: str
    key: str
    """What the key is, for readers."""
    description: str
    partitions: int = 0
    cleanup: Literal["delete", "compact", "compact,delete"] = "delete"
    retention_ms: int = 3 * DAY_MS
    record_bytes: int = RECORD_BYTES
    in_lanes: bool = False
    """Exists once more for the backfill lane."""
    min_compaction_lag_ms: int = 0

    def of(self, lane: Lane) -> str:
        """Return the topic's name in a lane."""
        return f"{_stem(self.name)}.backfill.v1" if lane == "backfill" and self.in_lanes else self.name

    def config(self, retention_ms: int | None = None) -> dict[str, str]:
        """Return the topic's Kafka configuration."""
        compacted = "compact" in self.cleanup
        config = {
            "cleanup.policy": self.cleanup,
            "max.message.bytes": str(self.record_bytes + RECORD_OVERHEAD),
            # The broker's clock alone decides how long a record is kept: one whose writer's clock is wrong would be
            # refused, or deleted before anybody has read it.
            "message.timestamp.type": "LogAppendTime",
            "retention.ms": str(self.retention_ms if retention_ms is None else retention_ms),
        }
        if compacted:
            config["min.compaction.lag.ms"] = str(self.min_compaction_lag_ms)
        return config


def _stem(name: str) -> str:
    return name.removesuffix(".v1")


RAW: Final = Topic(
    name="news.raw.v1",
    event=RawItem,
    ce_type="newswire.raw_item.v1",
    key="the link, canonicalised by rule, or source and native id",
    description="What connectors saw, untouched. Replay starts here.",
    retention_ms=30 * DAY_MS,
    record_bytes=RAW_RECORD_BYTES,
    in_lanes=True,
)
ARTICLE: Final = Topic(
    name="news.article.v1",
    event=Article,
    ce_type="newswire.article.v1",
    key="article_id",
    description="Items made readable and comparable, in one total order.",
    partitions=1,
    in_lanes=True,
)
SIGHTINGS: Final = Topic(
    name="news.sightings.v1",
    event=Sighting,
    ce_type="newswire.sighting.v1",
    key="article_id",
    description="Every item judged, with what it is compared with; dedupe's own state.",
    partitions=1,
    retention_ms=35 * DAY_MS,
    in_lanes=True,
)
UNIQUE: Final = Topic(
    name="news.unique.v1",
    event=UniqueArticle,
    ce_type="newswire.unique_article.v1",
    key="article_id",
    description="Articles worth enriching, with their sighting.",
    in_lanes=True,
)
ENRICHED: Final = Topic(
    name="news.enriched.v1",
    event=EnrichedArticle,
    ce_type="newswire.enriched_article.v1",
    key="revision_id, in article_id's partition",
    description="Articles with their entities and claims.",
    cleanup="compact,delete",
    retention_ms=365 * DAY_MS,
    min_compaction_lag_ms=7 * DAY_MS,
)
CLAIMS: Final = Topic(
    name="news.claims.v1",
    event=Claim,
    ce_type="newswire.claim.v1",
    key="article_id",
    description="One event for each attributed statement.",
    retention_ms=365 * DAY_MS,
)
ENTITIES: Final = Topic(
    name="news.entities.v1",
    event=Entity,
    ce_type="newswire.entity.v1",
    key="article_id",
    description="One event for each entity of an article.",
    retention_ms=365 * DAY_MS,
)
OUTCOMES: Final = Topic(
    name="news.outcomes.v1",
    event=Outcome,
    ce_type="newswire.outcome.v1",
    key="item_id",
    description="How every item ended.",
    cleanup="compact,delete",
    retention_ms=90 * DAY_MS,
    min_compaction_lag_ms=7 * DAY_MS,
)
SOURCES: Final = Topic(
    name="news.sources.v1",
    event=SourceDefinition,
    ce_type="newswire.source_definition.v1",
    key="source_id",
    description="Source definitions; only the operator's command writes them.",
    cleanup="compact",
    retention_ms=-1,
)
SOURCE_STATE: Final = Topic(
    name="news.source-state.v1",
    event=SourceState,
    ce_type="newswire.source_state.v1",
    key="source_id, in the partition of the registrable domain",
    description="Checkpoints and health; only connector workers write them.",
    cleanup="compact",
    retention_ms=-1,
)
DEAD_LETTER: Final = Topic(
    name="news.dead-letter.v1",
    event=None,
    ce_type="",
    key="the original key",
    description="Original bytes and headers of what could not be handled, and why.",
    retention_ms=90 * DAY_MS,
    record_bytes=DEAD_LETTER_RECORD_BYTES,
)

TOPICS: Final = (
    RAW,
    ARTICLE,
    SIGHTINGS,
    UNIQUE,
    ENRICHED,
    CLAIMS,
    ENTITIES,
    OUTCOMES,
    SOURCES,
    SOURCE_STATE,
    DEAD_LETTER,
)


def all_names() -> list[str]:
    """Return every topic's name in every lane."""
    names = [topic.name for topic in TOPICS]
    return names + [topic.of("backfill") for topic in TOPICS if topic.in_lanes]


def topic_named(name: str) -> Topic:
    """Find a topic by its name in any lane.

    Raises:
        KeyError: there is no such topic.

    """
    for topic in TOPICS:
        if name in {topic.name, topic.of("backfill"), _stem(topic.name).removeprefix("news.")}:
            return topic
    raise KeyError(name)

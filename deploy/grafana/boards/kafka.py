"""Kafka as newswire sees it: what waits, what is written, whether it answers.  Most is of our own metrics."""

from __future__ import annotations

from typing import Final

from boards.form import OURS, Board, Limit, Panel, Query, Row

__all__ = ["KAFKA"]


def _written(metric: str) -> str:
    return f"sum by (topic) (rate({metric}{{{OURS}}}[$__rate_interval]))"


_LAG: Final = Row(
    "What waits",
    (
        Panel(
            title="By consumer group",
            description="Records before each consumer group, all partitions together.",
            unit="short",
            queries=(Query("consumergroup:kafka_consumergroup_lag:sum", "{{consumergroup}}"),),
        ),
        Panel(
            title="By partition",
            description="The 20 partitions before which most waits. One alone means a hot key, or one worker that "
            "stands still.",
            unit="short",
            queries=(
                Query(
                    "topk(20, max by (consumergroup, topic, partition) "
                    '(kafka_consumergroup_lag{consumergroup=~"newswire-.+"}))',
                    "{{consumergroup}} {{topic}}/{{partition}}",
                ),
            ),
        ),
        Panel(
            title="Needed for it",
            description="Seconds that what waits takes at the rate of now, by stage, lanes together; none while a "
            "stage takes nothing.",
            unit="s",
            limits=(Limit(300),),
            queries=(
                Query(
                    "sum by (stage) (label_replace(consumergroup:kafka_consumergroup_lag:sum, "
                    '"stage", "$1", "consumergroup", "newswire-([a-z]+?)(?:-backfill)?"))'
                    " / on (stage) (stage:newswire_events:rate5m > 0)",
                    "{{stage}}",
                ),
            ),
        ),
        Panel(
            title="Growing by",
            description="Records per second by which what waits grows, by consumer group, over 15 minutes; below 0 "
            "it is worked off.",
            unit="cps",
            width=12,
            lowest=None,
            queries=(Query("deriv(consumergroup:kafka_consumergroup_lag:sum[15m])", "{{consumergroup}}"),),
        ),
        Panel(
            title="Partitions of each group",
            description="Partitions that have an owner, by consumer group: a worker tells the lag of those that are "
            "its own, and kafka_exporter's, which knows no owners, is left out. Fewer than the topic has are "
            "partitions that nobody works at.",
            unit="short",
            width=12,
            queries=(
                Query(
                    "count by (consumergroup) (max by (consumergroup, topic, partition) "
                    f'(kafka_consumergroup_lag{{{OURS},consumergroup=~"newswire-.+"}}))',
                    "{{consumergroup}}",
                ),
            ),
        ),
    ),
)
_WRITTEN: Final = Row(
    "What newswire writes",
    (
        Panel(
            title="Records",
            description="Records per second that newswire delivers, by topic.",
            unit="cps",
            kind="area",
            queries=(Query(_written("newswire_output_records_total"), "{{topic}}"),),
        ),
        Panel(
            title="Bytes",
            description="Bytes per second that newswire delivers, by topic, before compression and replication.",
            unit="Bps",
            kind="area",
            queries=(Query(_written("newswire_output_bytes_total"), "{{topic}}"),),
        ),
        Panel(
            title="Bytes in a record",
            description="Bytes of a record on average, by topic, before compression.",
            unit="bytes",
            queries=(
                Query(
                    f"{_written('newswire_output_bytes_total')}"
                    f" / ({_written('newswire_output_records_total')} > 0)",
                    "{{topic}}",
                ),
            ),
        ),
    ),
)
_BROKERS: Final = Row(
    "Brokers",
    (
        Panel(
            title="Since the last answer",
            description="Since Kafka last answered the process that audits; it asks every 15 s.",
            unit="s",
            limits=(Limit(30, "yellow"), Limit(120)),
            queries=(
                Query(
                    f"time() - max(newswire_broker_answered_timestamp_seconds{{{OURS}}} > 0)", "silent for"
                ),
            ),
        ),
        Panel(
            title="Partitions short of replicas",
            description="Partitions with fewer replicas in sync than they should have. Needs kafka_exporter or the "
            "JMX exporter; nothing without either.",
            unit="short",
            limits=(Limit(1),),
            queries=(Query("newswire:kafka_under_replicated_partitions:sum", "under-replicated"),),
        ),
        Panel(
            title="Disk that is free",
            description="Free share of each broker's disk. Needs node_exporter on the brokers' machines, or the "
            "kubelet's metrics; nothing without either.",
            unit="percentunit",
            highest=1,
            queries=(
                Query(
                    "newswire:kafka_disk_free:ratio", "{{instance}} {{mountpoint}}{{persistentvolumeclaim}}"
                ),
            ),
        ),
    ),
)
KAFKA: Final = Board(
    "kafka",
    "newswire: Kafka",
    "Kafka as newswire sees it: what waits, what is written, whether it answers.",
    (_LAG, _WRITTEN, _BROKERS),
)

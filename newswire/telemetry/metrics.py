"""Every metric a process serves.  Base units, bounded labels, no URL in any label.

Lag carries kafka_exporter's name so that dashboards made for it work.  Faust's own sensor is not used:
its names break Prometheus' rules and its figures are wrong with manual acknowledgements.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

import newswire

REGISTRY: Final = CollectorRegistry()
"""Ours alone: nothing that a library registers by the way is served."""

_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900)

BUILD_INFO: Final = Gauge(
    "newswire_build_info", "Version of this process; always 1.", ["version"], registry=REGISTRY
)
BUILD_INFO.labels(newswire.__version__).set(1)

OUTCOMES: Final = Counter(
    "newswire_outcomes_total",
    "Items that ended here, by how and why.",
    ["stage", "outcome", "reason", "lane"],
    registry=REGISTRY,
)
EVENTS: Final = Counter(
    "newswire_events_total", "Events taken from the input topic.", ["stage"], registry=REGISTRY
)
DEAD_LETTERS: Final = Counter(
    "newswire_dead_letters_total",
    "Records sent to the dead-letter topic.",
    ["stage", "reason"],
    registry=REGISTRY,
)
LATENCY: Final = Histogram(
    "newswire_stage_latency_seconds",
    "From the arrival of a batch's first event in a worker to the batch's delivery.",
    ["stage"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
SEEN_TO_END: Final = Histogram(
    "newswire_seen_to_end_seconds",
    "From a connector's sight of a live item to its outcome.",
    ["stage"],
    buckets=(*_SECONDS, 3600, 86400),
    registry=REGISTRY,
)
BATCH: Final = Histogram(
    "newswire_batch_duration_seconds",
    "Handling of one batch of events.",
    ["stage"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
BATCH_EVENTS: Final = Histogram(
    "newswire_batch_size_events",
    "Events in one batch.",
    ["stage"],
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
    registry=REGISTRY,
)
IN_FLIGHT: Final = Gauge(
    "newswire_in_flight_events", "Events taken and not yet acknowledged.", ["stage"], registry=REGISTRY
)
OLDEST: Final = Gauge(
    "newswire_oldest_unacknowledged_age_seconds",
    "Time since the oldest event in flight arrived; 0 with none.",
    ["stage"],
    registry=REGISTRY,
)
LAG: Final = Gauge(
    "kafka_consumergroup_lag",
    "Records between the committed offset and the end of a partition; all of it before the first commit.",
    ["consumergroup", "topic", "partition"],
    registry=REGISTRY,
)
OUTPUTS: Final = Counter(
    "newswire_output_records_total",
    "Records delivered to a topic.",
    ["stage", "topic"],
    registry=REGISTRY,
)
OUTPUT_BYTES: Final = Counter(
    "newswire_output_bytes_total",
    "Bytes of records delivered to a topic, uncompressed.",
    ["stage", "topic"],
    registry=REGISTRY,
)
RETRIES: Final = Counter(
    "newswire_retries_total", "Tries repeated after a passing failure.", ["stage", "what"], registry=REGISTRY
)
CHILD_KILLS: Final = Counter(
    "newswire_child_kills_total",
    "Child processes lost or killed, by cause.",
    ["stage", "cause"],
    registry=REGISTRY,
)
STALE_RESULTS: Final = Counter(
    "newswire_stale_results_total",
    "Results dropped because their partition had been revoked.",
    ["stage"],
    registry=REGISTRY,
)
STATE_ENTRIES: Final = Gauge(
    "newswire_dedupe_state_entries", "Entries of dedupe's state, by kind.", ["kind"], registry=REGISTRY
)
STATE_SET_ASIDE: Final = Counter(
    "newswire_dedupe_records_set_aside_total",
    "Records of the sightings topic that could not be folded.",
    registry=REGISTRY,
)
REBUILD: Final = Gauge(
    "newswire_dedupe_rebuild_duration_seconds",
    "Duration of the last rebuild of the state.",
    registry=REGISTRY,
)
UNACKED_BYTES: Final = Gauge(
    "newswire_connect_unacknowledged_bytes",
    "Bytes that connectors have sent and the broker has not confirmed.",
    registry=REGISTRY,
)
BACKPRESSURE: Final = Counter(
    "newswire_connect_backpressure_seconds_total",
    "Time that reading waited because too many bytes were not confirmed.",
    registry=REGISTRY,
)

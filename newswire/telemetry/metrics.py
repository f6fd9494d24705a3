"""Every metric a process serves.  Base units, bounded labels, no URL in any label.

Lag carries kafka_exporter's name so that dashboards made for it work.  Faust's own sensor is not used:
its names break Prometheus' rules and its figures are wrong with manual acknowledgements.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

import newswire

REGISTRY: Final = CollectorRegistry()
"""Ours alone: nothing that a library registers by the way is served."""

_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900)

BUILD_INFO: Final = Gauge(
    "newswire_build_info", "Version of this process; always 1.", ["version"], registry=REGISTRY
)
BUILD_INFO.labels(newswire.__version__).set(1)
PROCESS: Final = ProcessCollector(registry=REGISTRY)
"""Start, memory, CPU time and file descriptors, read from /proc whenever they are asked for."""

OUTCOMES: Final = Counter(
    "newswire_outcomes_total",
    "Items that ended here, by how and why; canaries are left out.",
    ["stage", "outcome", "reason", "lane"],
    registry=REGISTRY,
)
EVENTS: Final = Counter(
    "newswire_events_total",
    "Events taken from the input topic; those of canaries are among them.",
    ["stage"],
    registry=REGISTRY,
)
DEAD_LETTERS: Final = Counter(
    "newswire_dead_letters_total",
    "Records sent to the dead-letter topic; canaries are left out.",
    ["stage", "reason"],
    registry=REGISTRY,
)
DEAD_LETTERS_WAITING: Final = Gauge(
    "newswire_dead_letter_waiting_records",
    "Dead letters that their topic has not taken for some seconds; the stage stands still for them.",
    ["stage"],
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
    "From a connector's sight of a live item to its outcome; canaries are left out.",
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
CLOCK_AHEAD: Final = Gauge(
    "newswire_clock_ahead_seconds",
    "How far the broker's time of the newest event taken lies ahead of this process' clock; 0 where it does not.",
    ["stage"],
    registry=REGISTRY,
)
INPUT_MOVED: Final = Counter(
    "newswire_input_moved_total",
    "Partitions that did not hold what the group was to read next: behind (deleted before it was read) or ahead "
    "(the log is shorter than it was).",
    ["stage", "how"],
    registry=REGISTRY,
)
INPUT_SKIPPED: Final = Counter(
    "newswire_input_skipped_records_total",
    "Records that were deleted from the input before the stage had read them.",
    ["stage"],
    registry=REGISTRY,
)
OUTPUTS: Final = Counter(
    "newswire_output_records_total",
    "Records delivered to a topic; those of canaries are left out.",
    ["stage", "topic"],
    registry=REGISTRY,
)
OUTPUT_BYTES: Final = Counter(
    "newswire_output_bytes_total",
    "Bytes of records delivered to a topic, uncompressed; those of canaries are left out.",
    ["stage", "topic"],
    registry=REGISTRY,
)
RETRIES: Final = Counter(
    "newswire_retries_total", "Tries repeated after a passing failure.", ["stage", "what"], registry=REGISTRY
)
CHILDREN: Final = Gauge(
    "newswire_child_processes",
    "Child processes in which the stage handles batches at one time, as its setting says.",
    ["stage"],
    registry=REGISTRY,
)
CHILD_KILLS: Final = Counter(
    "newswire_child_kills_total",
    "Child processes lost, killed or held at their memory limit, by cause.",
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
STATE_BYTES: Final = Gauge(
    "newswire_dedupe_state_bytes",
    "Memory that dedupe's state has in use, by part, as of the last batch.",
    ["part"],
    registry=REGISTRY,
)
STATE_SET_ASIDE: Final = Counter(
    "newswire_dedupe_records_set_aside_total",
    "Records of the sightings topic that could not be folded.",
    registry=REGISTRY,
)
HISTORY_MISSING: Final = Gauge(
    "newswire_dedupe_history_missing_seconds",
    "How much of the identity window lies before the oldest sighting that the topic still has, where older ones "
    "were deleted; 0 where the window is whole.",
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
FETCHES: Final = Counter(
    "newswire_fetches_total",
    "Fetches from the web that ended, by what was asked for and what came of it.",
    ["resource", "result"],
    registry=REGISTRY,
)
FETCH_DURATION: Final = Histogram(
    "newswire_fetch_duration_seconds",
    "From the first request of a fetch to its last byte, redirects included, waiting for a turn not.",
    ["resource"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
FETCH_BYTES: Final = Counter(
    "newswire_fetch_bytes_total", "Bytes of bodies as they were sent.", ["resource"], registry=REGISTRY
)
HOSTS_BUSY: Final = Gauge(
    "newswire_busy_hosts", "Hosts that are being asked, waited for or given a rest.", registry=REGISTRY
)
HOSTS_RESTING: Final = Gauge(
    "newswire_resting_hosts", "Hosts given a rest after a 429 or 503.", registry=REGISTRY
)
FETCHES_OPEN: Final = Gauge("newswire_open_fetches", "Requests under way.", registry=REGISTRY)
SHARING_SOURCES: Final = Gauge(
    "newswire_sharing_sources", "Sources that this worker reads.", registry=REGISTRY
)
SHARING_PARTITIONS: Final = Gauge(
    "newswire_sharing_partitions", "Partitions of the sources that this worker owns.", registry=REGISTRY
)
SHARING_TAKEOVERS: Final = Counter(
    "newswire_sharing_takeovers_total",
    "Partitions taken over: first (nobody had them), clean (released) or unclean (the last owner's fetches "
    "were waited for).",
    ["how"],
    registry=REGISTRY,
)
SHARING_HANDOVERS: Final = Counter(
    "newswire_sharing_handovers_total",
    "Partitions given up: clean, late (the broker took no release), timeout (not in time) or lost.",
    ["how"],
    registry=REGISTRY,
)
SHARING_REWRITTEN: Final = Counter(
    "newswire_sharing_states_rewritten_total",
    "States written again because an older owner wrote after them.",
    registry=REGISTRY,
)
SHARING_DROPPED: Final = Counter(
    "newswire_sharing_states_dropped_total",
    "States not written because their source was no longer this worker's.",
    registry=REGISTRY,
)
SHARING_SET_ASIDE: Final = Counter(
    "newswire_sharing_records_set_aside_total",
    "Definitions and states that could not be read.",
    ["what"],
    registry=REGISTRY,
)
FEED_POLLS: Final = Counter(
    "newswire_feed_polls_total", "Polls of feeds, by what came of them.", ["poll"], registry=REGISTRY
)
FEED_ENTRIES: Final = Counter(
    "newswire_feed_entries_total", "Entries of feeds that were read.", ["entry"], registry=REGISTRY
)
FEED_WINDOWS_MISSED: Final = Counter(
    "newswire_feed_windows_missed_total",
    "Polls that showed nothing of what the poll before had shown: entries may have come and gone between.",
    registry=REGISTRY,
)
FEED_WINDOWS_CUT: Final = Counter(
    "newswire_feed_windows_cut_total",
    "Polls that showed more entries than are read of a feed: those behind them are left out.",
    registry=REGISTRY,
)
FEED_PAGES: Final = Counter(
    "newswire_feed_pages_total", "First fetches of the pages behind entries.", ["page"], registry=REGISTRY
)
FEED_VISITS: Final = Counter(
    "newswire_feed_page_visits_total",
    "Visits to pages that were had before, by what they found.",
    ["visit"],
    registry=REGISTRY,
)
FEED_SOURCES: Final = Gauge(
    "newswire_feed_sources",
    "Feeds that this worker reads, by how they do and why.",
    ["health", "reason"],
    registry=REGISTRY,
)
FEED_SOURCES_SINCE: Final = Gauge(
    "newswire_feed_sources_since_timestamp_seconds",
    "Mean of the times since when feeds do as they do; 0 with none that does.",
    ["health"],
    registry=REGISTRY,
)
FEED_LATENESS: Final = Histogram(
    "newswire_feed_lateness_seconds",
    "From when something was due to when its turn came.",
    ["due"],
    buckets=(0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400),
    registry=REGISTRY,
)
FEED_OVERDUE: Final = Gauge(
    "newswire_feed_oldest_overdue_seconds",
    "How long what is due longest has waited for its turn; 0 with nothing due.",
    registry=REGISTRY,
)
AUDITS: Final = Counter(
    "newswire_audits_total",
    "Audits that ended: done, or failed because the cluster could not be read.",
    ["result"],
    registry=REGISTRY,
)
AUDIT_ENDED: Final = Gauge(
    "newswire_audit_ended_timestamp_seconds",
    "When the last audit with this result ended.",
    ["result"],
    registry=REGISTRY,
)
AUDIT_DURATION: Final = Gauge(
    "newswire_audit_duration_seconds",
    "Duration of the last audit with this result.",
    ["result"],
    registry=REGISTRY,
)
AUDIT_WINDOW: Final = Gauge(
    "newswire_audit_window_seconds",
    "How far back the last audit looked; 0 in a process that does not audit.",
    registry=REGISTRY,
)
AUDIT_ITEMS: Final = Gauge(
    "newswire_audit_items",
    "Items that came within the window of the audit; canaries are left out.",
    ["lane"],
    registry=REGISTRY,
)
AUDIT_UNENDED: Final = Gauge(
    "newswire_audit_unended_items",
    "Items without an outcome: late (before some stage for longer than the grace time) or lost (all stages "
    "are done with them).",
    ["lane", "state"],
    registry=REGISTRY,
)
AUDIT_VIOLATIONS: Final = Gauge(
    "newswire_audit_violations", "What the last audit found wrong, by kind.", ["kind"], registry=REGISTRY
)
BROKER_ANSWERED: Final = Gauge(
    "newswire_broker_answered_timestamp_seconds",
    "When Kafka last answered the process that audits; 0 in one that does not.",
    registry=REGISTRY,
)
CANARIES_SENT: Final = Counter(
    "newswire_canaries_sent_total", "Canaries that this process has put in news.raw.", registry=REGISTRY
)
CANARY_SEEN: Final = Gauge(
    "newswire_canary_last_seen_timestamp_seconds",
    "When a claim of this process' canaries last came out of news.claims; 0 before the first, and in a "
    "process that has none.",
    registry=REGISTRY,
)
CANARY_LATENCY: Final = Histogram(
    "newswire_canary_latency_seconds",
    "From sending a canary to its claim.",
    buckets=_SECONDS,
    registry=REGISTRY,
)

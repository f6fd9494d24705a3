"""How the workers of each stage do: their rates, what is in their hands, what holds them up."""

from __future__ import annotations

from typing import Final

from boards.form import OURS, Board, Limit, Panel, Query, Row, quantile

__all__ = ["STAGES"]

_FLOW: Final = Row(
    "Flow",
    (
        Panel(
            title="Events taken",
            description="Events that each stage takes per second, over 5 minutes. A stage far below the one before "
            "it falls behind, or has less to do: see what waits.",
            unit="cps",
            queries=(Query("stage:newswire_events:rate5m", "{{stage}}"),),
        ),
        Panel(
            title="Records that wait",
            description="Records before each consumer group. One line that climbs is the stage to look at.",
            unit="short",
            queries=(Query("consumergroup:kafka_consumergroup_lag:sum", "{{consumergroup}}"),),
        ),
        Panel(
            title="Oldest event in hand",
            description="Age of the oldest event that a worker has taken and not acknowledged. From 180 s on a "
            "worker that delivers nothing is stalled.",
            unit="s",
            limits=(Limit(60, "yellow"), Limit(180)),
            queries=(
                Query(
                    "stage_instance:newswire_oldest_unacknowledged_age_seconds:max", "{{stage}} {{instance}}"
                ),
            ),
        ),
        Panel(
            title="Events in hand",
            description="Events taken and not acknowledged. At the window (window_events, 512 unless set) a stage "
            "is as busy as it can be.",
            unit="short",
            queries=(Query(f"sum by (stage) (newswire_in_flight_events{{{OURS}}})", "{{stage}}"),),
        ),
        Panel(
            title="From arrival to delivery, 95 %",
            description="Seconds from the arrival of a batch's first event in a worker to the batch's delivery.",
            unit="s",
            queries=(Query(quantile(0.95, "newswire_stage_latency_seconds", by="stage"), "{{stage}}"),),
        ),
        Panel(
            title="Records delivered",
            description="Records per second that each stage delivers to each topic.",
            unit="cps",
            queries=(
                Query(
                    f"sum by (stage, topic) (rate(newswire_output_records_total{{{OURS}}}[$__rate_interval]))",
                    "{{stage}} → {{topic}}",
                ),
            ),
        ),
    ),
)
_BATCHES: Final = Row(
    "Batches and children",
    (
        Panel(
            title="A batch takes, 95 %",
            description="Seconds that handling one batch takes. For enrich it is the model's time.",
            unit="s",
            queries=(Query(quantile(0.95, "newswire_batch_duration_seconds", by="stage"), "{{stage}}"),),
        ),
        Panel(
            title="Events in a batch, median",
            description="Small batches mean that a stage waits for events, full ones that events wait for it.",
            unit="short",
            queries=(Query(quantile(0.5, "newswire_batch_size_events", by="stage"), "{{stage}}"),),
        ),
        Panel(
            title="Busy children of enrich",
            description="Share of the children of enrich's live workers that are busy. At 1 more workers are needed.",
            unit="percentunit",
            highest=1,
            queries=(Query("newswire:enrich_busy_children:ratio", "busy"),),
        ),
        Panel(
            title="Enrich needs for what waits",
            description="Seconds that what waits before enrich takes at the rate of now, in the live lane; none while "
            "it takes nothing.",
            unit="s",
            limits=(Limit(300),),
            queries=(Query("newswire:enrich_drain_seconds:estimate < Inf", "to drain"),),
        ),
        Panel(
            title="Batches under way",
            description="Batches that are being handled at one time, on average, all workers together. At the number "
            "of a stage's children it can do no more.",
            unit="short",
            queries=(
                Query(
                    f"sum by (stage) (rate(newswire_batch_duration_seconds_sum{{{OURS}}}[$__rate_interval]))",
                    "{{stage}}",
                ),
            ),
        ),
        Panel(
            title="Children lost",
            description="Child processes lost or killed in 15 minutes, by cause. The items that did it are retried "
            "alone, then dead letters.",
            unit="short",
            limits=(Limit(1, "yellow"),),
            queries=(
                Query(
                    f"sum by (stage, cause) (increase(newswire_child_kills_total{{{OURS}}}[15m]))",
                    "{{stage}}: {{cause}}",
                ),
            ),
        ),
    ),
)
_STATE: Final = Row(
    "Dedupe's state",
    (
        Panel(
            title="Entries",
            description="Articles known, and contents among which copies are found. Both are bounded by age and by "
            "dedupe_max_identities and dedupe_max_near; standbys have none.",
            unit="short",
            queries=(Query(f"sum by (kind) (newswire_dedupe_state_entries{{{OURS}}})", "{{kind}}"),),
        ),
        Panel(
            title="Last rebuild",
            description="Seconds that the last rebuild of the state took, of the worker for which it took longest.",
            unit="s",
            queries=(Query(f"max(newswire_dedupe_rebuild_duration_seconds{{{OURS}}})", "rebuild"),),
        ),
        Panel(
            title="Sightings set aside",
            description="Records of the sightings topic that could not be folded, in a day. Each may let a copy "
            "through as new; none is right.",
            unit="short",
            limits=(Limit(1),),
            queries=(
                Query(f"sum(increase(newswire_dedupe_records_set_aside_total{{{OURS}}}[1d]))", "set aside"),
            ),
        ),
    ),
)
_PROCESSES: Final = Row(
    "Processes",
    (
        Panel(
            title="Processes that answer",
            description="Processes that answer Prometheus, by what they are. A gap is a restart.",
            unit="short",
            width=6,
            queries=(Query(f"sum by (process) (up{{{OURS}}})", "{{process}}"),),
        ),
        Panel(
            title="Processor time",
            description="Cores that each kind of process uses, without its children, which do the heavy work of "
            "normalize and enrich.",
            unit="short",
            width=6,
            queries=(
                Query(
                    f"sum by (process) (rate(process_cpu_seconds_total{{{OURS}}}[$__rate_interval]))",
                    "{{process}}",
                ),
            ),
        ),
        Panel(
            title="Memory",
            description="Resident memory of the largest process of each kind, without its children. It should be "
            "flat over days.",
            unit="bytes",
            width=6,
            queries=(Query(f"max by (process) (process_resident_memory_bytes{{{OURS}}})", "{{process}}"),),
        ),
        Panel(
            title="File descriptors used",
            description="Share of the file descriptors that the system allows, of the process that uses most.",
            unit="percentunit",
            width=6,
            limits=(Limit(0.8),),
            queries=(
                Query(
                    f"max by (process) (process_open_fds{{{OURS}}} / process_max_fds{{{OURS}}})",
                    "{{process}}",
                ),
            ),
        ),
    ),
)
STAGES: Final = Board(
    "stages",
    "newswire: stages",
    "How the workers of normalize, dedupe and enrich do: rates, what is in their hands, what holds them up.",
    (_FLOW, _BATCHES, _STATE, _PROCESSES),
)

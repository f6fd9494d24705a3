"""What an operator looks at first: does news come through, in time, and is any of it lost?"""

from __future__ import annotations

from typing import Final

from boards.form import (
    AUDITED_WITHIN_S,
    BUDGET,
    CANARY_WITHIN_S,
    LE,
    OURS,
    Board,
    Limit,
    Panel,
    Query,
    Row,
    quantile,
)

__all__ = ["OVERVIEW"]

_SEEN: Final = "newswire_seen_to_end_seconds"
_OF_ENRICH: Final = f'{OURS},stage="enrich"'


def _in_time(over: str) -> str:
    """Return the share of live items that were in time."""
    return (
        f'sum(increase({_SEEN}_bucket{{{_OF_ENRICH},le="{LE}"}}[{over}]))'
        f" / (sum(increase({_SEEN}_count{{{_OF_ENRICH}}}[{over}])) > 0)"
    )


def _taken(stage: str) -> str:
    return f'sum(increase(newswire_events_total{{{OURS},stage="{stage}"}}[$__range]))'


_NOW: Final = Row(
    "Now",
    (
        Panel(
            title="Items that end",
            description="Items that reach their outcome per second, over 5 minutes, both lanes together.",
            unit="cps",
            kind="number",
            width=3,
            height=4,
            queries=(Query("sum(stage_outcome_lane:newswire_outcomes:rate5m)"),),
        ),
        Panel(
            title="Records that wait",
            description="Records before all stages that no worker has done yet. It should not grow for long.",
            unit="short",
            kind="number",
            width=3,
            height=4,
            queries=(Query("sum(consumergroup:kafka_consumergroup_lag:sum)"),),
        ),
        Panel(
            title="Late, of the last hour",
            description=f"Share of the live items enriched in the last hour later than {float(LE):g} s after their "
            f"fetch. The objective allows {BUDGET:g}, over 30 days.",
            unit="percentunit",
            kind="number",
            width=3,
            height=4,
            limits=(Limit(BUDGET, "orange"), Limit(6 * BUDGET)),
            queries=(Query("newswire:seen_to_end_late:ratio_rate1h"),),
        ),
        Panel(
            title="Without an outcome",
            description="Items that the last audit found lost, or late before a stage. Lost is never right: see the "
            "runbook NewswireItemsLost.",
            unit="short",
            kind="number",
            width=3,
            height=4,
            limits=(Limit(1),),
            queries=(Query("sum by (state) (lane_state:newswire_audit_unended_items:max)", "{{state}}"),),
        ),
        Panel(
            title="Since the last audit",
            description="Since the last audit that could read the cluster; what the other numbers of the audit say "
            "is as old.",
            unit="s",
            kind="number",
            width=3,
            height=4,
            limits=(Limit(AUDITED_WITHIN_S),),
            queries=(Query(f'time() - max(newswire_audit_ended_timestamp_seconds{{{OURS},result="done"}})'),),
        ),
        Panel(
            title="Since the canary was seen",
            description="Since the claim of the synthetic article last came out of news.claims: it goes through "
            "everything once a minute. From 300 s on some part of the way is cut.",
            unit="s",
            kind="number",
            width=3,
            height=4,
            limits=(Limit(CANARY_WITHIN_S),),
            queries=(Query("time() - newswire:canary_last_seen_timestamp_seconds:max1d"),),
        ),
        Panel(
            title="Sources failing or blocked",
            description="Share of the sources that fail or are blocked: the dashboard of sources tells why.",
            unit="percentunit",
            kind="number",
            width=3,
            height=4,
            limits=(Limit(0.1, "yellow"), Limit(0.2)),
            queries=(Query("newswire:feed_sources_failing:ratio"),),
        ),
        Panel(
            title="Alerts that fire",
            description="Alerts of newswire that fire now, before Alertmanager hides consequences by their causes.",
            unit="short",
            kind="number",
            width=3,
            height=4,
            limits=(Limit(1),),
            queries=(Query('count(ALERTS{alertname=~"Newswire.+",alertstate="firing"}) or vector(0)'),),
        ),
    ),
)
_FUNNEL: Final = Row(
    "Funnel of outcomes",
    (
        Panel(
            title="What comes how far",
            description="Events that each stage took in the time shown, and articles enriched: what falls away "
            "between two bars was rejected, known, a copy or a dead letter. What a worker took again after a crash "
            "counts again. Canaries, one a minute, are events of each stage and never enriched articles.",
            unit="short",
            kind="bars",
            queries=(
                Query(_taken("normalize"), "items seen"),
                Query(_taken("dedupe"), "articles judged"),
                Query(_taken("enrich"), "worth enriching"),
                Query(
                    f'sum(increase(newswire_outcomes_total{{{OURS},outcome="enriched"}}[$__range]))',
                    "enriched",
                ),
            ),
        ),
        Panel(
            title="Outcomes",
            description="How items end, per second. Each ends exactly once; a shift between the colours is a change "
            "in what sources publish, or in how it is judged.",
            unit="cps",
            kind="area",
            width=16,
            queries=(Query("sum by (outcome) (stage_outcome_lane:newswire_outcomes:rate5m)", "{{outcome}}"),),
        ),
        Panel(
            title="Rejected, by reason",
            description="Items per second that hold no article: walls, bot checks, empty pages. A sudden rise of "
            "one reason is mostly one site that has changed.",
            unit="cps",
            kind="area",
            queries=(Query("stage_reason:newswire_rejected:rate5m", "{{stage}}: {{reason}}"),),
        ),
        Panel(
            title="Dead letters of 15 minutes",
            description="Items that no stage could handle, kept with their bytes: newswire dlq list. Each is worth "
            "a look.",
            unit="short",
            limits=(Limit(1, "yellow"), Limit(20)),
            queries=(Query("stage_reason:newswire_dead_letters:increase", "{{stage}}: {{reason}}"),),
        ),
        Panel(
            title="What the audit finds wrong",
            description="Violations by kind, as the last audit found them. Anything but 0 is a defect: newswire "
            "audit names the items.",
            unit="short",
            limits=(Limit(1),),
            queries=(Query("kind:newswire_audit_violations:max", "{{kind}}"),),
        ),
    ),
)
_LATENCY: Final = Row(
    "Latency objective",
    (
        Panel(
            title="In time",
            description=f"Share of live items enriched within {float(LE):g} s of their fetch: in the time shown, and "
            f"over the objective's 30 days, where it must stay above {1 - BUDGET:g}.",
            unit="percentunit",
            kind="number",
            width=4,
            highest=1,
            below="red",
            limits=(Limit(1 - BUDGET, "green"),),
            queries=(Query(_in_time("$__range"), "shown"), Query(_in_time("30d"), "30 days")),
        ),
        Panel(
            title="Budget burnt",
            description="How many times faster than allowed live items are late. At 1 the budget of 30 days is just "
            "used up; at 6 and at 14.4 somebody is paged.",
            unit="short",
            width=10,
            limits=(Limit(1, "yellow"), Limit(6, "orange"), Limit(14.4)),
            queries=tuple(
                Query(f"newswire:seen_to_end_late:ratio_rate{window} / {BUDGET:g}", window)
                for window in ("5m", "1h", "6h", "3d")
            ),
        ),
        Panel(
            title="From fetch to enrichment",
            description="Seconds from a connector's sight of a live item to its enrichment.",
            unit="s",
            width=10,
            limits=(Limit(float(LE)),),
            queries=tuple(
                Query(quantile(share, _SEEN, 'stage="enrich"'), f"{share:.0%}") for share in (0.5, 0.95, 0.99)
            ),
        ),
        Panel(
            title="From fetch to enrichment, all of it",
            description="Live items by how long they took: a second band far up is one slow source, host or child, "
            "which no quantile shows.",
            unit="short",
            kind="heatmap",
            width=24,
            queries=(
                Query(f"sum by (le) (increase({_SEEN}_bucket{{{_OF_ENRICH}}}[$__rate_interval]))", "{{le}}"),
            ),
        ),
    ),
)
OVERVIEW: Final = Board(
    "overview",
    "newswire: overview",
    "Does news come through, in time, and is any of it lost? The funnel of outcomes and the latency objective.",
    (_NOW, _FUNNEL, _LATENCY),
)

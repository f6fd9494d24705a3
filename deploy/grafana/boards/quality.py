"""What comes out: how much is found in an article, and how much of what comes in is worth enriching."""

from __future__ import annotations

from typing import Final

from boards.form import OURS, Board, Limit, Panel, Query, Row

__all__ = ["QUALITY"]

_ENRICHED: Final = 'stage="enrich",topic="news.enriched.v1"'


def _share(outcomes: str) -> str:
    """Return the share of what ends that has one of these outcomes."""
    return (
        f'(sum(stage_outcome_lane:newswire_outcomes:rate5m{{outcome=~"{outcomes}"}}) or vector(0))'
        " / (sum(stage_outcome_lane:newswire_outcomes:rate5m) > 0)"
    )


def _delivered(topic: str) -> str:
    return (
        f'sum(rate(newswire_output_records_total{{{OURS},stage="enrich",topic="{topic}"}}[$__rate_interval]))'
    )


_FOUND: Final = Row(
    "Found in an article",
    (
        Panel(
            title="Claims per article",
            description="Claims per enriched article, over an hour and over a day. It moves with what is published; "
            "at half of the day before something is broken: see the runbook NewswireClaimsCollapsed.",
            unit="none",
            queries=(
                Query("newswire:claims_per_article:ratio_rate1h", "hour"),
                Query("newswire:claims_per_article:ratio_rate1d", "day"),
            ),
        ),
        Panel(
            title="Entities per article",
            description="Entities per enriched article, variants merged, over an hour and over a day.",
            unit="none",
            queries=(
                Query("newswire:entities_per_article:ratio_rate1h", "hour"),
                Query("newswire:entities_per_article:ratio_rate1d", "day"),
            ),
        ),
        Panel(
            title="Claims against the day",
            description="Claims per article of the last hour, as a share of those of the day. 1 is as usual.",
            unit="percentunit",
            limits=(Limit(2, "yellow"),),
            queries=(
                Query(
                    "newswire:claims_per_article:ratio_rate1h / (newswire:claims_per_article:ratio_rate1d > 0)",
                    "hour of day",
                ),
            ),
        ),
        Panel(
            title="Delivered by enrich",
            description="Enriched articles, claims and entities per second.",
            unit="cps",
            width=12,
            queries=(
                Query(_delivered("news.enriched.v1"), "articles"),
                Query(_delivered("news.claims.v1"), "claims"),
                Query(_delivered("news.entities.v1"), "entities"),
            ),
        ),
        Panel(
            title="Size of an enriched article",
            description="Bytes of a record of news.enriched, uncompressed, on average. Far smaller than usual means "
            "teasers in place of texts.",
            unit="bytes",
            width=12,
            queries=(
                Query(
                    f"sum(rate(newswire_output_bytes_total{{{OURS},{_ENRICHED}}}[$__rate_interval]))"
                    f" / (sum(rate(newswire_output_records_total{{{OURS},{_ENRICHED}}}[$__rate_interval])) > 0)",
                    "mean",
                ),
            ),
        ),
    ),
)
_JUDGED: Final = Row(
    "Judged",
    (
        Panel(
            title="Enriched",
            description="Share of what ends that is enriched; the rest says nothing new, or holds no article.",
            unit="percentunit",
            highest=1,
            queries=(Query(_share("enriched"), "enriched"),),
        ),
        Panel(
            title="Copies and repetitions",
            description="Share of what ends that was known: copies of other articles, and articles seen again "
            "unchanged. None at all means that dedupe remembers nothing.",
            unit="percentunit",
            highest=1,
            queries=(
                Query(_share("duplicate|near_duplicate"), "copies"),
                Query(_share("unchanged|reextracted"), "unchanged"),
                Query(_share("revision"), "revisions not worth enriching"),
            ),
        ),
        Panel(
            title="No article",
            description="Share of what ends that was rejected or is a dead letter.",
            unit="percentunit",
            highest=1,
            limits=(Limit(0.5, "yellow"),),
            queries=(
                Query(_share("rejected"), "rejected"),
                Query(_share("dead_letter"), "dead letters"),
            ),
        ),
        Panel(
            title="Articles without analysis",
            description="Dead letters of enrich in 15 minutes, by reason: their articles are in news.enriched with "
            "analysis failed.",
            unit="short",
            width=12,
            limits=(Limit(1, "yellow"), Limit(20)),
            queries=(Query('stage_reason:newswire_dead_letters:increase{stage="enrich"}', "{{reason}}"),),
        ),
        Panel(
            title="Rejected by normalize",
            description="Items per second that hold no article, by reason.",
            unit="cps",
            kind="area",
            width=12,
            queries=(Query('stage_reason:newswire_rejected:rate5m{stage="normalize"}', "{{reason}}"),),
        ),
    ),
)
QUALITY: Final = Board(
    "quality",
    "newswire: quality",
    "What comes out: claims and entities per article, and how much of what comes in is worth enriching.",
    (_FOUND, _JUDGED),
)

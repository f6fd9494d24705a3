"""How the feeds do that are read, and what reading them costs."""

from __future__ import annotations

from typing import Final

from boards.form import OURS, Board, Limit, Panel, Query, Row, quantile

__all__ = ["SOURCES"]


def _rate(metric: str, *by: str) -> str:
    return f"sum by ({', '.join(by)}) (rate({metric}{{{OURS}}}[$__rate_interval]))"


_HEALTH: Final = Row(
    "Health",
    (
        Panel(
            title="Sources now",
            description="Sources by how they do: newswire sources list --health failing names those.",
            unit="short",
            kind="bars",
            width=6,
            queries=(Query("sort_desc(health:newswire_feed_sources:sum)", "{{health}}"),),
        ),
        Panel(
            title="Sources over time",
            description="Sources by how they do. Many that turn at once have one cause, and it is mostly ours: the "
            "network, or a site that shuts us out.",
            unit="short",
            kind="area",
            width=10,
            queries=(Query("health:newswire_feed_sources:sum", "{{health}}"),),
        ),
        Panel(
            title="Failing or blocked",
            description="Share of the sources that fail or are blocked. From 0.2 on somebody is told.",
            unit="percentunit",
            highest=1,
            limits=(Limit(0.2),),
            queries=(Query("newswire:feed_sources_failing:ratio", "failing or blocked"),),
        ),
        Panel(
            title="Why",
            description="The most frequent reasons why sources do not do well.",
            unit="short",
            kind="bars",
            width=12,
            queries=(
                Query(
                    "topk(12, sum by (health, reason) "
                    f'(newswire_feed_sources{{{OURS},health!~"ok|unknown",reason!=""}}) > 0)',
                    "{{health}}: {{reason}}",
                ),
            ),
        ),
        Panel(
            title="Since when",
            description="For how long sources have done as they do, on average. Failing for weeks is gone.",
            unit="s",
            kind="bars",
            width=12,
            queries=(
                Query(
                    f"time() - min by (health) (newswire_feed_sources_since_timestamp_seconds{{{OURS}}} > 0)",
                    "{{health}}",
                ),
            ),
        ),
    ),
)
_READING: Final = Row(
    "Reading",
    (
        Panel(
            title="Polls",
            description="Polls of feeds per second, by what came of them. not_modified and same cost nearly nothing.",
            unit="cps",
            kind="area",
            queries=(Query(_rate("newswire_feed_polls_total", "poll"), "{{poll}}"),),
        ),
        Panel(
            title="Entries",
            description="Entries per second in the feeds that were read. Of seen ones one to two thirds are right: "
            "the pace adapts to that.",
            unit="cps",
            kind="area",
            queries=(Query(_rate("newswire_feed_entries_total", "entry"), "{{entry}}"),),
        ),
        Panel(
            title="Polls that missed something",
            description="Polls in an hour that showed nothing of what the poll before had shown: entries may have "
            "come and gone between, min_interval_s of such sources is too long. And polls of feeds that have more "
            "entries than are read: the log names them.",
            unit="short",
            queries=(
                Query(f"sum(increase(newswire_feed_windows_missed_total{{{OURS}}}[1h]))", "windows missed"),
                Query(f"sum(increase(newswire_feed_windows_cut_total{{{OURS}}}[1h]))", "windows cut"),
            ),
        ),
        Panel(
            title="Pages behind entries",
            description="First fetches per second of the pages behind entries. What is given up leaves the feed's "
            "own text.",
            unit="cps",
            kind="area",
            queries=(Query(_rate("newswire_feed_pages_total", "page"), "{{page}}"),),
        ),
        Panel(
            title="Pages visited again",
            description="Visits per second to pages that were had before: edits, corrections, removals.",
            unit="cps",
            kind="area",
            queries=(Query(_rate("newswire_feed_page_visits_total", "visit"), "{{visit}}"),),
        ),
        Panel(
            title="Late by, 95 %",
            description="Seconds from when something was due to when its turn came.",
            unit="s",
            queries=(Query(quantile(0.95, "newswire_feed_lateness_seconds", by="due"), "{{due}}"),),
        ),
        Panel(
            title="Longest overdue",
            description="How long what is due longest has waited for its turn. It climbs where a worker stands "
            "still or has too many sources.",
            unit="s",
            limits=(Limit(900),),
            queries=(
                Query(f"max by (instance) (newswire_feed_oldest_overdue_seconds{{{OURS}}})", "{{instance}}"),
            ),
        ),
        Panel(
            title="Not confirmed by Kafka",
            description="Bytes sent and not confirmed. At connect_unacked_mib reading waits.",
            unit="bytes",
            queries=(Query(f"sum(newswire_connect_unacknowledged_bytes{{{OURS}}})", "not confirmed"),),
        ),
        Panel(
            title="Reading waits for Kafka",
            description="Share of the time that reading waits because too much is not confirmed, of all workers "
            "together. Above 0 Kafka is too slow for what is read.",
            unit="percentunit",
            queries=(
                Query(
                    f"sum(rate(newswire_connect_backpressure_seconds_total{{{OURS}}}[$__rate_interval]))",
                    "waits",
                ),
            ),
        ),
    ),
)
_WEB: Final = Row(
    "The web",
    (
        Panel(
            title="Fetches",
            description="Fetches per second that ended, by what was asked for and what came of it.",
            unit="cps",
            kind="area",
            queries=(
                Query(_rate("newswire_fetches_total", "resource", "result"), "{{resource}}: {{result}}"),
            ),
        ),
        Panel(
            title="A fetch takes, 95 %",
            description="Seconds from the first request of a fetch to its last byte.",
            unit="s",
            queries=(
                Query(quantile(0.95, "newswire_fetch_duration_seconds", by="resource"), "{{resource}}"),
            ),
        ),
        Panel(
            title="Bytes fetched",
            description="Bytes of bodies per second, as they were sent.",
            unit="Bps",
            kind="area",
            queries=(Query(_rate("newswire_fetch_bytes_total", "resource"), "{{resource}}"),),
        ),
        Panel(
            title="Hosts and requests",
            description="Hosts that are asked, waited for or given a rest; of these those that rest after a 429 or "
            "503; requests under way.",
            unit="short",
            width=12,
            queries=(
                Query(f"sum(newswire_busy_hosts{{{OURS}}})", "hosts busy"),
                Query(f"sum(newswire_resting_hosts{{{OURS}}})", "hosts resting"),
                Query(f"sum(newswire_open_fetches{{{OURS}}})", "requests"),
            ),
        ),
        Panel(
            title="Sources of each worker",
            description="Sources that each worker reads; hosts are spread, so lines far apart mean a few large hosts.",
            unit="short",
            width=12,
            queries=(
                Query(
                    f'sum by (instance) (newswire_sharing_sources{{{OURS},process="connect"}})',
                    "{{instance}}",
                ),
            ),
        ),
    ),
)
SOURCES: Final = Board(
    "sources",
    "newswire: sources",
    "How the feeds do that are read, why some do not do well, and what reading them costs.",
    (_HEALTH, _READING, _WEB),
)

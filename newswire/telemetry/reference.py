"""The page that lists every metric, made of the registry itself."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from prometheus_client import Counter, Gauge, Histogram, Metric

from newswire.telemetry import metrics
from newswire.telemetry.health import REASONS

__all__ = ["Described", "described", "page"]

_LABELS: Final = {
    "stage": "`connect`, `normalize`, `dedupe` or `enrich`",
    "outcome": "how an item ended: `enriched`, `duplicate`, … (closed list, see [the contract](contract.md))",
    "reason": "why, of what is rejected, a dead letter, or a feed that does not do well: a short code, never a text; else empty",
    "lane": "`live` or `backfill`",
    "topic": "topic",
    "partition": "partition of the topic",
    "consumergroup": "Kafka's consumer group: `newswire-` and the stage, in the backfill lane with `-backfill`",
    "what": "what was tried again: `process` (a batch, where a stage raises what is retriable: none of ours does today),"
    " `send`, `read` or `dead_letter`; what could not be read: `source_definition` or"
    " `source_state`",
    "how": "of a partition taken over `first`, `clean` or `unclean`; of one given up `clean`, `late`, `timeout` or `lost`;"
    " of one of the input `behind` or `ahead`",
    "cause": "`child_died`, `child_timeout` or `child_memory`; of the parsers of feeds `crashed`, `timeout` or `memory`",
    "kind": "`owners` (contents in the near index) or `identities` (articles known); of what an audit finds wrong,"
    " `no_outcome`, `two_outcomes`, … (closed list, see `newswire/ledger/findings.py`)",
    "state": "`late` or `lost`",
    "part": "`near_index`, or of the local files `write_buffer` (what is not yet written out; its memory stays with the"
    " process for the next), `cache` or `filters`",
    "resource": "what is fetched: `feed`, `page`, `robots` or `sitemap`",
    "result": "`ok`, `not_modified`, `4xx`, `5xx`, … or a short code (closed list, see `connectors/web/message.py`);"
    " of an audit, `done` or `failed`",
    "poll": "`new`, `nothing_new`, `same` (the same bytes again), `not_modified`, or why there is"
    " no feed: `404`, `4xx`, `5xx`, `timeout`, `not_a_feed`, `broken`, `blocked`, … (a closed list)",
    "entry": "`new`, `changed` (known, with other words now) or `seen`",
    "page": "`had`, `again` (it failed and is tried again) or `given_up`",
    "visit": "`unchanged`, `changed`, `missing` (a first 404 or 410), `withdrawn` (the second), `failed` or `forbidden`",
    "health": "`unknown`, `ok`, `stale`, `failing`, `blocked`, `gone` or `dimmed`",
    "due": "`poll`, `page` or `visit`",
    "version": "version of newswire",
}
"""What the values of each label are: few, all of them."""
_UNITS: Final = (
    "seconds",
    "bytes",
    "events",
    "entries",
    "records",
    "ratio",
    "hosts",
    "fetches",
    "sources",
    "partitions",
    "items",
    "violations",
    "processes",
    "outcomes",
    "retries",
    "results",
    "takeovers",
    "handovers",
    "polls",
    "pages",
    "visits",
    "audits",
)
"""What a metric's name may end with; a counter's before ``_total``."""
_NAMED_OTHERWISE: Final = {
    "newswire_build_info": "",
    "kafka_consumergroup_lag": "records",
    "newswire_dead_letters_total": "dead letters",
    "newswire_child_kills_total": "child processes",
    "newswire_feed_windows_cut_total": "windows of feeds",
    "newswire_canaries_sent_total": "canaries",
    "newswire_dedupe_records_set_aside_total": "records",
    "newswire_input_moved_total": "partitions",
    "newswire_sharing_states_rewritten_total": "states",
    "newswire_sharing_states_dropped_total": "states",
    "newswire_sharing_records_set_aside_total": "records",
    "newswire_feed_windows_missed_total": "polls",
    "process_open_fds": "file descriptors",
    "process_max_fds": "file descriptors",
}
_HEAD: Final = """\
# Telemetry

<!-- Made by `python -m newswire.reference`; do not edit. -->

Every worker (`newswire worker` and `connect`), the canary and the watching audit serve Prometheus metrics at
`http://metrics_host:metrics_port/metrics` (both are [settings](settings.md); port 0 takes a free one, which the
process logs when it starts); `newswire ingest` does with `--metrics-port`. `newswire up` and `demo` have none of
their own: what they start has. A thread of its own serves them, so a process whose event loop is stuck still
answers, and shows it: its oldest unacknowledged event grows old.

Units are base units. Labels have few values: no URL, no id and no text is ever one. Lag has the name that
kafka_exporter gives it, so that dashboards made for that work. Faust's own sensor is not exported: its names
break Prometheus' rules, and its figures are wrong where events are acknowledged by hand.

## Health

The same thread answers `/livez` and `/readyz`: 200, or 503 where something is wrong, and one line of JSON with
`ok`, `reason` and `detail`. A process that is not live is to be killed and started again; one that is not ready
waits for something that a restart would not bring. What is missing at the start is told in one line on standard
error, and the exit code is 2. `python -m newswire.probe [livez|readyz]` asks for it where there is no curl.

| reason | meaning |
|---|---|
"""
_METRICS: Final = """\

## Metrics

| metric | type | unit | labels | meaning |
|---|---|---|---|---|
"""


class Described(msgspec.Struct, frozen=True):
    """One metric as its readers see it."""

    name: str
    """As it is served; of a histogram without ``_bucket``, ``_sum`` and ``_count``."""
    type: str
    unit: str
    labels: tuple[str, ...]
    meaning: str
    buckets: tuple[float, ...] = ()


def described() -> list[Described]:
    """Return every metric, in the order of its declaration; those of the process come last."""
    return [
        *(
            _described(value)
            for value in vars(metrics).values()
            if isinstance(value, Counter | Gauge | Histogram)
        ),
        *(_of_process(family) for family in metrics.PROCESS.collect()),
    ]


def _of_process(family: Metric) -> Described:
    name = family.name + ("_total" if family.type == "counter" else "")
    unit = _unit(name, family.name)
    return Described(name=name, type=family.type, unit=unit, labels=(), meaning=family.documentation)


def _described(metric: Any) -> Described:
    (family,) = metric.describe()
    name = family.name + ("_total" if family.type == "counter" else "")
    bounds = getattr(metric, "_upper_bounds", ())  # prometheus-client offers no other way
    return Described(
        name=name,
        type=family.type,
        unit=_unit(name, family.name),
        labels=tuple(metric._labelnames),  # noqa: SLF001 - nor here
        meaning=family.documentation,
        buckets=tuple(bound for bound in bounds if bound != float("inf")),
    )


def _unit(name: str, family: str) -> str:
    """Return the unit that a metric's name ends with."""
    if name in _NAMED_OTHERWISE:
        return _NAMED_OTHERWISE[name]
    last = family.rpartition("_")[2]
    if last not in _UNITS:
        raise ValueError(f"{name} does not end with its unit")
    return last


def page() -> str:
    """Return the page, in Markdown.

    Raises:
        ValueError: a metric has no unit in its name.
        KeyError: a label is not explained.
    """
    found = described()
    rows = [
        f"| `{each.name}` | {each.type} | {each.unit} | {', '.join(f'`{label}`' for label in each.labels)} | "
        f"{each.meaning} |\n"
        for each in found
    ]
    labels = dict.fromkeys(label for each in found for label in each.labels)
    label_rows = [f"| `{label}` | {_LABELS[label]} |\n" for label in labels]
    bucket_rows = [
        f"| `{each.name}` | {', '.join(f'{bound:g}' for bound in each.buckets)} |\n"
        for each in found
        if each.buckets
    ]
    return "".join(
        [
            _HEAD,
            *(f"| `{reason}` | {meaning} |\n" for reason, meaning in REASONS.items()),
            _METRICS,
            *rows,
            "\n## Labels\n\n| label | values |\n|---|---|\n",
            *label_rows,
            "\n## Buckets\n\n| histogram | upper bounds |\n|---|---|\n",
            *bucket_rows,
        ]
    )

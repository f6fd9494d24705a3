"""``newswire audit``: whether every item that came in ended once, and nothing is lost, double or untrue."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

import msgspec
import typer

from connectors.framework.stop import stop_on_signals
from newswire.access.hold import hold
from newswire.cli.errors import CommandError
from newswire.cli.metrics import served_metrics
from newswire.cli.moments import moment_ms, span_of
from newswire.cli.options import MetricsPort
from newswire.cli.output import print_json, quiet_kafka
from newswire.ledger.audit import AUDITED, Progress, audit
from newswire.ledger.report import AuditReport, ItemCounts
from newswire.ledger.watch import Watch
from newswire.preflight import check_broker
from newswire.settings import load_settings
from newswire.telemetry.logs import configure_logs, log

__all__ = ["app", "print_report"]

NOT_IN_ORDER: Final = 1

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(
    "audit",
    epilog="Examples: newswire audit · newswire audit --wait 60 --json · newswire audit --since 24h · "
    "newswire audit --watch --metrics-port 9110",
)
def audit_(
    *,
    wait: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="SECONDS",
            help="First wait so long for what is in news.raw now; what is still under way then is a failure.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="AGE|MOMENT", help="Only items that came since: 90s, 2h, 7d, or RFC 3339."),
    ] = None,
    examples: Annotated[
        int, typer.Option(min=0, metavar="N", help="Name so many violations of each kind.")
    ] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch",
            help="Audit now and then until SIGTERM or Ctrl-C and serve what is found as metrics; how often and "
            "how far back are the settings audit_….",
        ),
    ] = False,
    metrics_port: MetricsPort = None,
) -> None:
    """Check by id that every item in news.raw, of both lanes, has exactly one outcome and its due events.

    Nothing lost; nothing double once redeliveries are counted out; one verdict for each item and one owner
    for each exact text; claims and entities that belong to their article; spans that reproduce its text.

    Exit code: 0 all is in order, 1 it is not (or, with --wait, not everything was done in time), 2 Kafka
    cannot be read.
    """
    if watch:
        if wait is not None or since is not None or json:
            raise CommandError("--watch goes with none of --wait, --since and --json")
        _watch({} if metrics_port is None else {"metrics_port": metrics_port})
        return
    if metrics_port is not None:
        raise CommandError("--metrics-port goes with --watch")
    since_ms = None if since is None else moment_ms(since)
    settings = load_settings()
    quiet_kafka()
    hold("audit", settings, stays=wait is not None)
    with _progress(quiet=json) as progress:
        report = audit(settings, wait_s=wait or 0.0, since_ms=since_ms, examples=examples, progress=progress)
    if json:
        print_json(msgspec.to_builtins(report) | {"violated": report.violated})
    else:
        print_report(report)
    if report.violated or (wait is not None and not report.complete):
        raise typer.Exit(NOT_IN_ORDER)


def _watch(given: dict[str, Any]) -> None:
    """Audit again and again, with metrics, until somebody asks for a stop."""
    settings = load_settings(given)
    quiet_kafka()
    hold("audit", settings, stays=True)
    check_broker(settings, AUDITED)
    configure_logs(settings.log_level, settings.log_format)
    quiet_kafka()
    log.info("worker_starts", stage="audit", metrics_port=served_metrics(settings))
    with stop_on_signals() as stop:
        Watch(settings, stop.asked).run()
    log.info("worker_ends")


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Progress | None]:
    """Show on a terminal which topic is read and how far."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bars

    with Bars(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, object] = {}

        def update(topic: str, done: int, total: int) -> None:
            if topic not in tasks:
                tasks[topic] = bars.add_task(topic, total=total)
            bars.update(tasks[topic], completed=done, total=total)  # type: ignore[arg-type]

        yield update


def print_report(report: AuditReport) -> None:
    """Print a report for people."""
    counts = report.counts
    since = f" since {report.since}" if report.since else ""
    lanes = f" ({counts.live:,} live, {counts.backfill:,} backfill)" if counts.backfill else ""
    print(f"{counts.items:,} items in news.raw{since}{lanes}, read in {span_of(report.seconds)}")
    for name, count in counts.outcomes.items():
        reasons = ", ".join(
            f"{reason.partition('(')[2].rstrip(')')} {number:,}"
            for reason, number in counts.reasons.items()
            if reason.startswith(f"{name}(")
        )
        print(f"  {name:<15}{count:>10,}" + (f"   {reasons}" if reasons else ""))
    for line in _also(counts):
        print(f"  {line}")
    redelivered = [
        f"{topic.removesuffix('.v1')} {seen.redelivered:,}"
        for topic, seen in report.records.items()
        if seen.redelivered
    ]
    if redelivered:
        print(f"redelivered and known by their ids: {', '.join(redelivered)}")
    for violation in report.violations:
        print(f"✗ {violation.count:,} × {violation.kind}: {violation.meaning}")
        for example in violation.examples:
            print("    " + "  ".join(part for part in (example.id, example.detail, example.place) if part))
    if not report.violations:
        print("✓ nothing is lost, nothing is double, every item that is done has one outcome")


def _also(counts: ItemCounts) -> Iterator[str]:
    if counts.under_way:
        yield f"{'under way':<15}{counts.under_way:>10,}   before a stage that has not got to them"
    if counts.requeued:
        yield f"of these, {counts.requeued:,} were requeued: the latest attempt counts"
    if counts.judged_again:
        yield f"of these, {counts.judged_again:,} were judged again as another extractor read them"
    if counts.synthetic:
        yield f"besides, {counts.synthetic:,} canaries"
    if counts.refused_by_connectors:
        yield f"besides, {counts.refused_by_connectors:,} that connectors could not read: newswire dlq list"

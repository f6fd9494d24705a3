"""``newswire ingest``: put files into the pipeline."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import typer

from connectors.files import FilesConnector, Survey, survey
from connectors.framework.checkpoint import FileCheckpoints
from connectors.framework.launch import run_connector
from connectors.framework.runner import Report
from connectors.framework.stop import stop_on_signals
from newswire.access.hold import hold, told_why
from newswire.cli.metrics import served_metrics
from newswire.cli.options import metrics_port_option
from newswire.cli.output import print_json, quiet_kafka
from newswire.settings import load_settings
from newswire.telemetry.logs import configure_logs, log
from newswire.telemetry.secrets import without_secrets

__all__ = ["app"]

NOT_CONFIRMED: Final = 1
DEAD_LETTERS: Final = 3

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(
    epilog="Examples: newswire ingest articles/ · newswire ingest --lane backfill archive.jsonl.gz · "
    "cat items.jsonl | newswire ingest -"
)
def ingest(
    paths: Annotated[
        list[str], typer.Argument(help="Files and directories; - is standard input.", show_default=False)
    ],
    *,
    lane: Annotated[
        Literal["live", "backfill"], typer.Option(help="backfill is for archives and history.")
    ] = "live",
    source: Annotated[
        str | None,
        typer.Option(help="Source of items that name none.  [default: files: and the path's name]"),
    ] = None,
    format: Annotated[
        Literal["auto", "text", "html", "jsonl"],
        typer.Option(help="What the files are; auto goes by their names, standard input is JSON lines."),
    ] = "auto",
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="Keep in this file how far it is read, and go on from there next time."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 3 where something became a dead letter.")
    ] = False,
    metrics_port: Annotated[
        int | None,
        metrics_port_option("Serve /metrics there while it runs; 0 takes a free one.  [default: not served]"),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as one JSON object.")] = False,
) -> None:
    """Read articles from text, HTML and JSON lines, plain or gzipped, and put them into the pipeline.

    It ends when Kafka has confirmed every item.  What cannot be read becomes a dead letter with an
    outcome, and reading goes on.

    Exit code: 0 everything is recorded, 1 something is not, 2 it could not start, 3 see --strict.
    """
    settings = load_settings({} if metrics_port is None else {"metrics_port": metrics_port})
    given = {"paths": paths, "lane": lane, "source": source, "format": format}
    options = FilesConnector.spec.validate(given)
    found = survey(options)
    checkpoints = FileCheckpoints(checkpoint) if checkpoint else None
    try:
        with stop_on_signals() as stop, _progress(json) as progress:
            configure_logs(settings.log_level, settings.log_format)
            quiet_kafka()
            if metrics_port is not None:
                log.info("metrics_served", metrics_port=served_metrics(settings))
            hold("ingest", settings, stays=True)
            report = run_connector(
                FilesConnector(), options, settings, stop=stop, checkpoints=checkpoints, progress=progress
            )
    finally:
        if checkpoints:
            checkpoints.close()
    _print(report, found, json)
    if report.error is not None or report.unconfirmed or report.stopped:
        raise typer.Exit(NOT_CONFIRMED)
    if strict and report.dead_letters:
        raise typer.Exit(DEAD_LETTERS)


@contextmanager
def _progress(json: bool) -> Iterator[Callable[[Report], None]]:
    """Show how far it is on a terminal, nowhere else."""
    if json or not sys.stderr.isatty():
        yield lambda _report: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[items]:,} items confirmed"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=None, items=0)

        def update(report: Report) -> None:
            total = None if report.done is None else 1.0
            shown.update(task, total=total, completed=report.done or 0.0, items=report.confirmed)

        yield update


def _print(report: Report, found: Survey, json: bool) -> None:
    if json:
        print_json(_as_builtins(report, found))
        return
    size = f"{report.confirmed_bytes / 1e6:,.1f} MB"
    lines = [f"{report.confirmed:,} items in news.raw ({size}) in {report.seconds:.1f} s"]
    if report.cut:
        lines.append(f"{report.cut:,} bodies over the limit were cut, and say so")
    if report.dead_letters:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(report.reasons.items()))
        lines.append(f"{report.dead_letters:,} dead letters ({reasons}): newswire dlq list")
    if found.passed_over:
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in found.passed_over.most_common(5))
        lines.append(f"{found.passed_over.total():,} files passed over ({kinds})")
    print("\n".join(lines))
    if report.error is not None or report.stopped:
        error = "stopped before the end" if report.error is None else without_secrets(report.error.message)
        if not told_why(failed=report.error is not None):
            print(f"newswire: {error}", file=sys.stderr)
    if report.unconfirmed:
        print(f"newswire: {report.unconfirmed:,} items are not confirmed; ingest again", file=sys.stderr)


def _as_builtins(report: Report, found: Survey) -> dict[str, Any]:
    error = report.error
    fields: dict[str, Any] = {name: getattr(report, name) for name in report.__struct_fields__}
    return fields | {
        "error": error and {"kind": type(error).__name__, "reason": error.reason, "message": error.message},
        "files": found.files,
        "passed_over": msgspec.to_builtins(dict(found.passed_over)),
    }

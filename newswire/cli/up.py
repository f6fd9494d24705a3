"""``newswire up``: the whole pipeline on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final, Literal

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from connectors.framework.stop import stop_on_signals
from newswire.cli.errors import CommandError
from newswire.cli.output import quiet_kafka
from newswire.settings import load_settings
from newswire.supervisor.errors import ChildFailed, Interrupted, SupervisorError
from newswire.supervisor.figures import Figures, Reader
from newswire.supervisor.kafka import broker_for
from newswire.supervisor.pipeline import Pipeline

__all__ = ["app", "telling_failures"]

PAUSE_S: Final = 0.2
FIGURES_EVERY_S: Final = 1.0
INTERRUPTED: Final = 130

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(
    epilog="Examples: newswire up · newswire up --enrich-workers 4 · "
    "NEWSWIRE_KAFKA_BOOTSTRAP=kafka-1:9092 newswire up --lane backfill"
)
def up(
    enrich_workers: Annotated[
        int, typer.Option("--enrich-workers", "-n", min=1, max=256, help="One for each core is right.")
    ] = 1,
    lane: Annotated[
        Literal["live", "backfill"] | None,
        typer.Option(help="Which run of the pipeline.  [default: the setting lane]", show_default=False),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Where Kafka, if it is started here, listens; 0 takes a free port.  [default: that of "
            "kafka_bootstrap, or a free one where that is taken]",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Run all stages, supervised, until Ctrl-C or SIGTERM; a second Ctrl-C ends them at once.

    Without a configured kafka_bootstrap it starts the development broker in data_dir/kafka and stops it at
    the end; one that runs there already is used and left running.  A worker that ends is started again; when
    one ends again and again, all is stopped.
    """
    given: dict[str, Any] = {} if lane is None else {"lane": lane}
    settings = load_settings(given)
    quiet_kafka()
    console = Console(highlight=False)
    broker = broker_for(settings, port)
    with (
        stop_on_signals() as stop,
        telling_failures(console),
        Pipeline(settings, broker=broker, enrich_workers=enrich_workers, say=console.print) as pipeline,
    ):
        try:
            console.print("starting …", style="dim")
            pipeline.start_kafka()
            pipeline.start_workers(stop.asked)
            console.print(whereabouts(pipeline))
            stay(pipeline, console, stop.asked)
        except Interrupted:
            pass
        console.print("stopping …", style="dim")
    console.print("stopped", style="dim")


@contextmanager
def telling_failures(console: Console) -> Iterator[None]:
    """Print the last lines of a child's log before the command ends with the one line on what failed."""
    try:
        yield
    except SupervisorError as error:
        if isinstance(error, ChildFailed):
            for line in error.lines:
                console.print(Text(f"  {line}", style="dim"))
        raise CommandError(str(error)) from error


def whereabouts(pipeline: Pipeline) -> Table:
    """Return what runs where, and what to do with it."""
    settings, supervisor = pipeline.settings, pipeline.supervisor
    assert supervisor is not None
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), title_justify="left")
    table.add_row("[bold green]up[/]", f"lane {settings.lane}")
    kept = "as configured"
    if pipeline.broker is not None:
        ends = "stops with this" if pipeline.owns_broker else "ran already and goes on running"
        kept = f"{pipeline.broker.layout.root}, {ends}"
    table.add_row("Kafka", f"{settings.kafka_bootstrap}  [dim]{kept}[/]")
    for child in supervisor.children:
        table.add_row(
            child.name,
            f"http://{settings.metrics_host}:{child.metrics_port}/metrics  [dim]{child.spec.log}[/]",
        )
    prefix = ""
    if pipeline.broker is not None and settings.kafka_bootstrap != "127.0.0.1:9092":
        prefix = f"NEWSWIRE_KAFKA_BOOTSTRAP={settings.kafka_bootstrap} "
    for command, use in (
        ("ingest seeds/articles", "put articles in"),
        ("tail enriched", "see what comes out"),
        ("audit", "see that nothing is lost"),
    ):
        table.add_row("[dim]then[/]", f"{prefix}newswire {command}  [dim]{use}[/]")
    table.add_row("[dim]end[/]", "Ctrl-C")
    return table


def stay(pipeline: Pipeline, console: Console, stop: Callable[[], bool]) -> None:
    """Keep the pipeline up until *stop* says so, with a line of figures below on a terminal."""
    reader = Reader()
    due = 0.0
    with Live(console=console, transient=True, auto_refresh=False) as live:
        while not stop():
            pipeline.check()
            if console.is_terminal and pipeline.supervisor is not None and time.monotonic() >= due:
                live.update(line_of(reader.read(pipeline.supervisor.children)), refresh=True)
                due = time.monotonic() + FIGURES_EVERY_S
            time.sleep(PAUSE_S)


def line_of(figures: Figures) -> Text:
    """Return the figures on one line."""
    ended = ", ".join(f"{name} {count:,}" for name, count in figures.outcomes.most_common())
    line = f"{figures.outcomes.total():,} ended"
    if ended:
        line += f" ({ended})"
    return Text(
        f"{line} · {figures.in_flight:,} in flight · {figures.lag:,} waiting",
        style="dim",
        overflow="ellipsis",
    )

"""``newswire up``: the whole pipeline on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from connectors.framework.stop import stop_on_signals
from newswire.access.hold import hold
from newswire.cli.errors import CommandError
from newswire.cli.output import own_name, quiet_kafka
from newswire.console import console_for, plain_table, relative, section
from newswire.settings import Settings, load_settings
from newswire.supervisor.errors import ChildFailed, Interrupted, SupervisorError
from newswire.supervisor.figures import Figures, Reader
from newswire.supervisor.kafka import broker_for
from newswire.supervisor.pipeline import Pipeline

__all__ = ["INTERRUPTED", "app", "show_whereabouts", "stay", "telling_failures"]

PAUSE_S: Final = 0.2
FIGURES_EVERY_S: Final = 1.0
STARTER_LIST: Final = Path(__file__).resolve().parents[2] / "seeds" / "sources.toml"
INTERRUPTED: Final = 130
"""Exit code of what Ctrl-C ended before its own end."""
USUAL_BOOTSTRAP: Final = Settings.model_fields["kafka_bootstrap"].default

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(
    epilog="Examples: newswire up · newswire up --enrich-workers 4 · newswire up --no-connect · "
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
    connect: Annotated[bool, typer.Option(help="Poll sources, too.")] = True,
    canary: Annotated[
        bool,
        typer.Option(help="Send canaries, too, as often as canary_interval_s says; in the live lane alone."),
    ] = True,
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
    """Run all stages, a reader of sources and a canary, supervised, until Ctrl-C or SIGTERM.

    A second Ctrl-C ends all at once.

    Where no source was ever defined, those of seeds/sources.toml are: public news feeds from many countries.

    Without a configured kafka_bootstrap it starts the development broker in data_dir/kafka and stops it at
    the end; one that runs there already is used and left running.  A worker that ends is started again; when
    one ends again and again, all is stopped.
    """
    given: dict[str, Any] = {} if lane is None else {"lane": lane}
    settings = load_settings(given)
    quiet_kafka()
    console = console_for()
    broker = broker_for(settings, port)
    if broker is None:
        hold("up", settings)
    with (
        stop_on_signals() as stop,
        telling_failures(console),
        Pipeline(
            settings,
            broker=broker,
            enrich_workers=enrich_workers,
            connect=connect,
            # Behind an archive a canary would wait for as long as that takes, with nothing wrong.
            canary=canary and settings.canary_interval_s > 0 and settings.lane == "live",
            say=partial(console.print, soft_wrap=True),  # a command in it stays whole
        ) as pipeline,
    ):
        try:
            console.print("starting …", style="dim")
            pipeline.start_kafka(stop.asked)
            if connect:
                seed_sources(pipeline.settings, console)
            pipeline.start_workers(stop.asked)
            show_whereabouts(pipeline, console)
            stay(pipeline, console, stop.asked)
        except Interrupted:
            pass
        console.print("stopping …", style="dim")
    console.print("stopped", style="dim")


def seed_sources(settings: Settings, console: Console) -> None:
    """Define the sources of the starter list where nobody ever defined one."""
    from newswire.ledger.reader import TopicReader
    from newswire.sources.catalogue import is_empty
    from newswire.sources.editing import editing
    from newswire.sources.lists import read_list

    with TopicReader(settings) as reader:
        if not is_empty(reader):
            return
    if not STARTER_LIST.is_file():
        console.print("no source is defined: newswire sources add URL", style="dim")
        return
    with editing(settings) as editor:
        count = editor.put(read_list(STARTER_LIST.read_bytes()).definitions)
    console.print(f"{count} sources of {relative(STARTER_LIST)} defined: newswire sources list", style="dim")


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


def show_whereabouts(pipeline: Pipeline, console: Console) -> None:
    """Print what runs where, and what to do with it."""
    settings, supervisor = pipeline.settings, pipeline.supervisor
    assert supervisor is not None
    note = "as configured"
    if pipeline.broker is not None:
        ends = "stops with this" if pipeline.owns_broker else "ran already and goes on running"
        note = f"data in {relative(pipeline.broker.layout.root)}, {ends}"
    table = plain_table(0, 0, 1)
    table.add_row("kafka", settings.kafka_bootstrap, Text(note, "dim"))
    for child in supervisor.children:
        metrics = f"http://{settings.metrics_host}:{child.metrics_port}/metrics"
        table.add_row(child.name, metrics, Text(relative(child.spec.log), "dim"))
    section(console, "Up", f"lane {settings.lane}; Ctrl-C stops all, a second one at once", table)
    table = plain_table(0, 1)
    if pipeline.broker is not None and settings.kafka_bootstrap != USUAL_BOOTSTRAP:
        table.add_row(f"export NEWSWIRE_KAFKA_BOOTSTRAP={settings.kafka_bootstrap}", "")
    for command, use in (
        *((("sources list", "see what is polled, and how it does"),) if pipeline.connects else ()),
        ("ingest seeds/articles", "put articles in"),
        ("tail enriched", "see what comes out"),
        ("audit", "see that nothing is lost"),
    ):
        table.add_row(f"{own_name()} {command}", Text(use, "dim"))
    section(console, "Next", "in another terminal", table)
    console.print()


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
    words = [
        f"{figures.outcomes.total():,} ended",
        f"{figures.in_flight:,} in flight",
        f"{figures.lag:,} waiting",
        *(f"{name} {count:,}" for name, count in figures.outcomes.most_common()),
    ]
    return Text(" · ".join(words), style="dim", overflow="ellipsis", no_wrap=True)

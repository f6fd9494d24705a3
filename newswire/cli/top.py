"""``newswire top``: the pipeline at a glance."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from typing import Annotated, Final

import msgspec
import typer
from kafka.errors import KafkaError
from rich.live import Live

from newswire.access.hold import hold
from newswire.cli.moments import span_of
from newswire.cli.output import print_json, quiet_kafka
from newswire.cli.top_view import nothing_runs, render
from newswire.console import console_for
from newswire.ledger.reader import MissingTopic
from newswire.settings import load_settings
from newswire.top.look import Looker
from newswire.top.seen import Seen

__all__ = ["app"]

NOTHING_RUNS: Final = 1
SOURCES_A_LOOK: Final = 20_000
"""Records of the sources' topics that one look reads while others are to follow it."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(
    epilog="Examples: newswire top · newswire top --once · newswire top --every 5 --window 300 · "
    "newswire top --once --json | jq '.stages[] | select(.slowest) | .stage'"
)
def top(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Look once; so it is without a terminal, too.")
    ] = False,
    every: Annotated[float, typer.Option(min=0.2, help="Seconds from one look to the next.")] = 2.0,
    window: Annotated[
        float, typer.Option(min=1, help="Seconds over which rates are taken and outcomes counted.")
    ] = 60.0,
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print each look as one line of JSON; without end, unless --once. `note` tells when Kafka is silent.",
        ),
    ] = False,
) -> None:
    """Show rates, what waits, outcomes, the slowest stage, and sources by health, until Ctrl-C.

    All is read from Kafka, so it shows every worker on every machine, and needs no Prometheus.

    Exit code: 0; with --once 1 where no stage has a worker; 2 where Kafka cannot be read.
    """
    settings = load_settings()
    quiet_kafka()
    console = console_for()
    once = once or not (json or console.is_terminal)
    hold("top", settings, stays=not once, ended_by=signal.SIGINT)
    try:
        with Looker(settings, window_s=window, most_sources=None if once else SOURCES_A_LOOK) as looker:
            seen = looker.look()
            if once:
                if json:
                    _print(seen)
                else:
                    console.print(render(seen) if seen.running else nothing_runs(seen))
                if not seen.running:
                    raise typer.Exit(NOTHING_RUNS)
            elif json:
                _print(seen)
                for later, note in _looks(looker, seen, every):
                    _print(later, note)
            else:
                with Live(render(seen), console=console, auto_refresh=False) as live:
                    for later, note in _looks(looker, seen, every):
                        live.update(render(later, note), refresh=True)
    except KeyboardInterrupt:
        return


def _looks(looker: Looker, seen: Seen, every_s: float) -> Iterator[tuple[Seen, str]]:
    """Look again and again; while Kafka does not answer, what was seen last stays, and a note says so."""
    # A shell starts what runs in its background with Ctrl-C switched off.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    answered = time.monotonic()
    while True:
        time.sleep(every_s)
        note = ""
        try:
            seen = looker.look()
            answered = time.monotonic()
        except KafkaError:
            silent = span_of(time.monotonic() - answered)
            note = f"Kafka at {seen.kafka} has not answered for {silent}; this is what was seen before"
        except MissingTopic as error:
            note = str(error)
        yield seen, note


def _print(seen: Seen, note: str = "") -> None:
    print_json(msgspec.to_builtins(seen) | {"running": seen.running, "note": note or None})

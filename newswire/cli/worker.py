"""``newswire worker``: run one stage of the pipeline."""

from __future__ import annotations

import importlib
from typing import Annotated, Any, Literal

import typer

from newswire.cli.errors import CommandError, metrics_refused
from newswire.cli.options import MetricsPort
from newswire.cli.output import quiet_kafka
from newswire.preflight import check_worker
from newswire.settings import load_settings
from newswire.telemetry.logs import configure_logs

__all__ = ["app"]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(epilog="Examples: newswire worker normalize · newswire worker dedupe --lane backfill")
def worker(
    stage: Annotated[
        Literal["normalize", "dedupe", "enrich"], typer.Argument(help="Which stage.", show_default=False)
    ],
    lane: Annotated[
        Literal["live", "backfill"] | None,
        typer.Option(help="Which run of the pipeline.  [default: the setting lane]", show_default=False),
    ] = None,
    metrics_port: MetricsPort = None,
) -> None:
    """Run a worker of one stage until SIGTERM or Ctrl-C.

    Workers of one stage share its partitions: start as many as there are cores, on any machine that reaches
    Kafka.  Of dedupe one works and the others stand by.  newswire up runs all stages on this machine.
    """
    given: dict[str, Any] = {"lane": lane, "metrics_port": metrics_port}
    settings = load_settings({name: value for name, value in given.items() if value is not None})
    quiet_kafka()
    check_worker(stage, settings)
    configure_logs(settings.log_level, settings.log_format)
    # Only now: Faust is slow to import, and what is missing should be told at once.
    agent = importlib.import_module(f"streams.{stage}.agent")
    from streams.engine.errors import Fatal
    from streams.engine.worker import run_worker

    try:
        run_worker(agent.create_app(settings), settings)
    except Fatal as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise metrics_refused(settings, error) from error

"""``newswire worker``: run one stage of the pipeline."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from newswire.access.hold import end_at_once, hold
from newswire.cli.errors import CommandError, metrics_refused
from newswire.cli.lazy import imported
from newswire.cli.options import MetricsPort
from newswire.cli.output import quiet_kafka
from newswire.preflight import check_model, check_worker
from newswire.settings import ConfigError, Settings, load_settings
from newswire.telemetry.health import HEALTH, Condition
from newswire.telemetry.logs import configure_logs

__all__ = ["app", "model_there"]

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
    hold(stage, settings, stays=True)
    check_worker(stage, settings)
    configure_logs(settings.log_level, settings.log_format)
    if stage == "enrich":
        HEALTH.ready_when("model", lambda: model_there(settings))
    # Only now: Faust is slow to import, and what is missing should be told at once.
    agent = imported(f"streams.{stage}.agent")
    from streams.engine.errors import Fatal
    from streams.engine.worker import run_worker

    stage_app = agent.create_app(settings)
    stage_app.end_at_once = end_at_once
    try:
        run_worker(stage_app, settings)
    except Fatal as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise metrics_refused(settings, error) from error


def model_there(settings: Settings) -> Condition:
    """Return whether the model could be loaded again: the children that run it are replaced now and then."""
    try:
        check_model(settings.enrich_model)
    except ConfigError as error:
        return Condition(ok=False, reason="model_missing", detail=str(error))
    return Condition(ok=True, reason="ready")

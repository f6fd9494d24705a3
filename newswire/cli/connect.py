"""``newswire connect``: poll the sources that are this worker's."""

from __future__ import annotations

from typing import Any, Final

import typer

from newswire.access.hold import hold
from newswire.cli.options import MetricsPort
from newswire.cli.output import quiet_kafka
from newswire.preflight import check_connect
from newswire.settings import load_settings
from newswire.telemetry.logs import configure_logs, log

__all__ = ["app"]

SLACK_S: Final = 5.0
"""From the end of a fetch's time to the end of the fetch."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(epilog="Examples: newswire connect · newswire connect --metrics-port 9311")
def connect(
    metrics_port: MetricsPort = None,
) -> None:
    """Poll sources until SIGTERM or Ctrl-C, and put what they show into the pipeline.

    Workers share the sources, the feeds of one domain with one of them: start as many as you like, on any
    machine that reaches Kafka and the web.  One that ends is replaced by the others.  Pages and redirects on
    other domains are fetched by the worker whose feed leads there, with gaps and rests of its own.  newswire
    sources says what is read.
    """
    given: dict[str, Any] = {} if metrics_port is None else {"metrics_port": metrics_port}
    settings = load_settings(given)
    quiet_kafka()
    hold("connect", settings, stays=True)
    check_connect(settings)
    configure_logs(settings.log_level, settings.log_format)
    quiet_kafka()
    # Only now: what is missing should be told at once.
    from connectors.feeds.connector import FeedsConnector
    from connectors.framework.stop import stop_on_signals
    from connectors.sharing.launch import run_shared
    from connectors.web.agent import warn_without_contact
    from connectors.web.limits import Limits
    from newswire.cli.metrics import served_metrics

    log.info("worker_starts", stage="connect", metrics_port=served_metrics(settings))
    warn_without_contact(settings)
    with stop_on_signals() as stop:
        report = run_shared(
            lambda book: FeedsConnector(book, settings=settings),
            FeedsConnector.spec.validate({}),
            settings,
            stop=stop,
            fetch_deadline_s=Limits().total_s + SLACK_S,
        )
    log.info(
        "worker_ends",
        items=report.confirmed,
        dead_letters=report.dead_letters,
        unconfirmed=report.unconfirmed,
        seconds=round(report.seconds, 1),
    )
    if report.error is not None:
        raise report.error

"""``newswire canary``: send an article with a known claim through everything, and look for the claim."""

from __future__ import annotations

from typing import Any

import typer

from newswire.access.hold import hold
from newswire.cli.errors import CommandError
from newswire.cli.options import MetricsPort
from newswire.cli.output import quiet_kafka
from newswire.preflight import check_canary
from newswire.settings import load_settings
from newswire.telemetry.logs import configure_logs, log

__all__ = ["app"]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(epilog="Examples: newswire canary · newswire canary --metrics-port 9105")
def canary(
    metrics_port: MetricsPort = None,
) -> None:
    """Send canaries until SIGTERM or Ctrl-C, and serve as a metric when the claim of one last came out.

    A canary is a short article of a synthetic source, in the live lane, with one claim that is known
    beforehand.  Every event that comes of it is marked synthetic, and it is in nobody's counts.  How often is
    the setting canary_interval_s.  newswire up runs one.
    """
    given: dict[str, Any] = {} if metrics_port is None else {"metrics_port": metrics_port}
    settings = load_settings(given)
    if not settings.canary_interval_s:
        raise CommandError("canary_interval_s is 0, which means none: set the seconds between two canaries")
    quiet_kafka()
    hold("canary", settings, stays=True)
    check_canary(settings)
    configure_logs(settings.log_level, settings.log_format)
    quiet_kafka()
    # Only now: what is missing should be told at once.
    from connectors.framework.stop import stop_on_signals
    from newswire.canary.run import Canaries
    from newswire.cli.metrics import served_metrics

    log.info("worker_starts", stage="canary", metrics_port=served_metrics(settings))
    with stop_on_signals() as stop:
        Canaries(settings, stop.asked).run()
    log.info("worker_ends")

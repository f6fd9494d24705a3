"""A worker as ``newswire connect`` runs it, but for limits and manners that fit a test's seconds.

Run as a script: ``sharing_worker.py FETCH_DEADLINE_S``; settings come from the environment.
"""

from __future__ import annotations

import sys

from connectors.feeds.connector import FeedsConnector
from connectors.framework.stop import stop_on_signals
from connectors.sharing.launch import run_shared
from connectors.web.limits import Limits
from connectors.web.make import polite_fetcher
from connectors.web.politeness import Policy
from newswire.cli.output import quiet_kafka
from newswire.settings import load_settings
from newswire.telemetry.logs import configure_logs, log
from newswire.telemetry.server import serve_metrics


def main(fetch_deadline_s: float) -> int:
    settings = load_settings()
    limits = Limits(connect_s=1.0, first_byte_s=1.0, total_s=fetch_deadline_s - 1.0)
    with stop_on_signals() as stop:
        configure_logs(settings.log_level, "json")
        quiet_kafka()
        _server, port = serve_metrics(settings.metrics_host, settings.metrics_port)
        log.info("worker_starts", stage="connect", metrics_port=port)
        report = run_shared(
            lambda book: FeedsConnector(
                book,
                settings=settings,
                fetcher=lambda: polite_fetcher(settings, limits=limits, policy=Policy(gap_s=0.2)),
            ),
            FeedsConnector.spec.validate({}),
            settings,
            stop=stop,
            fetch_deadline_s=fetch_deadline_s,
        )
    log.info("worker_ends", items=report.confirmed, unconfirmed=report.unconfirmed, error=repr(report.error))
    return 1 if report.error else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))

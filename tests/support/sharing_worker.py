"""A worker as ``newswire connect`` runs it, but for limits and manners that fit a test's seconds.

Run as a script: ``sharing_worker.py FETCH_DEADLINE_S``; settings come from the environment.  At SIGUSR2 it is
cut off from its group, and at the next one it is back: it hears nothing of the coordinator nor is it heard,
while the web and the topics can be reached as before.
"""

from __future__ import annotations

import signal
import sys
import time
from typing import Any

from kafka.errors import KafkaConnectionError

from connectors.feeds.connector import FeedsConnector
from connectors.framework.stop import stop_on_signals
from connectors.sharing.launch import run_shared
from connectors.sharing.membership import Membership, Rebalance
from connectors.web.limits import Limits
from connectors.web.make import polite_fetcher
from connectors.web.politeness import Policy
from newswire.cli.output import quiet_kafka
from newswire.settings import load_settings
from newswire.telemetry.logs import configure_logs, log
from newswire.telemetry.server import serve_metrics


class CutOff:
    """Stands between a member and its group."""

    def __init__(self) -> None:
        self.on = False
        poll, mark, markers, join = Membership.poll, Membership.mark, Membership.markers, Membership.__init__

        def joined(member: Any, *args: Any, **options: Any) -> None:
            join(member, *args, **options)
            send = member._coordinator._send_heartbeat_request

            async def heartbeat() -> Any:
                if self.on:
                    raise KafkaConnectionError("cut off")
                return await send()

            member._coordinator._send_heartbeat_request = heartbeat

        def polled(member: Any) -> Rebalance:
            if not self.on:
                return poll(member)
            time.sleep(0.1)
            return Rebalance()

        Membership.__init__ = joined  # type: ignore[assignment, method-assign]
        Membership.poll = polled  # type: ignore[assignment, method-assign]
        Membership.mark = lambda member, *args: not self.on and mark(member, *args)  # type: ignore[method-assign]
        Membership.markers = lambda member, *args: None if self.on else markers(member, *args)  # type: ignore[method-assign]

    def toggle(self, *_: object) -> None:
        self.on = not self.on


def main(fetch_deadline_s: float) -> int:
    settings = load_settings()
    signal.signal(signal.SIGUSR2, CutOff().toggle)
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

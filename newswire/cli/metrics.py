"""The metrics and the health of a command that runs until it is stopped."""

from __future__ import annotations

from newswire.cli.errors import metrics_refused
from newswire.settings import Settings
from newswire.telemetry.health import HEALTH
from newswire.telemetry.server import serve_metrics

__all__ = ["served_metrics"]


def served_metrics(settings: Settings) -> int:
    """Serve /metrics, /livez and /readyz as the settings say, for as long as the process lives; return the port.

    Raises:
        CommandError: the address cannot be had.
    """
    HEALTH.stall_s = settings.health_stall_s
    try:
        _server, port = serve_metrics(settings.metrics_host, settings.metrics_port)
    except OSError as error:
        raise metrics_refused(settings, error) from error
    return port

"""Serve /metrics from a thread of its own, so that a stalled event loop stays visible."""

from __future__ import annotations

from wsgiref.simple_server import WSGIServer

from prometheus_client import start_http_server

from newswire.telemetry.metrics import REGISTRY

__all__ = ["serve_metrics"]


def serve_metrics(host: str, port: int) -> tuple[WSGIServer, int]:
    """Serve the registry; return the server and the port it took (*port* 0 takes a free one).

    Raises:
        OSError: the port is taken.
    """
    server, _thread = start_http_server(port, addr=host, registry=REGISTRY)
    return server, int(server.server_port)

"""Serve /metrics, /livez and /readyz from a thread of its own, so that a stalled event loop stays visible."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import msgspec
from prometheus_client import make_wsgi_app

from newswire.telemetry.health import HEALTH
from newswire.telemetry.metrics import REGISTRY

__all__ = ["serve_metrics"]

_metrics: Final = make_wsgi_app(REGISTRY)
_LOOKS: Final = {"/livez": HEALTH.live, "/readyz": HEALTH.ready}


def serve_metrics(host: str, port: int) -> tuple[WSGIServer, int]:
    """Serve the registry and the process's health; return the server and the port it took (*port* 0 takes a
    free one).

    Raises:
        OSError: the port is taken.
    """
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    server_class = type("_Server", (_Server,), {"address_family": family})
    server: WSGIServer = server_class(address[:2], _Quiet)
    server.set_app(_answer)
    threading.Thread(target=server.serve_forever, name="serve-metrics", daemon=True).start()
    return server, int(server.server_port)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of each request."""


def _answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    look = _LOOKS.get(environ["PATH_INFO"])
    if look is None:
        served: Iterable[bytes] = _metrics(environ, start)
        return served
    condition = look()
    body = msgspec.json.encode(condition) + b"\n"
    start(
        "200 OK" if condition.ok else "503 Service Unavailable",
        [("Content-Type", "application/json"), ("Content-Length", str(len(body)))],
    )
    return [body]

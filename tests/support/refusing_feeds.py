"""Feeds on loopback, each on an address of its own, that refuse everybody while a test says so."""

from __future__ import annotations

import threading
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from connectors.sharing.definitions import define
from schemas.source import SourceDefinition

__all__ = ["RefusingFeeds"]

ENTRY = (
    "<item><guid>{name}-{number}</guid><title>News {number} of {name}</title>"
    "<link>http://{host}/{number}</link><pubDate>{date}</pubDate>"
    "<description>Number {number}: “We are glad of it,” said Mayor Ines Okafor of {name}.</description></item>"
)


class RefusingFeeds:
    """*count* feeds; each shows one entry more with every request."""

    def __init__(self, count: int) -> None:
        self.refuses = False
        """While it is set, every request is answered 403."""
        self._servers = [self._serve(f"127.0.1.{number + 1}") for number in range(count)]

    def definitions(self) -> list[SourceDefinition]:
        """Return them as sources that are polled every second or two."""
        return [
            define(
                f"http://{host}/feed",
                min_interval_s=1,
                max_interval_s=2,
                follow="never",
                allow_hosts=[host],
            )
            for host in (f"{server.server_address[0]}:{server.server_port}" for server in self._servers)
        ]

    def close(self) -> None:
        """Stop serving."""
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def _serve(self, address: str) -> ThreadingHTTPServer:
        feeds = self
        shown = 0

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                nonlocal shown
                if feeds.refuses:
                    return self._answer(403, "text/plain", "no")
                if self.path != "/feed":
                    return self._answer(404, "text/plain", "nothing here")
                shown += 1
                host = f"{address}:{self.server.server_address[1]}"
                entries = "".join(
                    ENTRY.format(name=address, number=number, host=host, date=formatdate(usegmt=True))
                    for number in range(shown, max(0, shown - 10), -1)
                )
                return self._answer(
                    200,
                    "application/rss+xml",
                    f"<rss version='2.0'><channel><title>{address}</title>{entries}</channel></rss>",
                )

            def _answer(self, status: int, media_type: str, text: str) -> None:
                body = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", f"{media_type}; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        server = ThreadingHTTPServer((address, 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, name=f"feed-{address}", daemon=True).start()
        return server

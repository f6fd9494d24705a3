"""A web server on loopback that serves what a test puts there; one for all tests of a process."""

from __future__ import annotations

import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class PagesInMemory:
    """Pages by path, each with its media type.  It says nothing of caching and has no robots.txt."""

    def __init__(self) -> None:
        self._pages: dict[str, tuple[str, bytes]] = {}
        pages = self._pages

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                media_type, body = pages.get(self.path, ("text/plain", b"not found"))
                self.send_response(200 if self.path in pages else 404)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, name="pages", daemon=True).start()

    def put(self, media_type: str, body: bytes, path: str | None = None) -> str:
        """Serve a page, and return its address."""
        path = path or f"/{len(self._pages)}"
        self._pages[path] = (media_type, body)
        return f"http://{self.host}{path}"

    def remove(self, path: str) -> None:
        """Serve a page no longer."""
        del self._pages[path]

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


@cache
def pages_in_memory() -> PagesInMemory:
    """Return the server of this process, started with the first call."""
    return PagesInMemory()

"""A small feed on loopback that changes while it is read; its articles were written for this project."""

from __future__ import annotations

import html
import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self

__all__ = ["ChangingFeed"]

TITLE: Final = "Lighthouse at Carrow Point to be lit again"
COPY_TITLE: Final = "Carrow Point light returns"
TEXT: Final = (
    "The lighthouse at Carrow Point will be lit again in March after nine years of darkness, the harbour trust said "
    "on Tuesday. “The lamp is ready and the keeper's house has a new roof,” said Maren Holt, who leads the trust. "
    "The repair has cost 240,000 crowns, of which the fishermen of Tarnmouth gave a third. Holt said that boats "
    "would be told by radio before the first night. The council has yet to say who will pay for the upkeep."
)
EDIT: Final = ("240,000", "310,000")
TEASER: Final = "After nine years a light goes on."


class ChangingFeed:
    """Serves a JSON feed of teasers and the pages behind them; what it shows is changed by its methods."""

    def __init__(self) -> None:
        self._pages: dict[str, str] = {}
        self._entries: list[dict[str, str]] = []
        handler = type("Handler", (_Handler,), {"site": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}/feed.json"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, name="demo-feed", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def publish(self) -> None:
        """Show an article."""
        self._show("/carrow-point", TITLE, TEXT)

    def edit(self) -> None:
        """Change a number in the article's page, and tell nobody."""
        self._pages["/carrow-point"] = _page(TITLE, TEXT.replace(*EDIT))

    def copy(self) -> None:
        """Show another article that says the same."""
        self._show("/elsewhere/light-returns", COPY_TITLE, TEXT.replace(*EDIT))

    def document(self, path: str) -> tuple[str, bytes] | None:
        """Return media type and body of what lies at *path*, null where nothing does."""
        if path == "/feed.json":
            feed = {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "The Tarnmouth Herald",
                "items": self._entries,
            }
            return "application/feed+json", json.dumps(feed).encode()
        page = self._pages.get(path)
        return None if page is None else ("text/html; charset=utf-8", page.encode())

    def _show(self, path: str, title: str, text: str) -> None:
        self._pages[path] = _page(title, text)
        address = f"http://{self.host}{path}"
        entry = {
            "id": address,
            "url": address,
            "title": title,
            "summary": TEASER,
            "date_published": datetime.now(UTC).isoformat(),
        }
        self._entries = [entry, *self._entries]


def _page(title: str, text: str) -> str:
    title, text = html.escape(title), html.escape(text, quote=False)
    return (
        f"<!doctype html><html lang='en'><head><title>{title}</title></head>"
        f"<body><article><h1>{title}</h1><p>{text}</p></article></body></html>"
    )


class _Handler(BaseHTTPRequestHandler):
    site: ChangingFeed
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        found = self.site.document(self.path)
        media_type, body = found or ("text/plain", b"not found")
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

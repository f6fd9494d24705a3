"""Web servers on loopback that do as a test tells them, down to the byte, and count who comes."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from connectors.web.message import FetchKind, Request

ADDRESS = "127.0.0.1"
Handler = Callable[["Exchange"], Awaitable[None]]


class Exchange:
    """One request and the connection that it came on."""

    def __init__(self, head: bytes, writer: asyncio.StreamWriter) -> None:
        self.head = head
        self.writer = writer
        self.path = head.split(b" ", 2)[1].decode("latin-1")
        self.headers = {
            name.lower(): value
            for name, value in (line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
        }

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(
        self, body: bytes = b"", *, status: int = 200, headers: Mapping[str, str | bytes] | None = None
    ) -> None:
        """Send a whole, well-formed answer; the connection stays open."""
        lines = [f"HTTP/1.1 {status} Whatever".encode()]
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            lines.append(name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()))
        await self.send(b"\r\n".join([*lines, b"", body]))


class Site:
    """A server while it runs."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connections = 0
        self.requests: list[Exchange] = []
        self.open_now = 0
        self.open_most = 0

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [exchange.path for exchange in self.requests]

    def url(self, path: str = "/", *, host: str = ADDRESS, scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def request(self, path: str = "/", kind: FetchKind = "page", **more: object) -> Request:
        """Ask for *path* as a source that names this server."""
        allowed: dict[str, object] = {"allow_hosts": (f"{ADDRESS}:{self.port}",), **more}
        return Request(url=self.url(path), kind=kind, **allowed)  # type: ignore[arg-type]


@asynccontextmanager
async def serving(
    handler: Handler | Mapping[str, Handler], *, host: str = ADDRESS, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Site]:
    """Serve with one handler, or with one for each path (else 404), on a free port."""
    site = Site(0)
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        site.connections += 1
        try:
            while True:
                exchange = Exchange(await reader.readuntil(b"\r\n\r\n"), writer)
                site.requests.append(exchange)
                site.open_now += 1
                site.open_most = max(site.open_most, site.open_now)
                try:
                    await (handler if callable(handler) else handler.get(exchange.path, missing))(exchange)
                finally:
                    site.open_now -= 1
                if writer.is_closing():
                    break
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass
        finally:
            tasks.discard(task)
            writer.close()

    async def missing(exchange: Exchange) -> None:
        await exchange.answer(status=404)

    server = await asyncio.start_server(connected, host, 0, ssl=tls)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        for task in list(tasks):
            with suppress(asyncio.CancelledError):
                await task


def page(body: bytes = b"a page", **headers: str) -> Handler:
    """Answer with *body*; underscores in the names of headers are hyphens."""

    async def handle(exchange: Exchange) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        await exchange.answer(body, headers={"Content-Type": "text/html", **named})

    return handle


def status(code: int, **headers: str) -> Handler:
    """Answer with a status and no body."""

    async def handle(exchange: Exchange) -> None:
        await exchange.answer(
            status=code, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    return handle


def redirect(location: str, code: int = 302) -> Handler:
    return status(code, Location=location)


class SteppedClock:
    """Time that stands still but for those who wait: sleeping moves it on at once."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.time = now
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        until = self.time + seconds
        self.slept.append(seconds)
        await asyncio.sleep(0)
        self.time = max(self.time, until)

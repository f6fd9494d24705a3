"""A server of feeds of every manner, which scores whoever reads them: ``Violation`` for each thing that a good
guest does not do.

All sites are served by one real server on loopback, told apart by the Host header; what they say is a function
of the clock that reader and server share.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Any

from aiohttp import web
from protego import Protego

from tests.support.virtual import VirtualClock

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
GAP_S = 5.0
REST_S = 30.0
LEAST_S = 600.0
ADOPTED_AFTER = 3
CHECK_AFTER_S = DAY
AGENT = "newswire"


@dataclass
class Violation:
    """Something that a reader should not have done."""

    rule: str
    site: str
    at: float
    detail: str = ""


@dataclass
class Reply:
    status: int = 200
    body: bytes = b""
    media_type: str = "application/rss+xml"
    headers: dict[str, str] = field(default_factory=dict)
    asks_s: float = 0.0
    """For how long it asks to be left alone."""
    entries: list[int] = field(default_factory=list)
    """Articles that it shows."""


@dataclass
class Article:
    """One article: what it says changes at the times of ``edits``, and it is gone from ``gone_at`` on."""

    number: int
    published: float
    edits: tuple[float, ...] = ()
    gone_at: float = float("inf")
    back_at: float = float("inf")

    def edition(self, now: float) -> int:
        return sum(edit <= now for edit in self.edits)

    def is_gone(self, now: float) -> bool:
        return self.gone_at <= now < self.back_at


class Site:
    """A site with one feed at ``/feed``; subclasses and arguments give it manners."""

    def __init__(
        self,
        name: str,
        *,
        every_s: float = 3 * HOUR,
        shows: int = 10,
        whole: bool = True,
        etag: bool = False,
        last_modified: bool = False,
        extra: str = "",
        headers: dict[str, str] | None = None,
        asks_s: float = 0.0,
        robots: str | None = None,
        phase_s: float = 0.0,
    ) -> None:
        self.name, self.every_s, self.shows, self.whole = name, every_s, shows, whole
        self.etag, self.last_modified = etag, last_modified
        self.extra, self.headers, self.asks_s, self.robots = extra, headers or {}, asks_s, robots
        self.phase_s = phase_s
        self.host = f"{name.replace('_', '-')}.example"
        self.start = 0.0
        self.port = 0
        self.rules = Protego.parse(robots) if robots else None

    # What it says.

    def article(self, number: int) -> Article:
        return Article(number, self.start + self.phase_s + number * self.every_s)

    def shown(self, now: float) -> list[Article]:
        newest = int((now - self.start - self.phase_s) // self.every_s)
        return [self.article(number) for number in range(newest, newest - self.shows, -1)]

    def url(self, path: str) -> str:
        return f"http://{self.host}:{self.port}{path}"

    def entry(self, article: Article, now: float) -> str:
        text = f"Words of article {article.number} of {self.name}. "
        summary = escape(text * 60 if self.whole else text + "…")
        return (
            f"<item><guid isPermaLink='false'>{self.guid(article, now)}</guid><title>Article {article.number}</title>"
            f"<link>{self.url(f'/article/{article.number}')}</link><description>{summary}</description>"
            f"<pubDate>{http_date(article.published)}</pubDate></item>"
        )

    def guid(self, article: Article, now: float) -> str:
        return f"{self.name}-{article.number}"

    def document(self, now: float) -> tuple[bytes, list[int]]:
        shown = self.shown(now)
        entries = "".join(self.entry(article, now) for article in shown)
        text = (
            "<?xml version='1.0' encoding='utf-8'?><rss version='2.0' "
            "xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel>"
            f"<title>{self.name}</title><link>{self.url('/')}</link><description>d</description>{self.extra}"
            f"{entries}</channel></rss>"
        )
        return text.encode(), [article.number for article in shown]

    def page(self, article: Article, now: float) -> bytes:
        edition = article.edition(now)
        body = f"<p>Article {article.number} of {self.name}, edition {edition}. {'It says more. ' * 40}</p>"
        # What changes with every request of most pages, and is no edit.
        noise = hashlib.sha256(f"{now}".encode()).hexdigest()
        return (
            f"<html><head><title>Article {article.number}</title><script>nonce='{noise}'</script></head>"
            f"<body><nav><ul><li><a href='/x'>{noise}</a></li></ul></nav><article>{body}</article></body></html>"
        ).encode()

    # How it answers.

    def respond(self, path: str, headers: Any, now: float) -> Reply:
        if path == "/feed":
            return self.feed(headers, now)
        if path.startswith("/article/"):
            article = self.article(int(path.rpartition("/")[2]))
            if article.is_gone(now):
                return Reply(404, b"not found", "text/html")
            return Reply(200, self.page(article, now), "text/html")
        return Reply(404, b"not found", "text/html")

    def feed(self, headers: Any, now: float) -> Reply:
        body, entries = self.document(now)
        given = dict(self.headers)
        if self.etag:
            given["ETag"] = f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.last_modified:
            given["Last-Modified"] = http_date(self.shown(now)[0].published)
        if self._matches(headers, given):
            return Reply(304, headers=given, asks_s=self.asks_s)
        return Reply(200, body, headers=given, asks_s=self.asks_s, entries=entries)

    def _matches(self, headers: Any, given: dict[str, str]) -> bool:
        if "If-None-Match" in headers and "ETag" in given:
            return bool(headers["If-None-Match"] == given["ETag"])
        if "If-Modified-Since" in headers and "Last-Modified" in given:
            return bool(headers["If-Modified-Since"] == given["Last-Modified"])
        return False

    def robots_reply(self, now: float) -> Reply:
        if self.robots is None:
            return Reply(404, b"not found", "text/html")
        return Reply(200, self.robots.encode(), "text/plain")

    def skipped(self, at: datetime) -> bool:
        """Whether it wants no poll at this time."""
        return False


def http_date(at: float) -> str:
    return format_datetime(datetime.fromtimestamp(at, UTC), usegmt=True)


class BehaviourServer:
    """Serves sites, and writes down what their reader did wrong."""

    def __init__(self, clock: VirtualClock, sites: list[Site]) -> None:
        self.clock = clock
        self.sites = {site.host: site for site in sites}
        self.violations: list[Violation] = []
        self.served: dict[str, dict[int, float]] = defaultdict(dict)
        """By site, each article that a feed showed, and when first."""
        self.pages: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        """By site and article, the editions that were served; -1 is a 404."""
        self.requests: dict[str, list[tuple[float, str, int]]] = defaultdict(list)
        """By site: when, what, and the status."""
        self._watch: dict[str, _Watch] = {site.host: _Watch() for site in sites}
        self._runner: web.AppRunner | None = None

    async def start(self) -> int:
        app = web.Application()
        app.router.add_route("GET", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port: int = self._runner.addresses[0][1]
        for each in self.sites.values():
            each.port, each.start = port, self.clock.now() - 40 * each.every_s
        return port

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        now = self.clock.now()
        site = self.sites[request.url.host or ""]
        watch = self._watch[site.host]
        path = request.path
        watch.active += 1
        try:
            self._judge(site, watch, path, request, now)
            reply = (
                site.robots_reply(now) if path == "/robots.txt" else site.respond(path, request.headers, now)
            )
            self._note(site, watch, path, request, reply=reply, now=now)
            return web.Response(
                status=reply.status,
                body=reply.body,
                headers={**reply.headers, "Content-Type": reply.media_type},
            )
        finally:
            watch.active -= 1
            if path != "/robots.txt":
                watch.free_at = self.clock.now() + watch.gap_s

    def _wrong(self, rule: str, site: Site, now: float, detail: str = "") -> None:
        self.violations.append(Violation(rule, site.name, now, detail))

    def _judge(self, site: Site, watch: _Watch, path: str, request: web.Request, now: float) -> None:
        agent = request.headers.get("User-Agent", "")
        if not agent.startswith(f"{AGENT}/") or "+http" not in agent:
            self._wrong("says who it is", site, now, agent)
        if watch.active > 1:
            self._wrong("one request at a time", site, now, path)
        if now < watch.rests_until:
            self._wrong("rests when it is told", site, now, f"{watch.rests_until - now:.0f} s early")
        if path == "/robots.txt":
            watch.robots_at = now
            return
        if watch.robots_at is None or now - watch.robots_at > DAY + MINUTE:
            self._wrong("reads robots.txt", site, now, path)
        if now < watch.free_at - 1e-3:
            self._wrong("keeps a gap", site, now, f"{watch.free_at - now:.1f} s early")
        if site.rules is not None and not site.rules.can_fetch(str(request.url), AGENT):
            self._wrong("obeys robots.txt", site, now, path)
        feed = watch.feeds.get(path)
        if feed is not None:
            self._judge_poll(site, feed, path, request, now)

    def _judge_poll(self, site: Site, feed: _Feed, path: str, request: web.Request, now: float) -> None:
        if feed.gone:
            self._wrong("stops after 410", site, now, path)
        if feed.redirected >= ADOPTED_AFTER:
            self._wrong("adopts a redirect", site, now, path)
        if now < feed.not_before - 1e-3:
            self._wrong("is not early", site, now, f"{feed.not_before - now:.0f} s early")
        if now - feed.asked_at < LEAST_S - 1e-3:
            self._wrong("is not hasty", site, now, f"after {now - feed.asked_at:.0f} s")
        if site.skipped(datetime.fromtimestamp(now, UTC)):
            self._wrong("skips hours and days", site, now)
        sent = (request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since"))
        if sent != feed.validators and not self._may_check(site, feed, now):
            self._wrong("asks conditionally", site, now, f"{sent} instead of {feed.validators}")

    def _may_check(self, site: Site, feed: _Feed, now: float) -> bool:
        """Whether asking for the whole is right, because 304s went on for a day or were lies."""
        return feed.lied or (feed.unchanged >= 6 and now - feed.full_at >= CHECK_AFTER_S)

    def _note(
        self, site: Site, watch: _Watch, path: str, request: web.Request, *, reply: Reply, now: float
    ) -> None:
        self.requests[site.name].append((now, path, reply.status))
        if path == "/robots.txt":
            return
        if reply.status in {429, 503}:
            watch.rests_until = now + max(REST_S, min(reply.asks_s, DAY))
        if path.startswith("/article/"):
            number = int(path.rpartition("/")[2])
            edition = site.article(number).edition(now) if reply.status == 200 else -1
            self.pages[site.name][number].append(edition)
            return
        for number in reply.entries:
            self.served[site.name].setdefault(number, now)
        feed = watch.feeds.setdefault(path, _Feed())
        feed.asked_at = now
        feed.not_before = now + min(reply.asks_s, DAY)
        feed.gone = reply.status == 410
        feed.redirected = feed.redirected + 1 if reply.status in {301, 308} else 0
        if reply.status == 304:
            feed.unchanged += 1
        elif reply.status == 200:
            conditional = "If-None-Match" in request.headers or "If-Modified-Since" in request.headers
            # After a check that showed what 304s had hidden, the reader may distrust.
            if not conditional and feed.unchanged and any(feed.validators):
                feed.lied = True
            feed.unchanged, feed.full_at = 0, now
            given = {name.lower(): value for name, value in reply.headers.items()}
            feed.validators = (given.get("etag"), given.get("last-modified"))
            if not reply.entries:
                feed.validators = (None, None)

    def crawl_delay(self, name: str, seconds: float) -> None:
        """Expect a longer gap at a site."""
        watch = self._watch[next(site.host for site in self.sites.values() if site.name == name)]
        watch.gap_s = seconds


class _Feed:
    """What is expected of the reader of one feed."""

    def __init__(self) -> None:
        self.asked_at = -DAY
        self.not_before = 0.0
        self.validators: tuple[str | None, str | None] = (None, None)
        self.unchanged = 0
        self.full_at = 0.0
        self.lied = False
        self.gone = False
        self.redirected = 0


class _Watch:
    """What is expected of the guest of one host."""

    def __init__(self) -> None:
        self.active = 0
        self.robots_at: float | None = None
        self.free_at = 0.0
        self.rests_until = 0.0
        self.gap_s = GAP_S
        self.feeds: dict[str, _Feed] = {}

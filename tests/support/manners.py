"""Sites of every manner that a feed reader meets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.support.behaviour import DAY, HOUR, MINUTE, Article, Reply, Site, http_date


class Lies(Site):
    """Answers 304 to whoever has a validator, whatever is new; *honest_tags* gives the whole a true ETag."""

    def __init__(self, name: str, *, true_tags: bool) -> None:
        super().__init__(name, etag=true_tags)
        self.true_tags = true_tags

    def feed(self, headers: Any, now: float) -> Reply:
        reply = super().feed({}, now)
        if not self.true_tags:
            reply.headers["ETag"] = '"for ever"'
        if "If-None-Match" in headers:
            return Reply(304, headers=reply.headers)
        return reply


class Skips(Site):
    """Wants not to be polled in some hours or on some days."""

    def __init__(self, name: str, *, hours: tuple[int, ...] = (), days: tuple[int, ...] = ()) -> None:
        names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
        extra = ""
        if hours:
            extra += f"<skipHours>{''.join(f'<hour>{hour}</hour>' for hour in hours)}</skipHours>"
        if days:
            extra += f"<skipDays>{''.join(f'<day>{names[day]}</day>' for day in days)}</skipDays>"
        super().__init__(name, every_s=30 * MINUTE, extra=extra)
        self.hours, self.days = hours, days

    def skipped(self, at: datetime) -> bool:
        return at.hour in self.hours or at.weekday() in self.days


class Expires(Site):
    """Says until when it stays as it is."""

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(name, every_s=20 * MINUTE, asks_s=seconds)
        self.seconds = seconds

    def feed(self, headers: Any, now: float) -> Reply:
        reply = super().feed(headers, now)
        reply.headers |= {"Expires": http_date(now + self.seconds), "Date": http_date(now)}
        reply.asks_s = self.seconds - 1
        return reply


class Overloaded(Site):
    """Refuses some polls, and says when to come again; *status* is 429 or 503."""

    def __init__(self, name: str, *, status: int, seconds: float, as_date: bool) -> None:
        super().__init__(name, every_s=20 * MINUTE)
        self.status, self.seconds, self.as_date = status, seconds, as_date

    def feed(self, headers: Any, now: float) -> Reply:
        if int(now // (7 * HOUR)) % 3 == 0:
            after = http_date(now + self.seconds) if self.as_date else f"{self.seconds:.0f}"
            return Reply(
                self.status,
                b"busy",
                "text/html",
                {"Retry-After": after, "Date": http_date(now)},
                self.seconds - 1,
            )
        return super().feed(headers, now)


class Moved(Site):
    """Has moved from ``/feed``, over *hops* stations."""

    def __init__(self, name: str, *, status: int, hops: int = 1) -> None:
        super().__init__(name)
        self.status, self.hops = status, hops

    def respond(self, path: str, headers: Any, now: float) -> Reply:
        stations = ["/feed", *(f"/station-{hop}" for hop in range(1, self.hops)), "/there"]
        if path in stations[:-1]:
            to = stations[stations.index(path) + 1]
            return Reply(self.status, b"moved", "text/html", {"Location": to})
        return super().respond("/feed" if path == "/there" else path, headers, now)


class Fails(Site):
    """Answers with *status* from one day to another, with *body* as its page."""

    def __init__(
        self,
        name: str,
        *,
        status: int,
        from_day: float,
        to_day: float = 1e9,
        body: bytes = b"no",
        media_type: str = "text/html",
        flaps: bool = False,
    ) -> None:
        super().__init__(name, every_s=HOUR, etag=True)
        self.status, self.from_day, self.to_day = status, from_day, to_day
        self.body, self.media_type, self.flaps = body, media_type, flaps

    def feed(self, headers: Any, now: float) -> Reply:
        day = (now - self.start - 40 * self.every_s) / DAY
        fails = self.from_day <= day < self.to_day
        if fails and not (self.flaps and int(now // (2 * HOUR)) % 2):
            return Reply(self.status, self.body, self.media_type)
        return super().feed(headers, now)


class Drifts(Site):
    """Gives each entry another id with each request."""

    def guid(self, article: Article, now: float) -> str:
        return f"{self.name}-{article.number}-{now}"


class Teases(Site):
    """Shows teasers; some articles are edited, some withdrawn, some come back."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, every_s=5 * HOUR, whole=False, **options)

    def article(self, number: int) -> Article:
        published = super().article(number).published
        return {
            1: Article(number, published, edits=(published + 3 * HOUR,)),
            2: Article(number, published, edits=(published + 2 * HOUR, published + 20 * HOUR)),
            3: Article(number, published, gone_at=published + 20 * HOUR),
            4: Article(number, published, gone_at=published + 15 * HOUR, back_at=published + 60 * HOUR),
        }.get(number % 6, Article(number, published))


class Late(Teases):
    """Puts an article into the feed before its page is there."""

    def article(self, number: int) -> Article:
        published = Site.article(self, number).published
        return Article(number, published, gone_at=0.0, back_at=published + 5 * HOUR / 10)


class RobotsDown(Site):
    """Has no robots.txt to give on one day, which forbids everything."""

    def robots_reply(self, now: float) -> Reply:
        day = (now - self.start - 40 * self.every_s) / DAY
        return Reply(500, b"down", "text/html") if 3 <= day < 4 else Reply(404, b"none", "text/html")


def sites() -> list[Site]:
    """Return one of each."""
    return [
        Site("plain"),
        Site("busy", every_s=3 * MINUTE, shows=20),
        Site("quiet", every_s=9 * DAY, etag=True),
        Site("tagged", etag=True),
        Site("dated", last_modified=True),
        Site("tagged_and_dated", etag=True, last_modified=True),
        Lies("lies_with_one_tag", true_tags=False),
        Lies("lies_with_true_tags", true_tags=True),
        Site("ttl", every_s=20 * MINUTE, extra="<ttl>180</ttl>", asks_s=3 * HOUR),
        Site(
            "period",
            every_s=20 * MINUTE,
            extra="<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
            asks_s=6 * HOUR,
        ),
        Site(
            "max_age",
            every_s=20 * MINUTE,
            headers={"Cache-Control": "public, max-age=14400"},
            asks_s=4 * HOUR,
        ),
        Site(
            "max_age_of_304",
            every_s=9 * HOUR,
            etag=True,
            headers={"Cache-Control": "max-age=7200"},
            asks_s=2 * HOUR,
        ),
        Expires("expires", 5 * HOUR),
        Skips("skips_hours", hours=(0, 1, 2, 3, 4, 5, 13)),
        Skips("skips_days", days=(5, 6)),
        Overloaded("too_many", status=429, seconds=2 * HOUR, as_date=False),
        Overloaded("unavailable", status=503, seconds=3 * HOUR, as_date=True),
        Overloaded("too_many_for_days", status=429, seconds=3 * DAY, as_date=False),
        Moved("moved_301", status=301),
        Moved("moved_308_over_stations", status=308, hops=3),
        Moved("elsewhere_302", status=302),
        Fails("gone", status=410, from_day=5),
        Fails("flaps", status=404, from_day=2, to_day=9, flaps=True),
        Fails("breaks_down", status=500, from_day=3, to_day=5),
        Fails("never_was", status=404, from_day=-1),
        Fails("forbids", status=403, from_day=4),
        Fails("becomes_html", status=200, from_day=6, to_day=8, body=b"<html><body>Hello</body></html>"),
        Fails("breaks_off", status=200, from_day=6, to_day=7, body=b"<rss", media_type="application/rss+xml"),
        Drifts("drifts"),
        Teases("teases"),
        Teases("teases_and_dates", last_modified=True),
        Late("pages_come_late"),
        Teases("forbids_pages", robots="User-agent: *\nDisallow: /article/\n"),
        Site("forbids_feeds", robots="User-agent: *\nDisallow: /feed\n"),
        Teases("wants_patience", robots="User-agent: *\nCrawl-delay: 40\n"),
        RobotsDown("robots_down"),
    ]

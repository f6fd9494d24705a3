"""What there is to know of one source before it is added: a pure function of what its address answered.

Made for ``newswire sources check``: what it is, how often it publishes, what would be polled when and why,
and what is wrong with it, each finding with what it means for who reads the events.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import Literal

import msgspec

from connectors.feeds.blocked import Wall, wall_of
from connectors.feeds.dates import claimed_time, stamp
from connectors.feeds.findings import Finding, of_feed, of_response, of_validators
from connectors.feeds.model import FeedError, FeedLink, ParsedEntry, ParsedFeed
from connectors.feeds.schedule import FIRST_INTERVAL_S, asked_s, hints_of
from connectors.feeds.teaser import is_teaser
from connectors.web.message import Response
from schemas.links import registrable_domain

__all__ = ["Pace", "Polling", "Survey", "survey"]

_LEAST_S, _MOST_S = 600.0, 86_400.0
_SAMPLES = 3
_SAME = 0.9
"""Share of entries with one and the same time from which a feed writes the time of its making."""


class Pace(msgspec.Struct, kw_only=True, frozen=True):
    """How often it publishes, by the dates of its entries."""

    entries: int
    dated: int
    """Entries whose date can be read."""
    future: int = 0
    """Dates later than now by more than an hour."""
    newest: str | None = None
    """RFC 3339, UTC."""
    oldest: str | None = None
    median_gap_s: float | None = None
    per_day: float | None = None
    reliable: bool = False
    """Nearly all are dated, hardly one in the future, and they are not all the same."""


class Polling(msgspec.Struct, kw_only=True, frozen=True):
    """What we would do with it by default."""

    first_interval_s: float = FIRST_INTERVAL_S
    settles_at_s: float | None = None
    """The interval at which half of its entries would be new each time; null where no dates say."""
    asked_s: float = 0.0
    """It asks not to be polled again before."""
    reasons: list[str] = []
    """What decides, in words."""
    etag: bool = False
    last_modified: bool = False
    honoured: bool | None = None
    """Whether it answered 304 to its own validators; null where that was not tried."""
    skip_hours: list[int] = []
    skip_days: list[int] = []


class Survey(msgspec.Struct, kw_only=True, frozen=True):
    """One source, explained."""

    url: str
    verdict: Literal["good", "usable", "page", "blocked", "unusable"]
    """``good`` has no finding worse than a note; ``page`` is a page, which may name feeds."""
    final_url: str | None = None
    adopt_url: str | None = None
    """The address it moved to for good; it is adopted when it keeps saying so."""
    self_url: str | None = None
    hub: str | None = None
    format: str | None = None
    version: str | None = None
    title: str | None = None
    description: str | None = None
    site: str | None = None
    publisher: str | None = None
    """Registrable domain of the site."""
    language: str | None = None
    media_type: str | None = None
    encoding: str | None = None
    wire_bytes: int = 0
    duration_s: float = 0.0
    text: Literal["full", "teaser", "mixed", "none"] | None = None
    """What its entries carry of their articles."""
    pace: Pace | None = None
    polling: Polling | None = None
    feeds: list[FeedLink] = []
    """What a page names."""
    samples: list[str] = []
    """Titles of its first entries."""
    findings: list[Finding] = []
    """The worst first."""


def survey(
    response: Response,
    *,
    now: float,
    feed: ParsedFeed | None = None,
    error: FeedError | None = None,
    again: Response | None = None,
) -> Survey:
    """Explain what *response* is.

    *feed* is what its body was parsed to, *error* why it could not be; *again* is
    what came of a second request with the validators of the first; *now* is in seconds since the epoch.
    """
    wall = wall_of(response)
    findings = of_response(response, wall, error)
    if feed is None:
        return Survey(
            url=response.requested_url,
            verdict=_without_feed(response, wall, error),
            final_url=response.final_url,
            media_type=response.media_type,
            wire_bytes=response.wire_bytes,
            duration_s=response.duration_s,
            feeds=error.feeds if error is not None else [],
            findings=_worst_first(findings),
        )
    pace = _pace(feed.entries, now)
    findings += of_feed(feed, response, dated=pace.dated, future=pace.future, same=_are_same(feed.entries))
    findings += of_validators(response, again)
    worst = {finding.severity for finding in findings}
    return Survey(
        url=response.requested_url,
        verdict="unusable" if "error" in worst else "usable" if "warning" in worst else "good",
        final_url=response.final_url,
        adopt_url=response.permanent_url,
        self_url=feed.self_url,
        hub=feed.hub,
        format=feed.format,
        version=feed.version,
        title=feed.title,
        description=feed.description,
        site=feed.link,
        publisher=registrable_domain(feed.link or response.final_url),
        language=feed.language or response.headers.get("content-language"),
        media_type=response.media_type,
        encoding=feed.encoding,
        wire_bytes=response.wire_bytes,
        duration_s=response.duration_s,
        text=_text(feed.entries),
        pace=pace,
        polling=_polling(feed, response, pace, again, now),
        samples=[entry.title[:200] for entry in feed.entries if entry.title][:_SAMPLES],
        findings=_worst_first(findings),
    )


def _without_feed(
    response: Response, wall: Wall | None, error: FeedError | None
) -> Literal["page", "blocked", "unusable"]:
    if wall is not None or response.result in {"401", "403", "451", "robots"}:
        return "blocked"
    named = error is not None and bool(error.feeds)
    is_page = named or (error is not None and "html" in (response.media_type or ""))
    return "page" if response.ok and is_page else "unusable"


def _times(entries: list[ParsedEntry]) -> list[float]:
    claimed = (claimed_time(entry.published or entry.updated) for entry in entries)
    return sorted(time for time in claimed if time is not None)


def _are_same(entries: list[ParsedEntry]) -> bool:
    times = _times(entries)
    return len(times) > 2 and max(map(times.count, set(times))) >= _SAME * len(times)


def _pace(entries: list[ParsedEntry], now: float) -> Pace:
    times = _times(entries)
    past = [time for time in times if time <= now + 3_600]
    gaps = [later - earlier for earlier, later in pairwise(past)]
    span = past[-1] - past[0] if len(past) > 1 else 0.0
    return Pace(
        entries=len(entries),
        dated=len(times),
        future=len(times) - len(past),
        newest=stamp(past[-1]) if past else None,
        oldest=stamp(past[0]) if past else None,
        median_gap_s=median(gaps) if gaps else None,
        per_day=round((len(past) - 1) * 86_400 / span, 2) if span else None,
        reliable=len(past) >= max(_SAME * len(entries), 2) and not _are_same(entries),
    )


def _text(entries: list[ParsedEntry]) -> Literal["full", "teaser", "mixed", "none"]:
    if not any(entry.content or entry.summary for entry in entries):
        return "none"
    teasers = sum(map(is_teaser, entries))
    return "full" if not teasers else "teaser" if teasers == len(entries) else "mixed"


def _polling(feed: ParsedFeed, response: Response, pace: Pace, again: Response | None, now: float) -> Polling:
    headers = response.headers
    asked = asked_s(headers, hints_of(feed), now, retry_after_s=response.retry_after_s)
    settles = None
    if pace.per_day and pace.reliable:
        settles = min(max(86_400 / pace.per_day * pace.entries / 2, _LEAST_S), _MOST_S)
    reasons = []
    if settles is not None:
        reasons.append(f"its pace: {pace.per_day:g} entries a day, {pace.entries} shown at once")
    if feed.ttl_s:
        reasons.append(f"its ttl of {feed.ttl_s / 60:g} minutes")
    if feed.update_period_s:
        reasons.append(f"its sy:updatePeriod of {feed.update_period_s / 3600:g} hours")
    if "max-age" in headers.get("cache-control", ""):
        reasons.append(f"Cache-Control: {headers['cache-control'][:80]}")
    elif asked and "expires" in headers:
        reasons.append(f"Expires: {headers['expires'][:40]}")
    if response.retry_after_s:
        reasons.append(f"Retry-After of {response.retry_after_s:g} s")
    if feed.skip_hours or feed.skip_days:
        reasons.append("its skipHours and skipDays")
    return Polling(
        settles_at_s=settles,
        asked_s=asked,
        reasons=reasons,
        etag="etag" in headers,
        last_modified="last-modified" in headers,
        honoured=None if again is None else again.result == "not_modified",
        skip_hours=feed.skip_hours,
        skip_days=feed.skip_days,
    )


def _worst_first(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: ("error", "warning", "note").index(finding.severity))

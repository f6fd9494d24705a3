"""A survey for people: rich's renderables, and nothing decided here."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from connectors.feeds.survey import Pace, Polling, Survey
from newswire.telemetry.secrets import without_secrets

__all__ = ["render"]

_VERDICTS = {
    "good": ("green", "a feed, ready to be added"),
    "usable": ("yellow", "a feed, with reservations"),
    "page": ("yellow", "a page, not a feed"),
    "blocked": ("red", "closed to us"),
    "unusable": ("red", "nothing that can be read"),
}
_SIGNS = {"error": ("red", "✗"), "warning": ("yellow", "!"), "note": ("dim", "·")}
_TEXTS = {
    "full": "whole articles: pages need no fetch",
    "teaser": "teasers: the page behind each is fetched",
    "mixed": "some whole, some teasers: pages are fetched for these",
    "none": "titles alone: the page behind each is fetched",
}
_VERSION = re.compile(r"(rss|rdf|atom|json)(\d*)n?")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def render(survey: Survey) -> RenderableType:
    """Return what a newcomer reads of a source, without the secrets of its address."""
    colour, verdict = _VERDICTS[survey.verdict]
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in _facts(survey):
        facts.add_row(name, Text(without_secrets(value)))
    findings = Table.grid(padding=(0, 1))
    for finding in survey.findings:
        style, sign = _SIGNS[finding.severity]
        what = without_secrets(finding.what)
        findings.add_row(Text(sign, style=style), Text.assemble(what, "\n", (finding.means, "dim")))
    url = without_secrets(survey.url)
    parts: list[RenderableType] = [Text.assemble((url, "bold"), "  ", (verdict, colour)), facts]
    if survey.findings:
        parts += [Text(), findings]
    return Group(*parts)


def span(seconds: float) -> str:
    """Write a duration in its largest fitting unit."""
    for unit, name in ((86_400.0, "day"), (3_600.0, "hour"), (60.0, "minute")):
        if seconds >= unit:
            number = round(seconds / unit, 1)
            return f"{number:g} {name}{'' if number == 1 else 's'}"
    return f"{seconds:.0f} seconds"


def _facts(survey: Survey) -> Iterator[tuple[str, str]]:
    if survey.title:
        yield "title", survey.title[:200]
    if survey.version:
        yield (
            "format",
            f"{_format(survey.version)}, {survey.encoding}, {survey.wire_bytes / 1024:.0f} KiB on the wire",
        )
    if survey.publisher:
        yield "publisher", survey.publisher
    if survey.language:
        yield "language", survey.language
    if survey.adopt_url:
        yield "address", survey.adopt_url
    if survey.text:
        yield "text", _TEXTS[survey.text]
    if survey.pace is not None:
        yield "publishes", _pace(survey.pace)
    if survey.polling is not None:
        yield "polled", _polling(survey.polling)
        yield "validators", _validators(survey.polling)
    for number, title in enumerate(survey.samples):
        yield "" if number else "newest", title
    for number, link in enumerate(survey.feeds):
        yield "" if number else "feeds", f"{link.url}{f'  {link.title}' if link.title else ''}"


def _format(version: str) -> str:
    """Write ``rss20`` as RSS 2.0."""
    found = _VERSION.fullmatch(version)
    if found is None:
        return version
    name = {"atom": "Atom", "json": "JSON Feed"}.get(found[1], found[1].upper())
    return f"{name} {'.'.join((found[2][0], found[2][1:])).rstrip('.')}" if found[2] else name


def _pace(pace: Pace) -> str:
    shown = f"{pace.entries} {'entry' if pace.entries == 1 else 'entries'} shown"
    if pace.per_day is None or pace.median_gap_s is None:
        return f"{shown}; their dates do not say how often"
    how = "" if pace.reliable else ", as far as its dates can be believed"
    return f"{pace.per_day:g} a day, typically {span(pace.median_gap_s)} apart{how}; {shown}, newest of {_moment(pace.newest)}"


def _moment(stamp: str | None) -> str:
    return "an unknown time" if stamp is None else f"{stamp[:16].replace('T', ' ')} UTC"


def _polling(polling: Polling) -> str:
    parts = [f"first every {span(polling.first_interval_s)}"]
    if polling.settles_at_s is not None:
        parts.append(f"then about every {span(polling.settles_at_s)}")
    if polling.asked_s:
        parts.append(f"never before {span(polling.asked_s)} have passed")
    if polling.skip_hours:
        parts.append(f"not in the hours {', '.join(map(str, polling.skip_hours))} GMT")
    if polling.skip_days:
        parts.append(f"not on {', '.join(_DAYS[day] for day in polling.skip_days)}")
    because = f" (by {'; '.join(polling.reasons)})" if polling.reasons else ""
    return f"{', '.join(parts)}{because}"


def _validators(polling: Polling) -> str:
    names = [
        name for name, there in (("ETag", polling.etag), ("Last-Modified", polling.last_modified)) if there
    ]
    if not names:
        return "none"
    honoured = {True: ", honoured", False: ", not honoured", None: ""}[polling.honoured]
    return f"{' and '.join(names)}{honoured}"

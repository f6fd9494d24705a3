"""When something was published or changed: what was claimed where, and how far it can be trusted.

Every judgement is relative to the moment the item was seen, never to the clock, so that a repetition
judges alike.  What is claimed is kept and flagged; which of several claims counts is decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

import ciso8601

from schemas.base import Dated
from schemas.vocabulary import Precision

__all__ = ["Claimed", "Moment", "choose", "moment_of", "parse_reference"]

_LONGEST: Final = 100
_ISO = re.compile(
    r"(?P<date>\d{4}(?:-\d\d(?:-\d\d)?|\d{4})?)"
    r"(?:[T ]+(?P<time>\d\d:?\d\d(?P<seconds>:?\d\d(?:[.,]\d+)?)?)\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?)?)?",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"\d{10}|\d{13}")
_RFC_2822 = re.compile(
    r"(?:[A-Za-z]{3},?\s+)?\d{1,2}\s+[A-Za-z]{3,9}\s+\d{2,4}\s+\d{1,2}:\d\d(?P<seconds>:\d\d)?"
)
_SECONDS = re.compile(r"\d:\d\d:\d\d")
_UNITS: Final[dict[Precision, timedelta]] = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "day": timedelta(days=1),
    "month": timedelta(days=31),
    "year": timedelta(days=366),
    "unknown": timedelta(days=1),
}
_FINENESS: Final[tuple[Precision, ...]] = ("unknown", "year", "month", "day", "minute", "second")
_CLOCK_SKEW: Final = timedelta(minutes=10)
_ZONES: Final = timedelta(hours=14)
"""How far a local time without a zone may be ahead of UTC."""
_AGREE: Final = timedelta(hours=36)
"""Two claims of one day, written in any two zones, differ by less."""
_EARLIEST: Final = 1600
"""Newspapers begin with the seventeenth century."""
_EPOCH_DAY: Final = datetime(1970, 1, 1, tzinfo=UTC).date()


class Claimed(NamedTuple):
    """A date as it stands somewhere."""

    raw: str
    place: str
    """feed, page, url, http, item or text."""
    guessed: bool = False
    """Found by searching, not declared: it never shows that a declared one is wrong."""


class Moment(NamedTuple):
    """A claim that could be read."""

    at: datetime
    precision: Precision
    place: str
    flags: tuple[str, ...] = ()
    guessed: bool = False

    @property
    def doubtful(self) -> bool:
        """Whether it can't be right."""
        return "future" in self.flags or "implausible" in self.flags


def parse_reference(fetched_at: str) -> datetime | None:
    """Read when an item was seen; null where that can't be read, and nothing is judged by it then."""
    try:
        at = ciso8601.parse_datetime(fetched_at)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def moment_of(claimed: Claimed, reference: datetime | None, language: str | None) -> Moment | None:
    """Read a claim, or return null where it is no date.

    Without a time zone it is taken for UTC and flagged.  *language* helps with the names of months.
    """
    raw = " ".join(claimed.raw[:_LONGEST].split())
    try:
        read = _iso(raw) or _epoch(raw) or _rfc_2822(raw) or _in_words(raw, reference, language)
        if read is None:
            return None
        at, precision = read
        flags = []
        if at.tzinfo is None:
            at = at.replace(tzinfo=UTC)
            if precision in {"second", "minute"}:
                flags.append("no_timezone")
        at = at.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None
    if at.year < _EARLIEST or (at.date() == _EPOCH_DAY and (reference is None or reference.year > 1970)):
        flags.append("implausible")
    elif reference is not None:
        tolerance = _CLOCK_SKEW if precision in {"second", "minute"} and not flags else _ZONES
        if at > reference + tolerance:
            flags.append("future")
    return Moment(at, precision, claimed.place, tuple(flags), claimed.guessed)


def choose(
    claims: Iterable[Claimed], reference: datetime | None, language: str | None, *, missing: bool
) -> Dated:
    """Choose among *claims*, the most trusted first.

    The first that can be right counts; if it is only a day and another gives that day's time, the other
    does.  It is flagged ``disagrees`` where another that can be right is more than 36 hours away (or its
    own unit, where that is longer).  *missing* says whether having none is worth a flag.
    """
    moments = [m for claim in claims if claim.raw.strip() if (m := moment_of(claim, reference, language))]
    if not moments:
        return Dated(flags=["missing"]) if missing else Dated()
    sound = [m for m in moments if not m.doubtful] or moments
    chosen = sound[0]
    for other in sound[1:]:
        if _FINENESS.index(other.precision) > _FINENESS.index(chosen.precision) and _same(chosen, other):
            chosen = other
    flags = list(chosen.flags)
    if any(not other.guessed and not _same(chosen, other) for other in sound):
        flags.append("disagrees")
    return Dated(
        value=chosen.at.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0"),
        from_=chosen.place,
        precision=chosen.precision,
        flags=flags,
    )


def _same(a: Moment, b: Moment) -> bool:
    return abs(a.at - b.at) <= max(_AGREE, _UNITS[a.precision], _UNITS[b.precision])


def _iso(raw: str) -> tuple[datetime, Precision] | None:
    match = _ISO.fullmatch(raw)
    if match is None or _EPOCH.fullmatch(raw):
        return None
    date, time, seconds, zone = match["date"], match["time"], match["seconds"], match["zone"] or ""
    if len(date) == 4:
        return datetime(int(date), 1, 1), "year"  # noqa: DTZ001  (a year has no zone)
    if time is None:
        precision: Precision = "day" if len(date.replace("-", "")) == 8 else "month"
        return ciso8601.parse_datetime(date), precision
    zone = "Z" if zone.upper() in {"UTC", "GMT"} else zone.upper()
    return ciso8601.parse_datetime(
        f"{date}T{time.replace(',', '.')}{zone}"
    ), "second" if seconds else "minute"


def _epoch(raw: str) -> tuple[datetime, Precision] | None:
    if not _EPOCH.fullmatch(raw):
        return None
    return datetime.fromtimestamp(int(raw[:10]), UTC), "second"


def _rfc_2822(raw: str) -> tuple[datetime, Precision] | None:
    match = _RFC_2822.match(raw)
    if match is None:
        return None
    try:
        return parsedate_to_datetime(raw), "second" if match["seconds"] else "minute"
    except ValueError:
        return None


def _in_words(
    raw: str, reference: datetime | None, language: str | None
) -> tuple[datetime, Precision] | None:
    """Read a date in words; one that leaves out the year, or is relative ("2 hours ago"), only where there
    is a moment that it can be meant to relate to.
    """
    if not any(c.isdigit() for c in raw):
        return None
    for one in dict.fromkeys([(language or "en").partition("-")[0], "en"]):
        read = _words_in(raw, reference, one, "absolute-time")
        if read is not None:
            return read
        if reference is not None and (read := _words_in(raw, reference, one, "relative-time")):
            return read[0].replace(tzinfo=UTC), read[1]
    return None


def _words_in(
    raw: str, reference: datetime | None, language: str, parser: str
) -> tuple[datetime, Precision] | None:
    from dateparser.date import DateDataParser

    settings: dict[str, object] = {
        "PARSERS": [parser],
        "PREFER_DATES_FROM": "past",
        "PREFER_DAY_OF_MONTH": "first",
        "PREFER_MONTH_OF_YEAR": "first",
        "REQUIRE_PARTS": ["month"] if reference else ["day", "month", "year"],
        "RETURN_TIME_AS_PERIOD": True,
    }
    if reference is not None:
        settings["RELATIVE_BASE"] = reference.replace(tzinfo=None)
    try:
        data = DateDataParser(languages=[language], settings=settings).get_date_data(raw)
    except ValueError:  # a language it has no data for
        return None
    if data.date_obj is None:
        return None
    precision: Precision = "day"
    if data.period == "time":
        precision = "second" if _SECONDS.search(raw) else "minute"
    elif data.period == "month":
        precision = "month"
    elif data.period == "year":
        precision = "year"
    return data.date_obj, precision

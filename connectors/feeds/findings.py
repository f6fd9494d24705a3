"""What is wrong with a source, each with what it means for who reads the events: the text of a survey."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from connectors.feeds.blocked import Wall
from connectors.feeds.model import FeedError, FeedFlag, ParsedFeed
from connectors.web.message import Response
from schemas.limits import FEED_ENTRIES, MIB
from schemas.links import registrable_domain

__all__ = ["Finding", "of_feed", "of_response", "of_validators"]

Severity = Literal["error", "warning", "note"]
"""``error``: nothing can be read; ``warning``: events will lack something; ``note``: good to know."""

_LARGE: Final = 2 * MIB
_SLOW_S: Final = 5.0


class Finding(msgspec.Struct, kw_only=True, frozen=True):
    """One thing found."""

    code: str
    """One of few, for machines."""
    severity: Severity
    what: str
    """What was seen."""
    means: str
    """What follows from it for who reads the events."""


_FAILURES: Final[dict[str, tuple[str, str]]] = {
    "robots": (
        "robots.txt shuts us out",
        "It is never fetched against that: ask the publisher, or use another source.",
    ),
    "robots_unreachable": (
        "its host has no robots.txt to give now",
        "It is not fetched without: it would be tried again, less and less often.",
    ),
    "timeout": ("it did not answer in time", "It would be tried again, less and less often."),
    "connect": ("no connection, or a lost one", "It would be tried again, less and less often."),
    "dns": ("nobody knows its host", "Check the address; it would be tried again, less and less often."),
    "tls": (
        "its certificate is not valid",
        "It is not read over a connection that anybody may have changed.",
    ),
    "too_large": (
        "it is larger than 10 MiB on the wire, or than 20 MiB unpacked",
        "Nothing of it is read: look for a shorter feed of the site.",
    ),
    "bomb": ("it unpacks to more than 200 times its size", "Nothing of it is read."),
    "refused_address": (
        "it leads to a private or reserved address",
        "Name the host in allow_hosts where it is one of yours.",
    ),
    "refused_url": (
        "its address is not one of the public web",
        "Only http and https on their ports, without a user name.",
    ),
    "redirects": ("it redirects without end", "Find its present address by hand."),
    "bad_response": ("what answered does not speak HTTP", "Check the address."),
    "401": ("it wants a login (401)", "There is no way to log in yet."),
    "403": ("it refuses us (403)", "Ask the publisher; it would be tried again, less and less often."),
    "404": ("there is nothing at this address (404)", "Look for its new address on the site."),
    "410": ("it is gone for good (410)", "It would not be asked again."),
    "429": ("it was asked too often (429)", "It is asked again after the time it names, at least 30 s."),
    "451": ("it is withheld for legal reasons (451)", "It would be tried again, less and less often."),
}
_PARSE_FAILURES: Final[dict[str, tuple[str, str]]] = {
    "not_a_feed": ("it is no feed", "Add one of the feeds that the page names, or look for one."),
    "broken": ("no parser makes a feed of it", "Nothing can be read until its publisher repairs it."),
    "empty": ("it is empty", "It would be asked again; nothing can be read now."),
    "timeout": ("it takes longer than 5 s to parse", "It passes for an attack and is not read."),
    "memory": ("it takes more than 512 MiB to parse", "It passes for an attack and is not read."),
    "crashed": ("it makes its parser crash", "It passes for an attack and is not read."),
}
_FLAGS: Final[dict[FeedFlag, tuple[str, Severity, str, str]]] = {
    "broken_markup": (
        "ill_formed", "warning", "it is not well-formed XML and was repaired",
        "An entry whose markup is broken may be cut, joined with another or missed.",
    ),
    "leading_junk": (
        "ill_formed", "note", "something stands before its first element",
        "It is passed over; other readers may fail.",
    ),
    "controls": (
        "ill_formed", "note", "it holds characters that XML forbids", "They are left out of the texts.",
    ),
    "entities": (
        "ill_formed", "note", "it uses entities of HTML that XML does not know",
        "They are read as in HTML; other readers may fail.",
    ),
    "ampersands": (
        "ill_formed", "note", "it holds ampersands that are not escaped", "They are read as they stand.",
    ),
    "charset_lies": (
        "charset", "note", "it is not in the charset that it declares",
        "Its bytes are believed; a wrong letter here and there is possible.",
    ),
    "undecodable": (
        "charset", "warning", "some of its bytes are of no charset", "Letters are lost: they become U+FFFD.",
    ),
    "duplicate_guids": (
        "duplicate_guids", "warning", "several entries have one id",
        "They are told apart by their links and titles: a changed title may look like a new entry.",
    ),
    "repeated_entries": (
        "repeated_entries", "note", "some entries stand there twice", "They are read once.",
    ),
    "missing_guids": (
        "missing_guids", "note", "entries have no id",
        "Their links, or their texts, stand for it: a changed link looks like a new entry.",
    ),
}  # fmt: skip


def of_response(response: Response, wall: Wall | None, error: FeedError | None) -> list[Finding]:
    """Return what an answer itself shows: failures, walls, redirects, rights, size and time."""
    found: list[Finding] = []
    if wall is not None:
        found.append(
            _finding(
                "blocked", "error", f"{wall.reason} answers in its place",
                "Machines are kept out: ask the publisher for access, or use another source.",
            )
        )  # fmt: skip
    elif not response.ok:
        what, means = _FAILURES.get(response.result) or _status(response.result)
        found.append(_finding(f"fetch_{response.result}", "error", what, means, response.detail))
    elif error is not None:
        what, means = _PARSE_FAILURES.get(error.reason, ("it cannot be read", "Nothing of it is read."))
        if error.reason == "not_a_feed" and error.feeds:
            found.append(
                _finding("page", "note", f"it is a page that names {_count(len(error.feeds), 'feed')}",
                         "Add one of those instead.")
            )  # fmt: skip
        else:
            found.append(_finding(error.reason, "error", what, means, error.message))
    return [*found, *_of_address(response), *_of_rights(response)]


def of_feed(feed: ParsedFeed, response: Response, *, dated: int, future: int, same: bool) -> list[Finding]:
    """Return what a feed itself shows; *dated* entries have a date, *future* of them a later one than now,
    and *same* says that all are the same.
    """
    total = len(feed.entries)
    found = [_finding(*_FLAGS[flag]) for flag in feed.flags if flag in _FLAGS]
    if not total:
        found.append(_finding("no_entries", "warning", "it has no entries", "There is nothing to read now."))
    elif dated < total:
        found.append(
            _finding(
                "dates_missing", "warning", f"{total - dated} of {total} entries have no date that can be read",
                "When they were published has to be found on their pages, or stays unknown.",
            )
        )  # fmt: skip
    if future:
        found.append(
            _finding(
                "dates_future", "warning", f"{_count(future, 'entry', 'entries')} dated in the future",
                "Those dates are kept and flagged, and nothing is ordered by them.",
            )
        )  # fmt: skip
    if same:
        found.append(
            _finding(
                "dates_same", "warning", "nearly all entries have one and the same time",
                "It writes when the feed was made, not when an article was published.",
            )
        )  # fmt: skip
    linkless = sum(entry.url is None for entry in feed.entries)
    if linkless:
        found.append(
            _finding(
                "links_missing", "warning", f"{linkless} of {total} entries have no link",
                "Their pages cannot be fetched: what the feed says of them is all there is.",
            )
        )  # fmt: skip
    if feed.truncated:
        found.append(
            _finding(
                "truncated", "warning", f"it has more than {FEED_ENTRIES:,} entries",
                "The first are read; look for a shorter feed of the site.",
            )
        )  # fmt: skip
    return [*found, *_of_origin(feed, response)]


def of_validators(response: Response, again: Response | None) -> list[Finding]:
    """Return what its caching headers are good for; *again* is the answer to its own validators."""
    if not {"etag", "last-modified"} & set(response.headers):
        return [
            _finding(
                "no_validators", "note", "it sends neither ETag nor Last-Modified",
                "All of it is fetched at each poll.",
            )
        ]  # fmt: skip
    if again is not None and again.ok:
        return [
            _finding(
                "validators_ignored", "note", "it answers its own validators with all of the feed",
                "All of it is fetched at each poll, unless it changed between two requests.",
            )
        ]  # fmt: skip
    return []


def _of_address(response: Response) -> list[Finding]:
    found = []
    if response.permanent_url and response.permanent_url != response.requested_url:
        found.append(
            _finding(
                "moved", "note", f"it has moved for good to {response.permanent_url}",
                "That address is adopted when it keeps saying so.",
            )
        )  # fmt: skip
    elif response.ok and response.final_url != response.requested_url:
        found.append(
            _finding(
                "redirected", "note", f"it redirects, for now, to {response.final_url}",
                "The redirect is followed at each poll.",
            )
        )  # fmt: skip
    if response.ok and response.final_url.lower().startswith("http:"):
        found.append(
            _finding(
                "unencrypted", "note", "it is read without encryption",
                "Whoever carries it can change it: look whether https answers too.",
            )
        )  # fmt: skip
    if response.wire_bytes > _LARGE:
        found.append(
            _finding(
                "large", "note", f"it is {response.wire_bytes / MIB:.1f} MiB large on the wire",
                "Each poll that finds something new costs that.",
            )
        )  # fmt: skip
    if response.duration_s > _SLOW_S:
        found.append(
            _finding(
                "slow", "note", f"it took {response.duration_s:.0f} s to answer",
                "It holds up nothing but itself; at 60 s it counts as failed.",
            )
        )  # fmt: skip
    return found


def _of_rights(response: Response) -> list[Finding]:
    rights = response.rights
    if rights is None:
        return []
    found = []
    if rights.tdm_reservation:
        found.append(
            _finding(
                "tdm_reserved", "note", "it reserves text and data mining (TDM Reservation Protocol)",
                "Recorded on each item; whether you may use it is yours to know.",
            )
        )  # fmt: skip
    if rights.ai_training is False:
        found.append(
            _finding(
                "no_ai_training", "note", "it does not want to train models",
                "Recorded on each item, for who trains any.",
            )
        )  # fmt: skip
    if rights.x_robots_tag:
        found.append(
            _finding(
                "x_robots_tag", "note", f"X-Robots-Tag: {', '.join(rights.x_robots_tag)[:100]}",
                "Recorded on each item.",
            )
        )  # fmt: skip
    return found


def _of_origin(feed: ParsedFeed, response: Response) -> list[Finding]:
    found = []
    own = {registrable_domain(url) for url in (response.final_url, feed.link) if url}
    domains = {registrable_domain(entry.url) for entry in feed.entries if entry.url}
    if domains and not domains & own:
        found.append(
            _finding(
                "elsewhere", "note", f"its links lead to {', '.join(sorted(filter(None, domains)))[:100]}",
                "It gathers what others publish: each article's publisher is taken from its own page.",
            )
        )  # fmt: skip
    if feed.hub is not None:
        found.append(
            _finding(
                "websub", "note", f"it names a WebSub hub: {feed.hub}",
                "It could be told of new entries at once; it is polled all the same.",
            )
        )  # fmt: skip
    if feed.language is None and "content-language" not in response.headers:
        found.append(
            _finding(
                "no_language", "note", "it does not say which language it is in",
                "That is told from each article's text.",
            )
        )  # fmt: skip
    if response.media_type is not None and "html" in response.media_type:
        found.append(
            _finding("media_type", "note", f"it is sent as {response.media_type}", "It is read all the same.")
        )
    return found


def _status(result: str) -> tuple[str, str]:
    if result.startswith("5"):
        return f"its server fails ({result})", "It would be tried again, less and less often."
    return f"it answers {result}", "Nothing can be read."


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _finding(code: str, severity: Severity, what: str, means: str, detail: str = "") -> Finding:
    return Finding(
        code=code, severity=severity, what=f"{what}: {detail[:200]}" if detail else what, means=means
    )

"""Pages that are looked at again, so that silent edits, corrections and removals are seen.

A page is visited some hours and days after it was first had (`SourceDefinition.revisit_after_s`), by its own
validators where it has any.  What it says is compared by its words (`fingerprint`), so that a page that is
built anew for each request is not another one each time.  A page that is gone is looked at once more before
it counts as withdrawn, and then on its schedule, since pages come back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from connectors.web.message import Response
from schemas.vocabulary import Lane

__all__ = [
    "MOST_VISITS",
    "Learned",
    "Seen",
    "Visit",
    "after_look",
    "after_visit",
    "first_visit",
    "never_changes",
    "with_visit",
]

Seen = Literal["unchanged", "changed", "missing", "withdrawn", "failed", "forbidden"]
"""What a visit found.  ``missing`` is a first 404 or 410, ``withdrawn`` the second in a row."""

MOST_VISITS: Final = 1_000
MOST_BYTES: Final = 384 * 1024
"""Pages of one source that are visited, and what they may take; of more, the ones that were had first are left
alone.
"""
CONFIRM_AFTER_S: Final = 1_800.0
"""Between a page's first 404 and the look that makes sure."""
WITHDRAWN_AFTER: Final = 2
TITLE_CHARS: Final = 300
ENOUGH_VISITS: Final = 40
"""Visits before a source's pages may be said never to change."""
SELDOM: Final = 0.02
REMEMBERED: Final = 400
"""Visits after which the counts are halved, so that what was learned long ago fades."""
_GONE: Final = frozenset({"404", "410"})


class Visit(msgspec.Struct, frozen=True, array_like=True):
    """A page that was had and will be visited.  Times are seconds since the epoch."""

    native_id: str
    url: str
    lane: Lane
    due: float
    had_at: float
    stage: int
    """Place in the schedule of the visit to come."""
    words: bytes
    """Fingerprint of what it said."""
    title: str | None = None
    published: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    gone: int = 0
    """404s and 410s in a row."""


class Learned(msgspec.Struct, frozen=True, array_like=True):
    """How often a source's pages were visited, and how often they had changed."""

    visited: int = 0
    changed: int = 0


def first_visit(
    *,
    native_id: str,
    url: str,
    lane: Lane,
    title: str | None,
    published: str | None,
    response: Response,
    words: bytes,
    schedule: Sequence[int],
    now: float,
) -> Visit | None:
    """Return the visit after a page was first had; null where there is none: history is not revisited."""
    if not schedule or lane != "live":
        return None
    return Visit(
        native_id=native_id,
        url=url,
        lane=lane,
        due=now + schedule[0],
        had_at=now,
        stage=0,
        words=words,
        title=title[:TITLE_CHARS] if title else None,
        published=published,
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
    )


def with_visit(visits: Sequence[Visit], visit: Visit) -> tuple[Visit, ...]:
    """Add a visit, and leave out the oldest where they become too many."""
    kept = [visit]
    room = MOST_BYTES - _weight(visit)
    for other in reversed(visits):
        room -= _weight(other)
        if room < 0 or len(kept) >= MOST_VISITS:
            break
        kept.append(other)
    return tuple(reversed(kept))


def after_visit(
    visit: Visit,
    response: Response,
    words: bytes,
    *,
    schedule: Sequence[int],
    now: float,
    seldom: bool,
) -> tuple[Seen, Visit | None]:
    """Return what a visit found, and the one after it, null where it was the last.

    *words* is the fingerprint of what came, *seldom* whether the source's pages never change: then a page
    that has not is left alone.
    """
    result = response.result
    if result in _GONE:
        gone = visit.gone + 1
        if gone < WITHDRAWN_AFTER:
            return "missing", msgspec.structs.replace(visit, gone=gone, due=now + CONFIRM_AFTER_S)
        return (
            "withdrawn" if gone == WITHDRAWN_AFTER else "unchanged",
            _next(msgspec.structs.replace(visit, gone=gone, etag=None, last_modified=None), schedule, now),
        )
    if result in {"robots", "refused_url", "refused_address"}:
        return "forbidden", None
    if result == "not_modified" or (response.ok and words == visit.words and visit.gone < WITHDRAWN_AFTER):
        kept = msgspec.structs.replace(visit, gone=0)
        return "unchanged", None if seldom else _next(kept, schedule, now)
    if not response.ok:
        wait = response.retry_after_s or 0.0
        return "failed", _next(visit, schedule, now + wait)
    changed = msgspec.structs.replace(
        visit,
        words=words,
        gone=0,
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
    )
    return "changed", _next(changed, schedule, now)


def after_look(learned: Learned, seen: Seen) -> Learned:
    """Return what is known of a source's pages after one more visit."""
    if seen not in {"unchanged", "changed", "withdrawn"}:
        return learned
    visited, changed = learned.visited + 1, learned.changed + (seen != "unchanged")
    if visited >= REMEMBERED:
        visited, changed = visited // 2, changed // 2
    return Learned(visited, changed)


def never_changes(learned: Learned) -> bool:
    """Return whether a source's pages change so seldom that looking again is in vain."""
    return learned.visited >= ENOUGH_VISITS and learned.changed < SELDOM * learned.visited


def _weight(visit: Visit) -> int:
    texts = (visit.native_id, visit.url, visit.title, visit.published, visit.etag, visit.last_modified)
    return 100 + sum(len(text or "") for text in texts)


def _next(visit: Visit, schedule: Sequence[int], now: float) -> Visit | None:
    """Go on to the next visit that still lies ahead: one that is late for several makes up for none."""
    stage = visit.stage + 1
    while stage < len(schedule) - 1 and visit.had_at + schedule[stage] <= now:
        stage += 1
    if stage >= len(schedule):
        return None
    return msgspec.structs.replace(visit, stage=stage, due=max(visit.had_at + schedule[stage], now + 60.0))

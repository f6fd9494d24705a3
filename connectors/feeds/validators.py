"""Conditional requests that are safe to leave on.

Some servers answer 304 for ever (Media Cloud keeps conditional requests off for their sake).  So a feed that
has answered 304 several times and for a day is asked once without validators.  Where that shows entries that
the last 304 should have told of, its validators are not used for a month.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from connectors.feeds.schedule import DAY_S

__all__ = ["Validators", "after_full", "after_not_modified", "to_send"]

CHECK_AFTER_S: Final = DAY_S
CHECK_AFTER: Final = 6
"""304s in a row, so that a feed that is asked once a day is not checked each time."""
DISTRUST_S: Final = 30 * DAY_S
SLACK_S: Final = 7_200.0
"""Entries come into a feed some time after they claim to be from."""
LONGEST: Final = 1_024
"""Characters of a validator; a longer one is not sent back."""


class Validators(msgspec.Struct, frozen=True, array_like=True):
    """What a feed gave to ask by, and how far it is believed.  Times are seconds since the epoch."""

    etag: str | None = None
    last_modified: str | None = None
    unchanged: int = 0
    """304s in a row."""
    full_at: float = 0.0
    """When it was last had in full."""
    asked_at: float = 0.0
    """When it last answered 304."""
    distrusted_until: float = 0.0


def to_send(validators: Validators, now: float) -> tuple[str | None, str | None]:
    """Return ETag and Last-Modified to ask with, null and null where the whole is wanted."""
    if now < validators.distrusted_until:
        return None, None
    if validators.unchanged >= CHECK_AFTER and now - validators.full_at >= CHECK_AFTER_S:
        return None, None
    return validators.etag, validators.last_modified


def after_not_modified(validators: Validators, now: float) -> Validators:
    """Return them after a 304."""
    return msgspec.structs.replace(validators, unchanged=validators.unchanged + 1, asked_at=now)


def after_full(
    validators: Validators, headers: Mapping[str, str], now: float, *, changed: bool, oldest_at: float | None
) -> Validators:
    """Return them after a response with a body.

    *changed* says whether it showed anything new or edited, *oldest_at* when the oldest of what is new claims
    to be from; null where nothing new claims anything, and where there are edits alone, whose dates are old.
    """
    etag, last_modified = _kept(headers.get("etag")), _kept(headers.get("last-modified"))
    checked = validators.unchanged >= CHECK_AFTER and now - validators.full_at >= CHECK_AFTER_S
    lied = False
    if checked and changed:
        same = (etag, last_modified) == (validators.etag, validators.last_modified)
        # What is younger than the last 304, or of an unknown time, need not have been there at that.
        lied = same or (oldest_at is not None and oldest_at < validators.asked_at - SLACK_S)
    return Validators(
        etag=etag,
        last_modified=last_modified,
        full_at=now,
        distrusted_until=now + DISTRUST_S if lied else validators.distrusted_until,
    )


def _kept(value: str | None) -> str | None:
    return value if value and len(value) <= LONGEST else None

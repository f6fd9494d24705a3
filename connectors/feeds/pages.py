"""Pages that wait to be fetched for the first time: kept in the source's state, so that none is forgotten."""

from __future__ import annotations

from typing import Final

import msgspec

from connectors.feeds.health import failure_of
from connectors.web.message import Response
from schemas.raw_item import FeedEntry
from schemas.vocabulary import Lane

__all__ = ["MOST_PAGES", "RETRY_AFTER_S", "Page", "after_failed", "kept_entry", "weight"]

RETRY_AFTER_S: Final = (60.0, 600.0, 3_600.0)
"""Before the second, third and fourth try of a page that failed in a way that passes."""
MOST_PAGES: Final = 500
"""Pages of one source that may wait; entries beyond are emitted with the feed's own text."""
MOST_BYTES: Final = 512 * 1024
"""Of text that waits with them: a state is one record, in which a character may take six bytes."""
CONTENT_CHARS: Final = 20_000
SUMMARY_CHARS: Final = 5_000
LONGEST_WAIT_S: Final = 86_400.0
_CUT: Final = " …"
"""Ends what was cut, so that nobody takes it for the whole."""


class Page(msgspec.Struct, frozen=True, array_like=True):
    """A page behind an entry that was not had yet.  Times are seconds since the epoch."""

    native_id: str
    url: str
    lane: Lane
    due: float
    entry: FeedEntry
    """The feed's own words, for when the page cannot be had."""
    tries: int = 0
    changed: bool = False
    """The entry is known and has other words now."""


def after_failed(page: Page, response: Response, now: float, *, last: bool = False) -> Page | None:
    """Return the page to be tried again later; null where trying is over.

    What may pass is tried `RETRY_AFTER_S` apart, not before ``Retry-After``; what is forbidden, gone or no
    page is not tried again, and nothing is where this is the *last* run.
    """
    passes = failure_of(response.result) == "soft" or response.result == "404"
    if last or not passes or page.tries >= len(RETRY_AFTER_S):
        return None
    wait = max(RETRY_AFTER_S[page.tries], min(response.retry_after_s or 0.0, LONGEST_WAIT_S))
    return msgspec.structs.replace(page, tries=page.tries + 1, due=now + wait)


def kept_entry(entry: FeedEntry) -> FeedEntry:
    """Shorten an entry's text to what is kept while its page waits; what was cut ends in an ellipsis."""
    return msgspec.structs.replace(
        entry, content=_cut(entry.content, CONTENT_CHARS), summary=_cut(entry.summary, SUMMARY_CHARS)
    )


def weight(page: Page) -> int:
    """Return about how many bytes a waiting page takes."""
    entry = page.entry
    return 400 + len(page.url) + sum(len(text or "") for text in (entry.title, entry.summary, entry.content))


def _cut(text: str | None, most: int) -> str | None:
    return text if text is None or len(text) <= most else text[:most] + _CUT

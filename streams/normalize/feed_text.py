"""The feed's own text of an entry: what an article is made of where its page could not be had or read."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from schemas.raw_item import RawItem
from schemas.vocabulary import TextBasis
from streams.normalize.clean import clean
from streams.normalize.gate import size_of
from streams.normalize.markup import fragment_text, has_markup

__all__ = ["FeedText", "basis_of", "feed_text"]

_CUT_OFF = re.compile(
    r"(?:…|\.\.\.|\[(?:…|\.\.\.|&hellip;)\]|\b(?:read|see) (?:more|the full (?:story|article))\W*|\bcontinue reading\W*.{0,80}"
    r"|weiterlesen\W*|lire la suite\W*|leer más\W*)\s*$",
    re.IGNORECASE,
)
_FULL: Final = 1_000
"""Size from which text that is not cut off passes for the whole article."""
_FULL_CONTENT: Final = 400
"""The same for what the feed itself calls the content."""


class FeedText(NamedTuple):
    """What a feed says of an entry."""

    text: str
    basis: TextBasis
    raw: str
    """As it stood in the feed."""


def feed_text(item: RawItem) -> FeedText | None:
    """Return the longest text that the feed has of *item*, without markup; null where it has none."""
    entry = item.entry
    candidates = (
        [(entry.content, _FULL_CONTENT), (entry.summary, _FULL)]
        if entry is not None
        else [(item.description, _FULL)]
    )
    best: FeedText | None = None
    for raw, enough in candidates:
        if raw and (text := (fragment_text(raw) if has_markup(raw) else clean(raw).strip())):
            found = FeedText(text, basis_of(text, item.description, enough), raw)
            if best is None or size_of(text) > size_of(best.text):
                best = found
    return best


def basis_of(text: str, summary: str | None, enough: int = _FULL) -> TextBasis:
    """Tell a whole text from a summary: by its size, how it ends, and whether it is the summary given."""
    whole = size_of(text) >= enough and not _CUT_OFF.search(text[-200:]) and text != (summary or "").strip()
    return "feed_full" if whole else "feed_summary"

"""Whether an entry is the article or only points to it."""

from __future__ import annotations

import html
import re
from typing import Final

from connectors.feeds.model import ParsedEntry
from schemas.vocabulary import Follow

__all__ = ["follows", "is_teaser"]

FULL: Final = 1_000
"""Letters from which a summary that does not break off passes for the article (some 170 words)."""
FULL_CONTENT: Final = 400
"""The same for what the feed itself calls the content."""
LOOKED_AT: Final = 20_000
"""Characters looked at: more than that is no teaser, whatever it holds."""
WIDE_WEIGHT: Final = 3
"""Letters of an alphabet that one of a Chinese, Japanese or Korean text stands for."""

_TAG: Final = re.compile(r"<[^<>]*>")
_WIDE: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_BREAKS_OFF: Final = re.compile(
    r"(?:…|\.\.\.|\[(?:…|\.\.\.)\]|\b(?:read|see) (?:more|the full (?:story|article))\W*|\bcontinue reading\b.{0,80}"
    r"|\bthe post .{1,200} (?:appeared first|first appeared) on .{1,100}"
    r"|\bweiterlesen\W*|\blire la suite\W*|\bleer más\W*)\s*$",
    re.IGNORECASE,
)


def follows(entry: ParsedEntry, follow: Follow) -> bool:
    """Return whether the page behind *entry* is fetched."""
    if entry.url is None or follow == "never":
        return False
    return follow == "always" or is_teaser(entry)


def is_teaser(entry: ParsedEntry) -> bool:
    """Return whether an entry carries less than its article."""
    return not (_is_whole(entry.content, FULL_CONTENT) or _is_whole(entry.summary, FULL))


def _is_whole(text: str | None, enough: int) -> bool:
    if not text or len(text) < enough // WIDE_WEIGHT:
        return False
    if len(text) > LOOKED_AT:
        return True
    words = " ".join(html.unescape(_TAG.sub(" ", text)).split())
    size = len(words) + (WIDE_WEIGHT - 1) * len(_WIDE.findall(words))
    return size >= enough and not _BREAKS_OFF.search(words[-400:])

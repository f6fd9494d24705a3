"""The body of a page: trafilatura's extraction, with the settings that its evaluation favours.

No comments (they are others' words), no deduplication (it remembers pages between calls), its own fall-backs
on.  The tree is parsed once and shared with metadata.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from streams.normalize.clean import letters_of
from streams.normalize.page import Page

__all__ = ["Body", "extract_body", "is_mojibake"]


class Body(NamedTuple):
    """What a page says, as extracted."""

    text: str
    flags: tuple[str, ...] = ()
    """repaired: characters that were decoded wrongly before (mojibake) were put right."""


def extract_body(page: Page, url: str | None) -> Body:
    """Extract the body of *page*: one line for each paragraph, heading, list item or table row."""
    from trafilatura import bare_extraction

    document: Any = bare_extraction(
        page.tree,
        url=url,
        include_comments=False,
        include_tables=True,
        deduplicate=False,
        with_metadata=False,
    )
    text = (document.text if document is not None else None) or ""
    return _repaired(_without_headline(text.strip(), page))


def _without_headline(text: str, page: Page) -> str:
    """Drop a first line that is the headline: it is the title's, and copies elsewhere come without it."""
    first, _, rest = text.partition("\n")
    headlines = (page.text_of_first("h1"), page.meta("og:title"), page.structured.text("headline"))
    return rest.lstrip() if letters_of(first) in {letters_of(h) for h in headlines if h} - {""} else text


def is_mojibake(text: str) -> bool:
    """Tell text that was decoded wrongly and encoded again before it came here, by ftfy's measure."""
    if text.isascii():
        return False
    from ftfy.badness import is_bad

    return bool(is_bad(text))


def _repaired(text: str) -> Body:
    """Undo double encoding.  Only of text that is ours already, by extraction; flagged all the same."""
    if not is_mojibake(text):
        return Body(text)
    from ftfy import fix_encoding

    fixed = fix_encoding(text)
    return Body(fixed, ("repaired",)) if fixed != text else Body(text)

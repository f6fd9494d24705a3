"""What a model is given of an article: its headline as a paragraph before its text, the dateline blanked out.

A headline says things of its own ("Mayor denies taking bribes"), and who speaks in it by one name or a role is told
in the text.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from schemas.article import Article
from streams.enrich.dateline import without_dateline
from streams.enrich.layout import model_text

__all__ = ["BREAK", "Given", "given"]

BREAK: Final = "\n\n"
"""What stands between headline and text."""


class Given(NamedTuple):
    """One article's."""

    text: str
    """Headline and text as rules see them, code point by code point."""
    seen: str
    """The same, as the model sees it."""
    shift: int
    """Where the text begins: code points of the headline and the break behind it; 0 without one."""


def given(article: Article) -> Given:
    """Put together what is read of an article; a headline that its text has anyway stands there once."""
    text = model_text(article.text)
    seen = without_dateline(text, article.dateline)
    title = " ".join(model_text(article.title or "").split("\n"))
    if not title.strip() or _opens(text, title):
        return Given(text, seen, 0)
    return Given(f"{title}{BREAK}{text}", f"{title}{BREAK}{seen}", len(title) + len(BREAK))


def _opens(text: str, title: str) -> bool:
    words = title.casefold().split()
    return text[: 2 * len(title) + 200].casefold().split()[: len(words)] == words

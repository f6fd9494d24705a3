"""Spans of an article's fields, cut so that each reproduces its piece of the text exactly."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.base import Span
from schemas.enriched import EnrichedArticle
from schemas.vocabulary import FieldName
from streams.enrich.drafts import Range

__all__ = ["Spans"]


class Spans:
    """Cuts spans out of one article.

    Raises:
        ValueError: an offset lies outside its field, or the model saw a text of another length.

    """

    def __init__(self, article: EnrichedArticle, text: str) -> None:
        """*text* is the article's as the model saw it."""
        if len(text) != len(article.text):
            raise ValueError("the model's text is not as long as the article's")
        self._fields: dict[FieldName, str] = {
            "title": article.title or "",
            "description": article.description or "",
            "text": article.text,
        }

    def cut(self, at: Range, field: FieldName = "text") -> Span:
        """Cut one span."""
        value = self._fields[field]
        if not 0 <= at.start < at.end <= len(value):
            raise ValueError(f"{at} lies outside the {field} of {len(value)} code points")
        return Span(field=field, start=at.start, end=at.end, exact=value[at.start : at.end])

    def cut_all(self, ranges: Sequence[Range]) -> list[Span]:
        """Cut spans of the text."""
        return [self.cut(at) for at in ranges]

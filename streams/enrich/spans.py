"""Spans of an article's fields, cut so that each reproduces its piece of the text exactly."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.base import Span
from schemas.enriched import EnrichedArticle
from schemas.vocabulary import FieldName
from streams.enrich.drafts import Range
from streams.enrich.given import BREAK

__all__ = ["Spans"]


class Spans:
    """Cuts spans out of one article.

    Raises:
        ValueError: an offset lies outside its field, or the model saw a text of another length.

    """

    def __init__(self, article: EnrichedArticle, text: str) -> None:
        """*text* is the article's as the model saw it, perhaps behind its headline: see `streams.enrich.given`."""
        self.shift = len(text) - len(article.text)
        """Where the text begins in what the model saw."""
        if self.shift not in {0, len(article.title or "") + len(BREAK)}:
            raise ValueError("the model's text is not as long as the article's")
        self._fields: dict[FieldName, str] = {
            "title": article.title or "",
            "description": article.description or "",
            "text": article.text,
        }

    def cut(self, at: Range) -> Span:
        """Cut one span of what the model saw; what reaches from the headline into the text is cut to the longer part."""
        return max(self.cut_all([at]), key=lambda span: span.end - span.start)

    def cut_all(self, ranges: Sequence[Range]) -> list[Span]:
        """Cut spans of what the model saw; one that reaches from the headline into the text makes two."""
        return [span for at in ranges for span in self._cut(at)]

    def _cut(self, at: Range) -> list[Span]:
        title = self.shift - len(BREAK) if self.shift else 0
        found = [self.cut_of(Range(at.start, min(at.end, title)), "title")] if at.start < title else []
        if at.end > self.shift or not found:
            found.append(self.cut_of(Range(max(at.start - self.shift, 0), at.end - self.shift), "text"))
        return found

    def cut_of(self, at: Range, field: FieldName) -> Span:
        """Cut one span of a field by the offsets of that field."""
        value = self._fields[field]
        if not 0 <= at.start < at.end <= len(value):
            raise ValueError(f"{at} lies outside the {field} of {len(value)} code points")
        return Span(field=field, start=at.start, end=at.end, exact=value[at.start : at.end])

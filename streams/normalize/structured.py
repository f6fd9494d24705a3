"""What a page says of itself in JSON-LD (schema.org), tolerant of how pages write it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from streams.normalize.markup import line_of

__all__ = ["Structured", "read_structured"]

Node = dict[str, Any]

_MOST_SCRIPT_CHARS: Final = 1_000_000
_MOST_NODES: Final = 2_000
_WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$")

ARTICLE_TYPES: Final = frozenset(
    "Article NewsArticle ReportageNewsArticle AnalysisNewsArticle AskPublicNewsArticle BackgroundNewsArticle"
    " OpinionNewsArticle ReviewNewsArticle AdvertiserContentArticle SatiricalArticle Report LiveBlogPosting"
    " BlogPosting TechArticle ScholarlyArticle MedicalScholarlyArticle SocialMediaPosting Review".split()
)
LISTING_TYPES: Final = frozenset(
    "CollectionPage SearchResultsPage ItemList Blog ProfilePage CategoryCodeSet MediaGallery".split()
)


class Structured:
    """The page's own article node, and the types of all nodes."""

    def __init__(self, nodes: list[Node]) -> None:
        self.types = frozenset(kind for node in nodes for kind in _types(node))
        self._article: Node = next((n for n in nodes if _types(n) & ARTICLE_TYPES), {})
        self.article_types = _types(self._article)

    @property
    def is_article(self) -> bool:
        """Whether the page calls itself an article."""
        return bool(self._article)

    @property
    def is_listing(self) -> bool:
        """Whether the page calls itself a list, and nothing more."""
        return not self._article and bool(self.types & LISTING_TYPES)

    @property
    def is_behind_paywall(self) -> bool:
        """Whether the page says that it can't be read for free."""
        return self._article.get("isAccessibleForFree") in {
            False,
            "False",
            "false",
            "http://schema.org/False",
        }

    def text(self, *names: str) -> str | None:
        """Return the first of the article's properties *names* that is filled, on one line."""
        return next((line for name in names for line in _lines(self._article.get(name))), None)

    def texts(self, *names: str) -> list[str]:
        """Return all values of the article's properties *names*, each on one line."""
        return [line for name in names for line in _lines(self._article.get(name))]

    def names(self, *properties: str) -> list[str]:
        """Return the names of the people or organisations that *properties* of the article hold."""
        return [name for p in properties for name in _names(self._article.get(p))]


def read_structured(scripts: Iterable[str]) -> Structured:
    """Read the JSON-LD of a page; what is no JSON counts for nothing."""
    nodes: list[Node] = []
    for script in scripts:
        if len(script) > _MOST_SCRIPT_CHARS:
            continue
        try:
            # Line ends within strings are frequent and harmless.
            value = json.loads(_WRAPPING.sub("", _WRAPPING.sub("", script)), strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _walk(value):
            nodes.append(node)
            if len(nodes) >= _MOST_NODES:
                return Structured(nodes)
    return Structured(nodes)


def _walk(value: Any) -> Iterator[Node]:
    """Yield the nodes that are about the page itself: the outermost, and what their graph holds."""
    queue = [value]
    while queue:
        value = queue.pop(0)
        if isinstance(value, list):
            queue[:0] = value[:_MOST_NODES]
        elif isinstance(value, dict):
            yield value
            queue[:0] = [
                v
                for k, v in value.items()
                if k in {"@graph", "mainEntity", "mainEntityOfPage", "subjectOf"}
                and isinstance(v, dict | list)
            ]


def _types(node: Node) -> frozenset[str]:
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return frozenset(kind.rpartition("/")[2] for kind in kinds if isinstance(kind, str))


def _lines(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [line for v in values if isinstance(v, str | int | float) if (line := line_of(str(v)))]


def _names(value: Any) -> list[str]:
    found: list[str] = []
    for one in value if isinstance(value, list) else [value]:
        found += _lines(one.get("name") if isinstance(one, dict) else one)
    return found

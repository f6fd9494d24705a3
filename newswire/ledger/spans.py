"""Check that spans reproduce the text: every reader relies on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from schemas.vocabulary import FIELDS

__all__ = ["wrong_spans"]

_SPAN: Final = frozenset({"field", "start", "end", "exact"})


def wrong_spans(article: Mapping[str, Any]) -> Iterator[str]:
    """Yield where an enriched event's data has a span that is not ``field[start:end]``.

    *article* is the event's data as plain dicts and lists.  Offsets count code points.
    """
    fields: dict[str, str] = {name: article.get(name) or "" for name in FIELDS}
    # A stack of its own: how deep an event is nested must not matter.
    left: list[tuple[str, Any]] = [("", article)]
    while left:
        path, node = left.pop()
        if isinstance(node, list):
            left += [(f"{path}[{number}]", part) for number, part in enumerate(node)]
        elif isinstance(node, dict):
            if node.keys() >= _SPAN and not _holds(node, fields):
                yield f"{path} [{node['start']}:{node['end']}] is not {node['exact']!r:.60}"
            left += [(f"{path}.{name}" if path else name, part) for name, part in node.items()]


def _holds(span: Mapping[str, Any], fields: Mapping[str, str]) -> bool:
    start, end, text = span["start"], span["end"], fields.get(span["field"])
    if text is None or not isinstance(start, int) or not isinstance(end, int):
        return False
    return 0 <= start < end <= len(text) and text[start:end] == span["exact"]

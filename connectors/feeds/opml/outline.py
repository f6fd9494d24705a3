"""What one outline says, and what two outlines of one thing say together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from schemas.limits import URL_CHARS

__all__ = ["MOST_ATTRIBUTES", "address_of", "joined", "said", "said_besides"]

MOST_ATTRIBUTES: Final = 50
_FEED_TYPES: Final = frozenset({"rss", "atom", "feed", "rdf", "json", "jsonfeed"})


def address_of(outline: Any) -> str:
    """Return what an outline names as its feed: ``xmlUrl``, or ``url`` where its type is one of feeds."""
    found = said(outline, "xmlUrl")
    if not found and said(outline, "type").lower() in _FEED_TYPES:
        found = said(outline, "url")
    return found


def said(outline: Any, name: str) -> str:
    """Return an attribute, its name in whatever case; empty where there is none."""
    value = outline.get(name)
    if value is None:
        lower = name.lower()
        value = next((other for key, other in outline.attrib.items() if key.lower() == lower), "")
    return str(value).strip()


def said_besides(outline: Any, known: frozenset[str], text: str) -> dict[str, str]:
    """Return what an outline says besides what is *known*: a title that only repeats the text, and the usual
    type of a source, say nothing.
    """
    usual = {("title", ""), ("title", text), ("type", "rss")}
    return {
        name: value
        for name, value in outline.attrib.items()
        if name.lower() not in known and (name.lower(), value.strip()) not in usual
    }


def joined(
    before: Mapping[str, str], again: Mapping[str, str], tell: Callable[[str], None]
) -> dict[str, str]:
    """Add what an outline says *again* to what others of the same thing said *before*: these are believed where
    it contradicts them.  *tell* takes what is not kept, for people.
    """
    kept = dict(before)
    contradicted, beyond = [], 0
    for name, value in again.items():
        if name in kept:
            contradicted += [name[:40]] if kept[name] != value[:URL_CHARS] else []
        elif len(kept) >= MOST_ATTRIBUTES:
            beyond += 1
        else:
            if len(value) > URL_CHARS:
                tell(f"its {name[:40]} is cut after {URL_CHARS:,} characters")
            kept[name] = value[:URL_CHARS]
    if contradicted:
        tell(f"it stands there twice, and its second {', '.join(contradicted)} is left out")
    if beyond:
        tell(f"{beyond:,} attributes beyond {MOST_ATTRIBUTES} are left out")
    return kept

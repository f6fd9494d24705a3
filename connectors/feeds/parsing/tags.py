"""Elements by the one name that all their namespaces come to: ``dc:creator``, ``content:encoded``, ``title``.

The many namespaces of RSS and whatever is unknown but has a familiar local name in none are told apart, so
that a ``media:title`` never passes for a title.
"""

from __future__ import annotations

from typing import Any, Final

__all__ = ["Children", "Element", "children_of", "key_of"]

Element = Any
"""An ``lxml.etree._Element``: lxml has no types."""
Children = dict[str, list[Element]]
"""The children of an element by key, each list in document order."""

_USERLAND: Final = "http://backend.userland.com/rss"
_RSS: Final = (
    "http://blogs.law.harvard.edu/tech/rss",
    "http://cyber.law.harvard.edu/rss",
    "http://purl.org/rss/1.0/",
    "http://purl.org/net/rss1.1#",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://my.netscape.com/publish/formats/rss-0.9.dtd",
    "http://channel.netscape.com/rdf/simple/0.9/",
    "http://example.com/newformat#",
    "http://example.com/necho",
    "http://purl.org/echo/",
    "uri/of/echo/namespace#",
    "http://purl.org/pie/",
    "http://hacks.benhammersley.com/rss/streaming/",
)
_PREFIXES: Final[dict[str, str]] = {
    **dict.fromkeys(_RSS, ""),
    "http://www.w3.org/2005/atom": "atom:",
    "http://purl.org/atom/ns#": "atom:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/elements/1.0/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/rss/1.0/modules/syndication/": "sy:",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner:",
    "http://www.pheedo.com/namespace/pheedo": "pheedo:",
    "http://search.yahoo.com/mrss": "media:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://www.w3.org/1999/xhtml": "xhtml:",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
    "http://web.resource.org/cc/": "cc:",
    "http://backend.userland.com/creativecommonsrssmodule": "cc:",
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "cc:",
}
_KNOWN: Final = frozenset(_PREFIXES.values()) - {""}
_CACHED: Final = 4_096
_keys: dict[str, str] = {}


def key_of(tag: str) -> str:
    """Return the key of an lxml tag, in lower case; that of an unknown namespace begins with ``?:``.

    A prefix that nobody declared counts for what it is usually declared for.
    """
    key = _keys.get(tag)
    if key is None:
        key = _made(tag)
        if len(_keys) < _CACHED:
            _keys[tag] = key
    return key


def _made(tag: str) -> str:
    namespace, brace, name = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
    name = name.lower()
    if brace:
        namespace = namespace.strip().lower()
        if namespace.startswith(_USERLAND):
            return name
        return _PREFIXES.get(namespace, "?:") + name
    prefix, colon, local = name.rpartition(":")
    if not colon:
        return name
    if prefix == "rss":
        return local
    return name if f"{prefix}:" in _KNOWN else f"?:{local}"


def children_of(element: Element, but: tuple[str, ...] = ()) -> Children:
    """Return the element's children by key, without those of the keys in *but*."""
    found: Children = {}
    known = _keys
    for child in element.iterchildren("*"):
        tag = child.tag
        key = known.get(tag) or key_of(tag)
        if key in found:
            found[key].append(child)
        elif key not in but:
            found[key] = [child]
    return found

"""One entry of RSS, RDF or Atom: an item's elements by key, the best of each kind first."""

from __future__ import annotations

from typing import Final

from connectors.feeds.model import ParsedEntry
from connectors.feeds.parsing.tags import Children, Element, children_of
from connectors.feeds.parsing.values import (
    Text,
    absolute,
    as_markup,
    first_text,
    first_word,
    language_of,
    link_in,
    text_of,
)
from schemas.base import Publisher
from schemas.limits import LIST_ITEMS
from schemas.links import registrable_domain

__all__ = ["authors_in", "link_among", "read_entry"]

_TITLE: Final = ("title", "atom:title", "dc:title", "media:title", "itunes:title")
_SUMMARY: Final = (
    "description", "atom:summary", "dc:description", "summary", "dcterms:abstract", "itunes:summary",
    "media:description", "itunes:subtitle",
)  # fmt: skip
_CONTENT: Final = (
    "content:encoded",
    "atom:content",
    "content",
    "xhtml:body",
    "body",
    "xhtml:div",
    "fullitem",
)
_AUTHORS: Final = ("atom:author", "author", "dc:creator", "dc:author")
_PUBLISHED: Final = (
    "pubdate", "atom:published", "atom:issued", "published", "issued", "dcterms:issued", "dc:date",
    "dcterms:created", "atom:created",
)  # fmt: skip
_UPDATED: Final = ("atom:updated", "atom:modified", "updated", "modified", "dcterms:modified")
_RIGHTS: Final = (
    "rights", "atom:rights", "atom:copyright", "copyright", "dc:rights", "dcterms:rights", "media:copyright",
)  # fmt: skip
_TRUE_LINK: Final = ("feedburner:origlink", "pheedo:origlink")
_CATEGORIES: Final = ("category", "atom:category", "dc:subject", "media:category", "itunes:category")
_IANA: Final = "http://www.iana.org/assignments/relation/"
_ABOUT: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


def read_entry(element: Element, url: str) -> ParsedEntry:
    """Read one item or entry of the feed at *url*; its ``native_id`` is empty where it has no id."""
    children = children_of(element)
    own_id, permalink = _identity(element, children)
    summary, content = _first(children, _SUMMARY), _content(children)
    is_text = all(text is None or text.is_text for text in (summary, content))
    return ParsedEntry(
        native_id=own_id or "",
        id_is_own=own_id is not None,
        url=_url(children, permalink, url),
        title=first_text(children, *_TITLE),
        summary=_written(summary, as_text=is_text),
        content=_written(content, as_text=is_text),
        content_is_text=is_text and (summary is not None or content is not None),
        authors=authors_in(children, *_AUTHORS) or authors_in(children, "itunes:author", "media:credit"),
        published=first_word(children, *_PUBLISHED),
        updated=first_word(children, *_UPDATED),
        categories=_categories(children),
        language=language_of(element, children),
        source=_source(children, url),
        rights=first_text(children, *_RIGHTS),
    )


def authors_in(children: Children, *keys: str) -> list[str]:
    """Return authors as they are named: of Atom the name, or else the address."""
    found: dict[str, None] = {}
    for key in keys:
        for element in children.get(key, ())[:LIST_ITEMS]:
            inner = children_of(element) if len(element) else {}
            name = (
                first_text(inner, "atom:name", "name", "atom:email", "email", "atom:uri", "uri", "atom:url")
                if inner
                else text_of(element).value
            )
            if name:
                found[name] = None
    return list(found)


def link_among(elements: list[Element], url: str, *rels: str) -> str | None:
    """Return the first link of a relation, ``alternate`` where none is said: pages before other types."""
    second: str | None = None
    for element in elements:
        rel = (element.get("rel") or "alternate").strip().lower().removeprefix(_IANA)
        if not set(rel.split()) & set(rels):
            continue
        found = link_in(element, element.get("href") or element.text, url)
        if found is None:
            continue
        kind = (element.get("type") or "text/html").lower()
        if "alternate" not in rels or "html" in kind:
            return found
        second = second or found
    return second


def _identity(element: Element, children: Children) -> tuple[str | None, str | None]:
    """Return the id, and where it says that it is also the address, that."""
    for guid in children.get("guid", ()):
        if value := (guid.text or "").strip():
            is_link = (guid.get("isPermaLink") or guid.get("ispermalink") or "true").strip().lower()
            return value, value if is_link != "false" else None
    if value := first_word(children, "atom:id", "id", "dc:identifier", "dcterms:identifier"):
        return value, value
    about = (element.get(_ABOUT) or "").strip()
    return (about, about) if about else (None, None)


def _url(children: Children, permalink: str | None, url: str) -> str | None:
    for key in _TRUE_LINK:
        if found := absolute(first_word(children, key), ""):
            return found
    for link in children.get("link", ()):
        if found := link_in(link, (link.text or "").strip(), url):
            return found
    links = [*children.get("atom:link", ()), *(link for link in children.get("link", ()) if link.get("href"))]
    if found := link_among(links, url, "alternate"):
        return found
    if found := absolute(permalink, ""):
        return found
    if found := link_among(links, url, "canonical", "related"):
        return found
    for content in children.get("atom:content", ()):
        if "html" in (content.get("type") or "html") and (found := link_in(content, content.get("src"), url)):
            return found
    return None


def _first(children: Children, keys: tuple[str, ...]) -> Text | None:
    for key in keys:
        for element in children.get(key, ()):
            text = text_of(element)
            if text.value:
                return text
    return None


def _content(children: Children) -> Text | None:
    """Return the content; of several the longest, since some are the same in other types."""
    for key in _CONTENT:
        if key not in children:
            continue
        texts = [text_of(element) for element in children[key]]
        best = max(texts, key=lambda text: len(text.value), default=None)
        if best is not None and best.value:
            return best
    return None


def _written(text: Text | None, *, as_text: bool) -> str | None:
    if text is None:
        return None
    return text.value if as_text else as_markup(text)


def _categories(children: Children) -> list[str]:
    found: dict[str, None] = {}
    for key in _CATEGORIES:
        for element in children.get(key, ())[:LIST_ITEMS]:
            value = (
                element.get("term") or element.get("label") or element.get("text") or text_of(element).value
            )
            if value and (value := value.strip()):
                found[value] = None
    for key in ("media:keywords", "itunes:keywords"):
        for word in (first_word(children, key) or "").split(",")[:LIST_ITEMS]:
            if word := word.strip():
                found[word] = None
    return list(found)[:LIST_ITEMS]


def _source(children: Children, url: str) -> Publisher | None:
    for element in (*children.get("source", ()), *children.get("atom:source", ())):
        if len(element):
            inner = children_of(element)
            links = inner.get("atom:link", []) + [link for link in inner.get("link", []) if link.get("href")]
            name = first_text(inner, "atom:title", "title")
            where = link_among(links, url, "alternate", "self") or first_text(inner, "atom:id", "id")
        else:
            name = text_of(element).value or None
            where = element.get("url") or element.get("href")
        address = absolute(where, url)
        domain = registrable_domain(address) if address else None
        if name or domain:
            return Publisher(domain=domain, name=name)
    return None

"""A page as parsed: the questions that the rest of normalize asks of its head."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final
from urllib.parse import urljoin

from streams.normalize.clean import one_line, parsable
from streams.normalize.structured import Structured, read_structured

__all__ = ["Page", "parse_page"]

_MOST_ELEMENTS: Final = 2_000
"""Of one kind (meta, link, script) that are looked at."""
_MOST_CONTENT_CHARS: Final = 20_000
_NAME_ATTRIBUTES: Final = ("property", "name", "itemprop", "http-equiv")


class Page:
    """One HTML page.  ``tree`` is lxml's, owned by this page: whoever changes it works on a copy."""

    def __init__(self, tree: Any, url: str | None) -> None:
        self.tree = tree
        self._url = url

    def meta(self, *names: str) -> str | None:
        """Return the content of the first meta element with one of *names*, in the order of the names."""
        return next(iter(self.metas(*names)), None)

    def metas(self, *names: str) -> list[str]:
        """Return the contents of all meta elements with one of *names*, each on one line."""
        return [content for name in names for content in self._metas.get(name, [])]

    def links(self, rel: str) -> list[str]:
        """Return the addresses of the link elements with *rel*, absolute.

        One that is relative to the page's own folder is passed over: no such link was ever meant so.
        """
        hrefs = (href.strip() for href in self._rels.get(rel, []))
        rooted = (href for href in hrefs if href.startswith("/") or "://" in href)
        return [address for href in rooted if (address := self.absolute(href))]

    def absolute(self, href: str) -> str | None:
        """Resolve *href* against the page; null where it can't be."""
        try:
            return urljoin(self._base, href.strip())
        except ValueError:
            return None

    @property
    def language(self) -> str | None:
        """The language that the page declares, unchecked."""
        root = self.tree.getroottree().getroot()
        lang: str | None = root.get("lang") or root.get("xml:lang")
        return lang or self.meta("content-language", "og:locale")

    @cached_property
    def structured(self) -> Structured:
        """The page's JSON-LD."""
        return read_structured(
            element.text
            for element in self._elements("script")
            if "ld+json" in element.get("type", "") and element.text
        )

    @cached_property
    def og_type(self) -> str:
        """The page's Open Graph type, in lower case."""
        return (self.meta("og:type") or "").lower()

    @cached_property
    def title_element(self) -> str | None:
        """The text of the title element."""
        lines = (one_line(str(element.text or "")) for element in self._elements("title"))
        return next(filter(None, lines), None)

    def text_of_first(self, tag: str) -> str | None:
        """Return the text of the first *tag* that has any, on one line."""
        lines = (one_line(str(element.text_content())) for element in self._elements(tag))
        return next(filter(None, lines), None)

    def count(self, tag: str) -> int:
        """Count the elements called *tag*."""
        return sum(1 for _ in self.tree.iter(tag))

    def attributes(self, tag: str, attribute: str, **where: str) -> list[str]:
        """Return *attribute* of each element called *tag* whose other attributes are as *where* says."""
        return [
            value
            for e in self._elements(tag)
            if all(e.get(name) == wanted for name, wanted in where.items()) and (value := e.get(attribute))
        ]

    def _elements(self, tag: str) -> Iterator[Any]:
        for n, element in enumerate(self.tree.iter(tag)):
            if n >= _MOST_ELEMENTS:
                return
            yield element

    @cached_property
    def _base(self) -> str:
        href: str = next((h for e in self._elements("base") if (h := e.get("href"))), "")
        try:
            return urljoin(self._url or "", href)
        except ValueError:
            return self._url or ""

    @cached_property
    def _metas(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for element in self._elements("meta"):
            content = one_line((element.get("content") or "")[:_MOST_CONTENT_CHARS])
            if content:
                names = {(element.get(a) or "").strip().lower() for a in _NAME_ATTRIBUTES}
                for name in names - {""}:
                    found.setdefault(name, []).append(content)
        return found

    @cached_property
    def _rels(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for element in self._elements("link"):
            href = element.get("href")
            if href:
                for rel in (element.get("rel") or "").lower().split():
                    found.setdefault(rel, []).append(href)
        return found


_MOST_INLINE: Final = 10_000
"""Tags of links and other inline elements: twice as many as elements."""
_INLINE: Final = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|cite|del|dfn|em|font|i|ins|kbd|mark|s|samp|small|span|strike|strong|sub|sup|tt|u|var)"
    r"(?:\s[^<>]*)?>",
    re.IGNORECASE,
)
_HUGE_TAG: Final = re.compile(r"<([a-zA-Z][\w:-]*)[^<>]{16384,}>")


def parse_page(html: str, url: str | None) -> Page | None:
    """Parse a page with trafilatura's parser settings; null where there is no element in it.

    A tag of more than 16 KiB loses its attributes: it holds an image, or more attributes than the parser,
    which compares each with all before it, could take.  Links and other inline elements after the first 5,000
    leave their text alone: of one paragraph, trafilatura takes time with the square of their number.
    """
    from trafilatura import load_html

    tree = load_html(_without_too_many(_HUGE_TAG.sub(r"<\1>", parsable(html))))
    return None if tree is None else Page(tree, url)


def _without_too_many(html: str) -> str:
    for number, tag in enumerate(_INLINE.finditer(html), 1):
        if number == _MOST_INLINE:
            return html[: tag.end()] + _INLINE.sub("", html[tag.end() :])
    return html

"""From text to a tree that nothing was read for but the text: no document type, entity, file or address.

What is no XML is repaired once, in one linear pass over the text: characters that XML forbids go, entities
of HTML become their characters, ampersands that begin nothing are escaped.  Sections of CDATA and comments
stay as they are.
"""

from __future__ import annotations

import re
from html.entities import html5
from typing import Any, Final, NamedTuple

from lxml import etree

from connectors.feeds.model import FeedFlag
from connectors.feeds.parsing.tags import Element

__all__ = ["Document", "looks_like_page", "read_document", "recover_document", "without_forbidden"]

_START: Final = re.compile(
    r"<(?:\?xml|!DOCTYPE|!--|(?:\w+:)?(?:rss|feed|rdf|channel|html|entry)\b)", re.IGNORECASE
)
_START_WITHIN: Final = 8_192
_PAGE: Final = re.compile(
    r"(?>\s+|<!--.*?-->|<\?.*?\?>)*+<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_FEED_WITHIN: Final = re.compile(r"<(?:rss|feed|rdf:rdf)\b", re.IGNORECASE)
_DECLARATION: Final = re.compile(r"<\?xml\b[^>]{0,500}\?>", re.IGNORECASE)
_BEFORE_ROOT: Final = re.compile(r"\s+|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_NETSCAPE: Final = re.compile(r"netscape", re.IGNORECASE)
_ENTITY: Final = re.compile(
    r"<!ENTITY\s+(\w{1,40})\s+(?:\"([^\"<&%]{0,40}|&#\w{1,8};)\"|'([^'<&%]{0,40}|&#\w{1,8};)')\s*>"
)
_MOST_ENTITIES: Final = 500
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCES: Final = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|&(?:#(?P<number>x?[0-9a-f]{1,8});|(?P<name>\w{1,40});)?",
    re.IGNORECASE | re.DOTALL,
)
_XML_NAMES: Final = frozenset({"amp", "lt", "gt", "quot", "apos"})
_NO_MEMORY: Final = etree.ErrorTypes.ERR_NO_MEMORY
_NAMESPACES: Final = etree.ErrorDomains.NAMESPACE
_MOST_DOCTYPES: Final = 8


class Document(NamedTuple):
    """A tree, and what had to be done to have it."""

    root: Element | None
    """Null where no repair made XML of it."""
    text: str
    """What it was read from last: without declaration and document type."""
    flags: tuple[FeedFlag, ...]
    netscape: bool = False
    """Its document type is Netscape's: RSS 0.91 of theirs, not UserLand's."""


def without_forbidden(text: str) -> str:
    """Leave out the characters that no XML may hold."""
    return _FORBIDDEN.sub("", text)


def looks_like_page(text: str) -> bool:
    """Tell an HTML page from a feed, also one to which somebody gave HTML's document type."""
    head = text[:_START_WITHIN]
    return _PAGE.match(head) is not None and _FEED_WITHIN.search(head) is None


def read_document(text: str, url: str) -> Document:
    """Read *text*, found at *url*, which relative links and ``xml:base`` are resolved by."""
    flags: list[FeedFlag] = []
    start = _START.search(text, 0, _START_WITHIN)
    if start is not None and text[: start.start()].strip("\ufeff\0 \t\r\n"):
        flags.append("leading_junk")
    text = text[start.start() :] if start is not None else text.lstrip("\ufeff\0 \t\r\n")
    declaration = _DECLARATION.match(text)
    if declaration is not None:
        text = text[declaration.end() :]
    text, doctype = _without_doctypes(text)
    entities = _entities(doctype)
    if doctype:
        flags.append("doctype")
        if entities:
            text = _repaired(text, entities)[0]
    root = _parsed(text, url, _parser(recover=False))
    if root is None:
        text, found = _repaired(text, entities)
        flags += found
        root = _parsed(text, url, _parser(recover=False))
        if root is None:
            flags.append("broken_markup")
            root = _but_for_prefixes(text, url)
    return Document(root, text, tuple(flags), netscape=bool(_NETSCAPE.search(doctype[:300])))


def recover_document(text: str, url: str) -> Element | None:
    """Return what libxml2 makes of text that is no XML; null where that is nothing."""
    return _parsed(text, url, _parser(recover=True))


def _but_for_prefixes(text: str, url: str) -> Element | None:
    """Return the tree of text in which nothing is wrong but prefixes that nobody declared."""
    parser = _parser(recover=True)
    root = _parsed(text, url, parser)
    return root if all(error.domain == _NAMESPACES for error in parser.error_log) else None


def _parsed(text: str, url: str, parser: Any) -> Element | None:
    try:
        root: Element | None = etree.fromstring(text.encode("utf-8", "replace"), parser, base_url=url)
    except etree.XMLSyntaxError as error:
        if error.code == _NO_MEMORY:
            raise MemoryError from error
        return None
    return root


def _parser(*, recover: bool) -> Any:
    return etree.XMLParser(
        encoding="utf-8",
        recover=recover,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
        collect_ids=False,
    )


def _without_doctypes(text: str) -> tuple[str, str]:
    text, first = _without_doctype(text)
    again = first
    for _ in range(_MOST_DOCTYPES):
        if not again:
            break
        text, again = _without_doctype(text)
    return text, first


def _without_doctype(text: str) -> tuple[str, str]:
    """Cut the document type out; what stands before the root beside it goes with it."""
    position = 0
    while (match := _BEFORE_ROOT.match(text, position)) is not None:
        position = match.end()
    if text[position : position + 9].upper() != "<!DOCTYPE":
        return text[position:], ""
    bracket, end = text.find("[", position), text.find(">", position)
    if 0 <= bracket < end:
        # The internal subset ends at "]>"; quotes within it may hold either, which then ends it early, and
        # what is left over is no XML and no document type.
        close = re.compile(r"\]\s*>").search(text, bracket)
        end = close.end() - 1 if close is not None else -1
    if end < 0:
        return text[position:], ""
    return text[end + 1 :].lstrip(), text[position : end + 1]


def _entities(doctype: str) -> dict[str, str]:
    """Return the entities that a document type declares to be a few characters; others are never read."""
    declared: dict[str, str] = {}
    for match in _ENTITY.finditer(doctype):
        value = match[2] or match[3] or ""
        declared[match[1]] = value
        if len(declared) >= _MOST_ENTITIES:
            break
    return declared


def _repaired(text: str, entities: dict[str, str]) -> tuple[str, list[FeedFlag]]:
    flags: list[FeedFlag] = []
    text, controls = _FORBIDDEN.subn("", text)
    if controls:
        flags.append("controls")

    def replaced(match: re.Match[str]) -> str:
        whole = match[0]
        if whole[0] != "&":
            return whole
        if (name := match["name"]) is not None:
            if name in _XML_NAMES:
                return whole
            if name in entities:
                return entities[name]
            if (characters := html5.get(f"{name};")) is not None:
                flags.append("entities")
                return "".join(f"&#{ord(character)};" for character in characters)
        elif (number := match["number"]) is not None:
            code = int(number[1:], 16) if number[0] in "xX" else int(number) if number.isdecimal() else -1
            if code in {9, 10, 13} or 0x20 <= code < 0xD800 or 0xE000 <= code <= 0x10FFFF:
                return whole
            flags.append("controls")
            return ""
        flags.append("ampersands")
        return f"&amp;{whole[1:]}"

    text = _REFERENCES.sub(replaced, text)
    return text, list(dict.fromkeys(flags))

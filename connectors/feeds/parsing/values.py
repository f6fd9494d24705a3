"""Values of elements: texts with their markup, links made absolute, numbers within reason."""

from __future__ import annotations

import base64
import html
import re
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from connectors.feeds.parsing.tags import Children, Element, key_of
from schemas.limits import URL_CHARS

__all__ = [
    "Text",
    "absolute",
    "as_markup",
    "first_text",
    "first_word",
    "language_of",
    "link_in",
    "looks_like_markup",
    "number",
    "text_of",
]

_SPACES_OF_LINKS: Final = re.compile(r"[\t\r\n]+")
_MARKUP: Final = re.compile(
    r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|&(?:#x?[0-9a-f]{1,6}|[a-z]{2,10});", re.IGNORECASE
)
_WEB: Final = ("http", "https")
_PLAINLY_ABSOLUTE: Final = re.compile(r"https?://[a-z0-9.-]+(?:[/?#][^\s\\]*)?", re.IGNORECASE)
_NO_BASE64: Final = ("+xml", "/xml", "html")
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_VOID: Final = frozenset("area base br col embed hr img input link meta source track wbr".split())


class Text(NamedTuple):
    """A text as it stood there."""

    value: str
    is_text: bool = False
    """Declared to be plain text; false for HTML and where nothing is declared."""


def text_of(element: Element) -> Text:
    """Return what an element holds: its text, or with elements in it their markup.

    Of Atom the ``type`` (and ``mode`` of 0.3) say which; plain text that holds markup is markup, whatever
    they say.
    """
    kind, mode = element.get("type"), element.get("mode")
    kind, mode = kind and kind.strip().lower(), mode and mode.strip().lower()
    if len(element):
        if kind == "xhtml" and key_of(element[0].tag) in {"xhtml:div", "div"}:
            element = element[0]  # RFC 4287, 3.1.1.3: the div is no part of it
        return Text(_markup_in(element).strip())
    value = (element.text or "").strip()
    if mode == "base64" or (kind and _is_base64(kind, key_of(element.tag))):
        value = _decoded(value)
    plain = kind in {"text", "text/plain"} if kind else key_of(element.tag).startswith("atom:")
    return Text(value, is_text=plain and not looks_like_markup(value))


def looks_like_markup(text: str) -> bool:
    """Tell whether a text holds tags or references of HTML."""
    return ("<" in text or "&" in text) and _MARKUP.search(text) is not None


def as_markup(text: Text) -> str:
    """Return a text as HTML."""
    return html.escape(text.value, quote=False) if text.is_text else text.value


def first_text(children: Children, *keys: str) -> str | None:
    """Return the first text that is not empty, by keys in order."""
    for key in keys:
        if key in children:
            for element in children[key]:
                if value := text_of(element).value:
                    return value
    return None


def first_word(children: Children, *keys: str) -> str | None:
    """Return the first text that is not empty, by keys in order, of elements without markup: quicker."""
    for key in keys:
        if key in children:
            for element in children[key]:
                if value := (element.text or "").strip():
                    return value
    return None


def language_of(element: Element, children: Children) -> str | None:
    """Return the language that an element declares for itself."""
    declared = first_word(children, "language", "dc:language") or element.get(_LANGUAGE)
    return declared.strip().replace("_", "-") or None if declared else None


def link_in(element: Element, value: str | None, url: str) -> str | None:
    """Return a link of *element*'s, resolved by its ``xml:base`` or else *url*; null where it is none."""
    if not value:
        return None
    found = absolute(value, "")
    if found is None:
        base = element.base
        found = absolute(value, urljoin(url, base) if base and base != url else url)
    return found


def absolute(value: str | None, base: str) -> str | None:
    """Return a web address, absolute, or null where it is none or longer than `URL_CHARS`."""
    value = (value or "").strip()
    if len(value) <= URL_CHARS and _PLAINLY_ABSOLUTE.fullmatch(value):
        return value
    value = _SPACES_OF_LINKS.sub("", value)
    if not value or len(value) > URL_CHARS:
        return None
    try:
        joined = urljoin(base, value) if base else value
        parts = urlsplit(joined)
        good = parts.scheme.lower() in _WEB and parts.hostname and len(parts.netloc.split()) == 1
    except ValueError:
        return None
    return joined if good and len(joined) <= URL_CHARS else None


def number(text: str | None) -> float | None:
    """Read a number that is neither negative nor endless."""
    try:
        value = float((text or "").strip()[:20])
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def _markup_in(element: Element) -> str:
    parts = [html.escape(element.text or "", quote=False)]
    for child in element.iterchildren("*"):
        _write(child, parts)
        parts.append(html.escape(child.tail or "", quote=False))
    return "".join(parts)


def _write(element: Element, parts: list[str]) -> None:
    # Depth is what the parser lets through: 256.
    name = _local(element.tag)
    attributes = "".join(f' {_local(key)}="{html.escape(value)}"' for key, value in element.attrib.items())
    if not len(element) and not element.text and name in _VOID:
        parts.append(f"<{name}{attributes} />")
        return
    parts.append(f"<{name}{attributes}>")
    parts.append(_markup_in(element))
    parts.append(f"</{name}>")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2] if tag.startswith("{") else tag


def _is_base64(kind: str, key: str) -> bool:
    # RFC 4287, 4.1.3.3: content of any other type that is neither text nor XML.
    return (
        "/" in kind
        and key.startswith("atom:")
        and not kind.startswith("text/")
        and not kind.endswith(_NO_BASE64)
    )


def _decoded(value: str) -> str:
    """Return what Base64 holds, or *value* where it is none or holds no text."""
    try:
        return base64.b64decode("".join(value.split()), validate=True).decode().strip()
    except ValueError:  # binascii's and Unicode's errors are ones
        return value

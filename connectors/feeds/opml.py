r"""OPML in and out (opml.org, 2.0): folders become tags, and attributes that nobody knows are kept.

A tag is the path of folders that a source stands in, ``News/Europe``; a slash of a folder's own name is
written ``\/``.  A source that stands in several folders has several tags.  Read by the same XML reader as
feeds: no document type, no entity, no file and no address of it is ever followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from lxml import etree

from connectors.feeds.parsing.charset import decode
from connectors.feeds.parsing.values import absolute
from connectors.feeds.parsing.xml import read_document, recover_document, without_forbidden
from schemas import ids
from schemas.limits import LIST_ITEMS, TITLE_CHARS, URL_CHARS
from schemas.source import SourceDefinition

__all__ = ["OpmlError", "OpmlFile", "OpmlSource", "definition_of", "read_opml", "write_opml"]

_KNOWN: Final = frozenset({"text", "xmlurl", "type", "language"})
_FEED_TYPES: Final = frozenset({"rss", "atom", "feed", "rdf", "json", "jsonfeed"})
_MOST_SOURCES: Final = 500_000
_MOST_ATTRIBUTES: Final = 50
_SEPARATOR: Final = re.compile(r"((?:[^\\/]|\\.)*)(?:/|$)", re.DOTALL)


class OpmlError(Exception):
    """What was given is no OPML; the message says why."""


class OpmlSource(msgspec.Struct, kw_only=True, frozen=True):
    """One source of a file."""

    url: str
    name: str | None = None
    language: str | None = None
    tags: list[str] = []
    attributes: dict[str, str] = {}
    """What else its outline says (``htmlUrl``, ``description``, …); a namespaced name as ``{uri}name``."""


class OpmlFile(msgspec.Struct, kw_only=True, frozen=True):
    """What a file holds."""

    title: str | None = None
    sources: list[OpmlSource] = []
    """Each address once, in the file's order; the tags of its repetitions are joined."""
    skipped: list[tuple[str, str]] = []
    """What of an outline, and why it is no source: for people."""


def read_opml(data: bytes) -> OpmlFile:
    """Read a file.

    Raises:
        OpmlError: it is no OPML.
    """
    document = read_document(decode(data, None).text, "")
    root = document.root if document.root is not None else recover_document(document.text, "")
    if root is None:
        raise OpmlError("it is no XML")
    if etree.QName(root).localname.lower() != "opml":
        raise OpmlError(f"it is XML with the root {etree.QName(root).localname[:40]}, not OPML")
    head = next((child for child in root.iterchildren("*") if _local(child) == "head"), ())
    title = next((child.text for child in head if _local(child) == "title"), None)
    sources: dict[str, OpmlSource] = {}
    skipped: list[tuple[str, str]] = []
    for body in root.iterchildren("*"):
        if _local(body) == "body":
            for outline, path in _outlines(body):
                _take(outline, path, sources, skipped)
    return OpmlFile(title=(title or "").strip() or None, sources=list(sources.values()), skipped=skipped)


def write_opml(sources: Iterable[SourceDefinition | OpmlSource], *, title: str, created: str) -> bytes:
    """Write sources as OPML 2.0 in UTF-8, each under every folder that its tags name; *created* is an
    RFC 822 date.
    """
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = without_forbidden(title)
    etree.SubElement(head, "dateCreated").text = without_forbidden(created)
    body = etree.SubElement(root, "body")
    folders: dict[tuple[str, ...], Any] = {(): body}
    for source in sources:
        for tag in source.tags or [""]:
            outline = etree.SubElement(_folder(_steps(tag), folders), "outline")
            for name, value in _attributes(source).items():
                try:
                    outline.set(name, value)
                except ValueError:
                    continue  # no name of XML: it was not read from a file
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True))


def definition_of(source: OpmlSource, *, now: str, **more: Any) -> SourceDefinition:
    """Make a definition of a feed; *now* is RFC 3339 in UTC, *more* are fields of the operator's."""
    return SourceDefinition(
        source_id=ids.source_id("feed", source.url),
        kind="feed",
        url=source.url,
        added_at=now,
        updated_at=now,
        **{
            "name": source.name,
            "language": source.language,
            "tags": source.tags,
            "attributes": source.attributes,
        }
        | more,
    )


def _local(element: Any) -> str:
    return str(etree.QName(element).localname).lower()


def _outlines(body: Any) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Walk all outlines in the file's order, each with the names of the folders around it."""
    waiting: list[tuple[Any, tuple[str, ...]]] = [
        (child, ()) for child in reversed(list(body.iterchildren("*")))
    ]
    while waiting:
        outline, path = waiting.pop()
        if _local(outline) != "outline":
            continue
        yield outline, path
        if len(outline):
            name = _said(outline, "text") or _said(outline, "title")
            # What is within a source stands where the source does.
            inner = (*path, name[:TITLE_CHARS]) if name and not _address(outline) else path
            waiting += [(child, inner) for child in reversed(list(outline.iterchildren("*")))]


def _take(
    outline: Any, path: tuple[str, ...], sources: dict[str, OpmlSource], skipped: list[tuple[str, str]]
) -> None:
    text = _said(outline, "text") or _said(outline, "title")
    address = _address(outline)
    if not address:
        if not len(outline):
            skipped.append((text[:80] or "an outline without text", "it names no feed (xmlUrl)"))
        return
    url = absolute(address, "")
    if url is None:
        skipped.append((address[:80], "it is no address that begins with http:// or https://"))
        return
    tag = "/".join(step.replace("\\", "\\\\").replace("/", "\\/") for step in path)
    known = sources.get(url)
    if known is not None:
        if tag and tag not in known.tags and len(known.tags) < LIST_ITEMS:
            sources[url] = msgspec.structs.replace(known, tags=[*known.tags, tag])
        return
    if len(sources) >= _MOST_SOURCES:
        skipped.append((address[:80], f"there are more than {_MOST_SOURCES:,} sources"))
        return
    title = _said(outline, "title")
    unknown = {
        name: value[:URL_CHARS]
        for name, value in list(outline.attrib.items())[:_MOST_ATTRIBUTES]
        if name.lower() not in _KNOWN and not (name.lower() == "title" and title in {"", text})
    }
    sources[url] = OpmlSource(
        url=url,
        name=text[:TITLE_CHARS] if text and text != address else None,
        language=_said(outline, "language") or None,
        tags=[tag] if tag else [],
        attributes=unknown,
    )


def _address(outline: Any) -> str:
    """Return what an outline names as its feed: ``xmlUrl``, or ``url`` where its type is one of feeds."""
    found = _said(outline, "xmlUrl")
    if not found and _said(outline, "type").lower() in _FEED_TYPES:
        found = _said(outline, "url")
    return found


def _said(outline: Any, name: str) -> str:
    value = outline.get(name)
    if value is None:
        lower = name.lower()
        value = next((other for key, other in outline.attrib.items() if key.lower() == lower), "")
    return str(value).strip()


def _attributes(source: SourceDefinition | OpmlSource) -> dict[str, str]:
    name = without_forbidden(source.name or source.url)
    written = {"text": name, "title": name, "type": "rss"}
    written |= {key: without_forbidden(value) for key, value in source.attributes.items()}
    written["xmlUrl"] = without_forbidden(source.url)
    if source.language:
        written["language"] = without_forbidden(source.language)
    return written


def _folder(path: tuple[str, ...], folders: dict[tuple[str, ...], Any]) -> Any:
    found = folders.get(path)
    if found is None:
        found = etree.SubElement(_folder(path[:-1], folders), "outline", text=without_forbidden(path[-1]))
        folders[path] = found
    return found


def _steps(tag: str) -> tuple[str, ...]:
    steps = (re.sub(r"\\(.)", r"\1", match[1], flags=re.DOTALL) for match in _SEPARATOR.finditer(tag))
    return tuple(step for step in steps if step.strip())[:100]

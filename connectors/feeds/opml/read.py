"""Reading OPML, by the same XML reader as feeds: no document type, entity, file or address is ever followed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from lxml import etree

from connectors.feeds.opml.model import OpmlError, OpmlFile, OpmlSource, tag_of
from connectors.feeds.parsing.charset import decode
from connectors.feeds.parsing.values import absolute
from connectors.feeds.parsing.xml import read_document, recover_document
from newswire.telemetry.secrets import without_secrets
from schemas.limits import LIST_ITEMS, TITLE_CHARS, URL_CHARS
from schemas.source import Folder

__all__ = ["read_opml"]

_OF_SOURCES: Final = frozenset({"text", "xmlurl", "language"})
_OF_FOLDERS: Final = frozenset({"text"})
_NO_FOLDERS: Final = frozenset({"type", "url", "htmlurl"})
"""An outline without a feed that says one of these is a link or an inclusion, and no empty folder."""
_FEED_TYPES: Final = frozenset({"rss", "atom", "feed", "rdf", "json", "jsonfeed"})
_MOST_SOURCES: Final = 500_000
_MOST_ATTRIBUTES: Final = 50

Path = tuple[str, ...]


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
    reading = _Reading()
    for body in root.iterchildren("*"):
        if _local(body) == "body":
            for outline, path in _outlines(body):
                reading.take(outline, path)
    return OpmlFile(title=(title or "").strip() or None, sources=reading.ended(), skipped=reading.skipped)


class _Reading:
    """What was found so far."""

    def __init__(self) -> None:
        self.skipped: list[tuple[str, str]] = []
        self._sources: dict[str, OpmlSource] = {}
        self._paths: dict[str, list[Path]] = {}
        self._folders: dict[Path, tuple[dict[str, str], str | None]] = {}
        """What each folder says, and the address of the source before it."""
        self._used: set[Path] = set()
        """Folders with a source within."""
        self._last: str | None = None

    def take(self, outline: Any, path: Path) -> None:
        """Take an outline that stands in the folder *path*."""
        text = _said(outline, "text") or _said(outline, "title")
        if address := _address(outline):
            self._source(outline, path, text, address)
        elif text and (len(outline) or not _NO_FOLDERS & {name.lower() for name in outline.attrib}):
            folder = (*path, text[:TITLE_CHARS])
            self._folders.setdefault(folder, (_others(outline, _OF_FOLDERS, text), self._last))
        elif not len(outline):
            self._skip(text or "an outline without text", "it names no feed (xmlUrl)")

    def _source(self, outline: Any, path: Path, text: str, address: str) -> None:
        url = absolute(address, "")
        if url is None:
            self._skip(address, "it is no address that begins with http:// or https://")
            return
        if url not in self._sources and len(self._sources) >= _MOST_SOURCES:
            self._skip(address, f"there are more than {_MOST_SOURCES:,} sources")
            return
        self._last = url
        paths = self._paths.setdefault(url, [])
        if path and path not in paths and len(paths) < LIST_ITEMS:
            paths.append(path)
            self._used.update(path[:length] for length in range(1, len(path) + 1))
        if url not in self._sources:
            self._sources[url] = OpmlSource(
                url=url,
                name=text[:TITLE_CHARS] if text and text != address else None,
                language=_said(outline, "language") or None,
                attributes=_others(outline, _OF_SOURCES, text),
            )

    def _skip(self, what: str, why: str) -> None:
        self.skipped.append((without_secrets(what)[:80], why))

    def ended(self) -> list[OpmlSource]:
        """Return all sources, each with what is to be kept of folders with it."""
        kept: dict[str, list[Folder]] = {url: [] for url in self._sources}
        first = next(iter(kept), None)
        for path, (attributes, before) in self._folders.items():
            if path not in self._used and first is not None:
                kept[before or first].append(Folder(tag=tag_of(path), attributes=attributes))
        sources = []
        for url, source in self._sources.items():
            for path in self._paths[url]:
                for length in range(1, len(path) + 1):
                    attributes, _ = self._folders[path[:length]]
                    if attributes:
                        kept[url].append(Folder(tag=tag_of(path[:length]), attributes=attributes))
            folders = list({folder.tag: folder for folder in kept[url]}.values())
            for folder in folders[LIST_ITEMS:]:
                self._skip(folder.tag, f"more than {LIST_ITEMS} folders stand beside one source")
            tags = [tag_of(path) for path in self._paths[url]]
            sources.append(msgspec.structs.replace(source, tags=tags, folders=folders[:LIST_ITEMS]))
        return sources


def _local(element: Any) -> str:
    return str(etree.QName(element).localname).lower()


def _outlines(body: Any) -> Iterator[tuple[Any, Path]]:
    """Walk all outlines in the file's order, each with the names of the folders around it."""
    waiting: list[tuple[Any, Path]] = [(child, ()) for child in reversed(list(body.iterchildren("*")))]
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


def _others(outline: Any, known: frozenset[str], text: str) -> dict[str, str]:
    """Return what an outline says besides what is *known*: a title that only repeats the text, and the usual
    type of a source, say nothing.
    """
    usual = {("title", ""), ("title", text), ("type", "rss")}
    return {
        name: value[:URL_CHARS]
        for name, value in list(outline.attrib.items())[:_MOST_ATTRIBUTES]
        if name.lower() not in known and (name.lower(), value.strip()) not in usual
    }

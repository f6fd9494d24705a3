"""Reading OPML, by the same XML reader as feeds: no document type, entity, file or address is ever followed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from lxml import etree

from connectors.feeds.opml.model import OpmlError, OpmlFile, OpmlSource, tag_of
from connectors.feeds.opml.outline import address_of, joined, said, said_besides
from connectors.feeds.parsing.charset import decode
from connectors.feeds.parsing.values import absolute
from connectors.feeds.parsing.xml import read_document, recover_document
from newswire.telemetry.secrets import without_secrets
from schemas.limits import LIST_ITEMS, TITLE_CHARS
from schemas.source import Folder

__all__ = ["read_opml"]

_OF_SOURCES: Final = frozenset({"text", "xmlurl", "language"})
_OF_FOLDERS: Final = frozenset({"text"})
_NO_FOLDERS: Final = frozenset({"type", "url", "htmlurl"})
"""An outline without a feed that says one of these is a link or an inclusion, and no empty folder."""
_MOST_SOURCES: Final = 500_000

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
    if document.root is None:
        reading.skipped.append(("the list", "it is no well-formed XML: some of it may be missing"))
    for body in root.iterchildren("*"):
        if _local(body) == "body":
            for outline, path in _outlines(body):
                reading.take(outline, path)
    return OpmlFile(title=(title or "").strip() or None, sources=reading.ended(), skipped=reading.skipped)


class _Reading:
    """What was found so far."""

    def __init__(self) -> None:
        self.skipped: list[tuple[str, str]] = []
        self._sources: dict[str, dict[str, str]] = {}
        """What each says, by address: also its text and language."""
        self._paths: dict[str, list[Path]] = {}
        self._folders: dict[Path, tuple[dict[str, str], str | None]] = {}
        """What each folder says, and the address of the source before it."""
        self._used: set[Path] = set()
        """Folders with a source within."""
        self._last: str | None = None

    def take(self, outline: Any, path: Path) -> None:
        """Take an outline that stands in the folder *path*."""
        text = said(outline, "text") or said(outline, "title")
        if address := address_of(outline):
            self._source(outline, path, text, address)
        elif text and (len(outline) or not _NO_FOLDERS & {name.lower() for name in outline.attrib}):
            self._folder(outline, (*path, text[:TITLE_CHARS]), text)
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
        if path and path not in paths:
            if len(paths) < LIST_ITEMS:
                paths.append(path)
                self._used.update(path[:length] for length in range(1, len(path) + 1))
            else:
                self._skip(address, f"it stands in more than {LIST_ITEMS} folders")
        says = {
            "text": text[:TITLE_CHARS] if text != address else "",
            "language": said(outline, "language"),
        }
        says = {name: value for name, value in says.items() if value}
        says |= said_besides(outline, _OF_SOURCES, text)
        self._sources[url] = joined(self._sources.get(url, {}), says, partial(self._skip, address))

    def _folder(self, outline: Any, path: Path, text: str) -> None:
        before, last = self._folders.get(path, ({}, self._last))
        says = said_besides(outline, _OF_FOLDERS, text)
        self._folders[path] = joined(before, says, partial(self._skip, tag_of(path))), last

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
        for url, says in self._sources.items():
            for path in self._paths[url]:
                for length in range(1, len(path) + 1):
                    attributes, _ = self._folders[path[:length]]
                    if attributes:
                        kept[url].append(Folder(tag=tag_of(path[:length]), attributes=attributes))
            folders = list({folder.tag: folder for folder in kept[url]}.values())
            for folder in folders[LIST_ITEMS:]:
                self._skip(folder.tag, f"more than {LIST_ITEMS} folders stand beside one source")
            tags = [tag_of(path) for path in self._paths[url]]
            sources.append(
                OpmlSource(
                    url=url,
                    name=says.pop("text", None),
                    language=says.pop("language", None),
                    tags=tags,
                    attributes=says,
                    folders=folders[:LIST_ITEMS],
                )
            )
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
            name = said(outline, "text") or said(outline, "title")
            # What is within a source stands where the source does.
            inner = (*path, name[:TITLE_CHARS]) if name and not address_of(outline) else path
            waiting += [(child, inner) for child in reversed(list(outline.iterchildren("*")))]

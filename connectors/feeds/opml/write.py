"""Writing OPML 2.0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lxml import etree

from connectors.feeds.opml.model import OpmlSource, steps_of
from connectors.feeds.parsing.xml import without_forbidden

__all__ = ["write_opml"]

Folders = dict[tuple[str, ...], Any]


def write_opml(
    sources: Iterable[OpmlSource], *, title: str, created: str, prefixes: Mapping[str, str] | None = None
) -> bytes:
    """Write sources in UTF-8, each under every folder that its tags name, and the folders that they keep.

    *created* is an RFC 822 date; *prefixes* are those of namespaces that attributes have, by prefix.
    """
    root = etree.Element("opml", nsmap=dict(prefixes or {}), version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = without_forbidden(title)
    etree.SubElement(head, "dateCreated").text = without_forbidden(created)
    folders: Folders = {(): etree.SubElement(root, "body")}
    for source in sources:
        for tag in source.tags or [""]:
            _set(etree.SubElement(_folder(steps_of(tag), folders), "outline"), _attributes(source))
        for kept in source.folders:
            _set(_folder(steps_of(kept.tag), folders), kept.attributes)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True))


def _folder(path: tuple[str, ...], folders: Folders) -> Any:
    for length in range(1, len(path) + 1):
        if path[:length] not in folders:
            name = without_forbidden(path[length - 1])
            outer = folders[path[: length - 1]]
            folders[path[:length]] = etree.SubElement(outer, "outline", text=name, title=name)
    return folders[path]


def _attributes(source: OpmlSource) -> dict[str, str]:
    name = source.name or source.url
    written = {"text": name, "title": name, "type": "rss"} | source.attributes | {"xmlUrl": source.url}
    return written | ({"language": source.language} if source.language else {})


def _set(outline: Any, attributes: Mapping[str, str]) -> None:
    for name, value in attributes.items():
        try:
            outline.set(name, without_forbidden(value))
        except ValueError:
            continue  # no name of XML: it was not read from a file

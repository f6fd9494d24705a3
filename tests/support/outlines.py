"""Trees of outlines, drawn, written as OPML and read back, to compare what goes in with what comes out."""

from __future__ import annotations

from hypothesis import strategies as st
from lxml import etree

__all__ = ["NAME", "TEXT", "Node", "file_of", "nodes", "outlines_of"]

TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"], exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=30,
)
NAME = TEXT.map(str.strip).filter(bool)
NAMES = st.sampled_from(["News", "World", "AC/DC", "a\\b", "Sport & more", "é"])
SAID = st.dictionaries(
    st.sampled_from(["title", "isOpen", "{urn:x}mode", "description", "created"]), NAME, max_size=3
)
Node = tuple[str, dict[str, str], "list[Node] | None"]
"""Name, attributes, and what stands in a folder; null for a source."""


def nodes(depth: int) -> st.SearchStrategy[list[Node]]:
    """Draw outlines: no two folders of one name in one folder, since those would be one."""
    source = st.tuples(NAME, SAID, st.none())
    folder = st.tuples(NAMES, SAID, nodes(depth - 1)) if depth else st.nothing()
    return st.lists(
        source | folder,
        max_size=4,
        unique_by=lambda node: (node[0], node[2] is None),
    )


def file_of(tree: list[Node]) -> bytes:
    """Write a tree, every source with an address of its own."""
    root = etree.Element("opml", version="2.0")
    waiting = [(etree.SubElement(root, "body"), tree)]
    number = 0
    while waiting:
        within, children = waiting.pop()
        for name, said, inner in children:
            element = etree.SubElement(within, "outline", text=name)
            for key, value in said.items():
                element.set(key, value)
            if inner is None:
                number += 1
                element.set("xmlUrl", f"https://example.org/{number}")
            else:
                waiting.append((element, inner))
    return bytes(etree.tostring(root))


def outlines_of(data: bytes) -> dict[tuple[tuple[str, str], ...], dict[str, str]]:
    """Return all outlines by their way from the top, with what they say: a title that is the text, and the
    type of a source, say nothing.
    """
    body = etree.fromstring(data).find("body")
    assert body is not None
    found = {}
    for element in body.iter("outline"):
        way = [element, *element.iterancestors("outline")]
        said = {str(key): str(value) for key, value in element.attrib.items()}
        if said.get("title") == said["text"]:
            del said["title"]
        if said.get("type") == "rss":
            del said["type"]
        found[tuple((each.get("text", ""), each.get("xmlUrl", "")) for each in reversed(way))] = said
    return found

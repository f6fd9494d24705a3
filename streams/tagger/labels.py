"""What the network says of every word: one head for each question, each with its own list of tags."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

__all__ = [
    "BEGIN",
    "CHAINS",
    "CONTENT",
    "CUE",
    "ENTITY",
    "ENTITY_TYPES",
    "EVENT",
    "HEADS",
    "INSIDE",
    "LAYERS",
    "NESTED",
    "OUTER",
    "OUTSIDE",
    "POINTERS",
    "RESUME",
    "SOURCE",
    "EntityType",
    "Head",
    "Layer",
    "columns",
    "width",
]

EntityType = Literal["person", "organisation", "place"]

OUTSIDE: Final = 0
BEGIN: Final = 1
INSIDE: Final = 2
RESUME: Final = 3
"""Of a content: it goes on here after a gap (“We won,” she said, “at last”)."""
ENTITY_TYPES: Final[tuple[EntityType, ...]] = ("person", "organisation", "place")


class Head(NamedTuple):
    """One question with the tags that answer it; tag 0 is always "nothing here"."""

    name: str
    tags: tuple[str, ...]


class Layer(NamedTuple):
    """The heads of attributions at one depth."""

    content: Head
    cue: Head
    source: Head


CONTENT: Final = Head("content", ("O", "B", "I", "C"))
SOURCE: Final = Head("source", ("O", "B", "I"))
CUE: Final = Head("cue", ("O", "B", "I"))
ENTITY: Final = Head("entity", ("O", *(f"{tag}-{type_}" for type_ in ENTITY_TYPES for tag in "BI")))

EVENT: Final = Head("event", ("O", "B", "I"))
"""Names of events, which may hold other names: the Athens Olympics."""

OUTER: Final = Layer(CONTENT, CUE, SOURCE)
NESTED: Final = Layer(
    Head("nested_content", CONTENT.tags), Head("nested_cue", CUE.tags), Head("nested_source", SOURCE.tags)
)
"""Attributions inside the content of another, the outermost of these."""
LAYERS: Final = (OUTER, NESTED)

HEADS: Final = (CONTENT, SOURCE, CUE, ENTITY, NESTED.content, NESTED.source, NESTED.cue, EVENT)
"""In the order of the network's columns.  A further head goes at the end."""
CHAINS: Final = (CONTENT, NESTED.content)
"""Heads whose tags are a chain with transitions of their own."""
POINTERS: Final = (CUE, SOURCE, NESTED.cue, NESTED.source)
"""What the first word of a content points at, in the order of the network's pointer outputs."""


def columns(heads: tuple[Head, ...] = HEADS) -> dict[str, slice]:
    """Return which columns of the network's tag scores are whose, by the head's name."""
    found: dict[str, slice] = {}
    start = 0
    for head in heads:
        found[head.name] = slice(start, start + len(head.tags))
        start += len(head.tags)
    return found


def width(heads: tuple[Head, ...] = HEADS) -> int:
    """Return how many columns there are in all."""
    return sum(len(head.tags) for head in heads)

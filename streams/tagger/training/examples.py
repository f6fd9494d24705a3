"""Documents as the network learns from them: word pieces with their labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from streams.enrich.drafts import Range
from streams.tagger.labels import BEGIN, ENTITY, EVENT, HEADS, INSIDE, NESTED, OUTER, RESUME, Layer
from streams.tagger.pieces import PieceReader, Pieces
from streams.tagger.training.documents import Attributed, Document, Named

__all__ = ["NOWHERE", "UNKNOWN", "Example", "Pointed", "make_example"]

UNKNOWN: Final = -100
"""The label of what nobody annotated: no loss comes from it."""
NOWHERE: Final = -1
"""Where a content points that has no cue or no source."""
_WORD: Final = re.compile(r"\w")


class Pointed(NamedTuple):
    """One content with what belongs to it, as pieces."""

    layer: Layer
    content: int
    cue: int
    source: int
    """The first piece of each; of cue and source `NOWHERE` if there is none."""


class Example(msgspec.Struct, kw_only=True):
    """One text, labelled piece by piece."""

    pieces: Pieces
    labels: dict[str, list[int]]
    """By the head's name, one tag a piece; only those of pieces that open a word mean something."""
    pointers: list[Pointed]


def make_example(document: Document, reader: PieceReader) -> Example:
    """Label the pieces of one document."""
    pieces = reader.read(document.text)
    labels = {head.name: [UNKNOWN] * len(pieces) for head in HEADS}
    pointers: list[Pointed] = []
    for layer, attributions in ((OUTER, document.attributions), (NESTED, document.nested)):
        if attributions is not None:
            labels |= {head.name: [0] * len(pieces) for head in layer}
            pointers += _attributions(document.text, pieces, attributions, labels, layer)
    if document.names is not None:
        labels[ENTITY.name] = _names(pieces, document.names)
    if document.events is not None:
        labels[EVENT.name] = [0] * len(pieces)
        for at in document.events:
            _write(pieces, [at], labels[EVENT.name])
    return Example(pieces=pieces, labels=labels, pointers=pointers)


def _attributions(
    text: str,
    pieces: Pieces,
    attributions: Sequence[Attributed],
    labels: dict[str, list[int]],
    layer: Layer,
) -> list[Pointed]:
    """Write attributions into *labels*, the outermost where contents overlap; return the pointers."""
    pointers: list[Pointed] = []
    outer_first = sorted(attributions, key=lambda a: (a.content[0].start, -max(c.end for c in a.content)))
    for attribution in outer_first:
        content = [words for at in _merged(text, attribution.content) if (words := pieces.words_in(at))]
        if not content:
            continue
        cue = _write(pieces, attribution.cue, labels[layer.cue.name])
        source = _write(pieces, attribution.source, labels[layer.source.name])
        tags = labels[layer.content.name]
        if any(tags[i] for words in content for i in words):
            continue
        for number, words in enumerate(content):
            for i in words:
                tags[i] = INSIDE
            tags[words[0]] = RESUME if number else BEGIN
        pointers.append(Pointed(layer, content[0][0], cue, source))
    return pointers


def _merged(text: str, ranges: Sequence[Range]) -> list[Range]:
    """Join ranges between which no word stands."""
    merged = [ranges[0]]
    for at in ranges[1:]:
        if _WORD.search(text, merged[-1].end, at.start):
            merged.append(at)
        else:
            merged[-1] = Range(merged[-1].start, max(at.end, merged[-1].end))
    return merged


def _write(pieces: Pieces, ranges: Sequence[Range], tags: list[int]) -> int:
    """Write a cue or a source, as far as it is free; return its first piece or `NOWHERE`."""
    first = NOWHERE
    for at in ranges:
        words = pieces.words_in(at)
        if words and first == NOWHERE:
            first = words[0]
        if words and not any(tags[i] for i in words):
            tags[words[0]] = BEGIN
            for i in words[1:]:
                tags[i] = INSIDE
    return first


def _names(pieces: Pieces, names: Sequence[Named]) -> list[int]:
    tags = [0] * len(pieces)
    for name in names:
        words = pieces.words_in(name.at)
        for i in words:
            tags[i] = ENTITY.tags.index(f"I-{name.type}")
        if words:
            tags[words[0]] = ENTITY.tags.index(f"B-{name.type}")
    return tags

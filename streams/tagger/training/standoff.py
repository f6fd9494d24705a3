"""Texts whose labels this project keeps as offsets: wire and broadcast news of the research data (``seeds/standoff``)
and articles of its own (``seeds/training``), with nested attributions.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from streams.enrich.countries import country_of_demonym
from streams.enrich.drafts import Range
from streams.enrich.layout import model_text
from streams.tagger.labels import EntityType
from streams.tagger.training.documents import Attributed, Document, Named
from streams.tagger.training.texts import labelled_text

__all__ = ["read_standoff"]

_TYPES: Final[dict[str, EntityType]] = {
    "person": "person",
    "organisation": "organisation",
    "place": "place",
}

Offsets = list[tuple[int, int]]


class _Claim(msgspec.Struct):
    content: Offsets = []
    cue: Offsets = []
    source: Offsets = []
    parent: int | None = None


class _Entity(msgspec.Struct):
    type: str
    mentions: Offsets


class _Text(msgspec.Struct):
    file: str
    sha256: str
    record: int | None = None
    claims: list[_Claim] = []
    entities: list[_Entity] = []


def read_standoff(labels: Path, data: Path) -> list[Document]:
    """Read a file of labels, with the texts below *data*.

    Raises:
        FileNotFoundError: the labels or the texts are not there.
        ValueError: a text is another than the one that was labelled.

    """
    lines = labels.read_bytes().splitlines()
    return [_document(msgspec.json.decode(line, type=_Text), data) for line in lines]


def _document(labels: _Text, data: Path) -> Document:
    text = labelled_text(data, labels.file, labels.record, labels.sha256)
    name = f"{labels.file}#{labels.record}" if labels.record is not None else labels.file
    return Document(
        name=name,
        text=model_text(text),
        attributions=_attributed(claim for claim in labels.claims if claim.parent is None),
        nested=_attributed(claim for claim in labels.claims if claim.parent is not None),
        names=tuple(
            Named(Range(*at), type_)
            for entity in labels.entities
            if (type_ := _TYPES.get(entity.type))
            for at in entity.mentions
            # Peoples are told by a table, and are no names of places to other annotators.
            if country_of_demonym(text[slice(*at)]) is None
        ),
        events=tuple(
            Range(*at) for entity in labels.entities if entity.type == "event" for at in entity.mentions
        ),
    )


def _attributed(claims: Iterable[_Claim]) -> tuple[Attributed, ...]:
    """Leave out claims without a content, which a refusal may be."""
    return tuple(
        Attributed(content=_ranges(claim.content), cue=_ranges(claim.cue), source=_ranges(claim.source))
        for claim in claims
        if claim.content
    )


def _ranges(offsets: Offsets) -> tuple[Range, ...]:
    return tuple(sorted(Range(*at) for at in offsets))

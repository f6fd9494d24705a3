"""Attributions inside contents, as a network that knows only outer ones finds them: it reads each content as if it
were a text.

PolNeAR marks outer attributions alone.  What a content says is news language, too, so the network of the first
phase teaches that of the second where others are quoted within.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final, Protocol

import msgspec

from streams.enrich.drafts import Range
from streams.tagger.attributions import Attribution
from streams.tagger.tagger import Tagged
from streams.tagger.training.documents import Attributed, Document

__all__ = ["SURE", "with_nested"]

SURE: Final = 0.5
"""Probability from which a cue and a source are taken from a network that was not asked about such texts."""
SHORTEST: Final = 4
"""Words of the shortest content that is read for another within."""


class Tags(Protocol):
    """What tags texts."""

    def tag(self, text: str) -> Tagged:
        """Tag one text."""


def with_nested(documents: Iterable[Document], tagger: Tags) -> list[Document]:
    """Return the documents with what *tagger* finds inside their contents as nested attributions."""
    return [
        document
        if document.attributions is None
        else msgspec.structs.replace(
            document,
            nested=tuple(
                inner for outer in document.attributions for inner in _within(document.text, outer, tagger)
            ),
        )
        for document in documents
    ]


def _within(text: str, outer: Attributed, tagger: Tags) -> list[Attributed]:
    content = " ".join(text[slice(*part)] for part in outer.content)
    if len(content.split()) < SHORTEST:
        return []
    found = tagger.tag(content).attributions
    return [
        _moved(inner, outer.content) for inner in found if _is_sure(inner) and not _is_all(inner, content)
    ]


def _is_sure(found: Attribution) -> bool:
    return (
        found.cue is not None
        and found.evidence.cue >= SURE
        and (found.source is None or found.evidence.source >= SURE)
    )


def _is_all(found: Attribution, content: str) -> bool:
    return sum(end - start for start, end in found.content) >= len(content)


def _moved(found: Attribution, parts: Sequence[Range]) -> Attributed:
    """Bring what was found in contents joined by blanks back to where the parts stand."""
    starts = [0, *accumulate(part.end - part.start + 1 for part in parts)]

    def moved(at: Range) -> list[Range]:
        """Give what of *at* is of each part."""
        pieces: list[Range] = []
        for part, begin in zip(parts, starts, strict=False):
            start = max(at.start - begin, 0)
            end = min(at.end - begin, part.end - part.start)
            if start < end:
                pieces.append(Range(part.start + start, part.start + end))
        return pieces

    return Attributed(
        content=tuple(piece for at in found.content for piece in moved(at)),
        cue=tuple(moved(found.cue)) if found.cue else (),
        source=tuple(moved(found.source)) if found.source else (),
    )

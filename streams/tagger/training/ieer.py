"""The sample of NIST's IE-ER newswire with names marked, as NLTK has it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from streams.enrich.drafts import Range
from streams.enrich.layout import model_text
from streams.tagger.labels import EntityType
from streams.tagger.training.documents import Document, Named

__all__ = ["held_back", "read_ieer"]

_DOCUMENT: Final = re.compile(r"<DOCNO>\s*(\S+)\s*</DOCNO>.*?<TEXT>(.*?)</TEXT>", re.DOTALL)
_TAG: Final = re.compile(r"<[be]_\w+(?:\s+\w+=\"(\w+)\")?\s*>|</?\w+>")
_TYPES: Final[dict[str, EntityType]] = {
    "PERSON": "person",
    "ORGANIZATION": "organisation",
    "LOCATION": "place",
}


def read_ieer(folder: Path) -> list[Document]:
    """Read all documents, in order of file and place, their wrapped lines joined."""
    found: list[Document] = []
    for path in sorted(folder.glob("[A-Z]*_[0-9]*")):
        for match in _DOCUMENT.finditer(path.read_text("latin-1")):
            text, names = _unmarked(match[2])
            found.append(Document(name=match[1], text=model_text(text), names=names))
    return found


def held_back(documents: list[Document]) -> tuple[list[Document], list[Document]]:
    """Part what is trained on from every third document, which is only scored."""
    return (
        [document for i, document in enumerate(documents) if i % 3 != 2],
        documents[2::3],
    )


def _unmarked(marked: str) -> tuple[str, tuple[Named, ...]]:
    """Take the marks away; where they nest, the outermost name counts."""
    parts: list[str] = []
    names: list[Named] = []
    opened: list[tuple[int, str | None]] = []
    length = at = 0
    for tag in _TAG.finditer(marked):
        parts.append(marked[at : tag.start()])
        length += tag.start() - at
        at = tag.end()
        if tag[0].startswith("<b_"):
            opened.append((length, tag[1]))
        elif tag[0].startswith("<e_") and opened:
            start, kind = opened.pop()
            type_ = _TYPES.get(kind or "")
            if type_ is not None and not opened and start < length:
                names.append(Named(Range(start, length), type_))
    parts.append(marked[at:])
    return "".join(parts), tuple(names)

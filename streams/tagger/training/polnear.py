"""PolNeAR: news articles with attributions, as brat stand-off files."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Final

from streams.enrich.drafts import Range
from streams.tagger.training.documents import Attributed, Document

__all__ = ["read_polnear"]

_NUMBER: Final = re.compile(r"\d+$")


def read_polnear(split: Path) -> list[Document]:
    """Read a split (``text/*.txt``, ``attributions/*.ann``), each text as its first annotator saw it.

    Raises:
        FileNotFoundError: *split* is no such folder.

    """
    if not (split / "attributions").is_dir():
        raise FileNotFoundError(f"{split} has no attributions/: PolNeAR's split is not there")
    first: dict[str, Path] = {}
    for path in sorted((split / "attributions").glob("*.ann")):
        first.setdefault(path.stem.rsplit("_", 1)[0], path)
    return [_document(name, split / "text" / f"{name}.txt", path) for name, path in sorted(first.items())]


def _document(name: str, text: Path, annotations: Path) -> Document:
    return Document(
        name=name,
        text=text.read_bytes().decode("utf-8"),
        attributions=tuple(_attributions(annotations.read_text("utf-8"))),
    )


def _attributions(standoff: str) -> list[Attributed]:
    """Read ``T1<tab>Source 110 112;120 125<tab>…`` and ``E1<tab>Attribution:T4 Content:T3 Cue:T2``."""
    spans: dict[str, list[Range]] = {}
    found: list[Attributed] = []
    for line in standoff.splitlines():
        key, tab, rest = line.partition("\t")
        if not tab:  # A text of several lines, quoted by the line before.
            continue
        value = rest.partition("\t")[0]
        if key.startswith("T"):
            spans[key] = [_range(segment) for segment in value.partition(" ")[2].split(";")]
        elif key.startswith("E"):
            roles: dict[str, list[Range]] = defaultdict(list)
            for pair in value.split():
                role, _, reference = pair.partition(":")
                roles[_NUMBER.sub("", role).lower()].extend(spans.get(reference, ()))
            if roles["content"]:
                content, source, cue = (tuple(sorted(roles[r])) for r in ("content", "source", "cue"))
                found.append(Attributed(content=content, source=source, cue=cue))
    return found


def _range(segment: str) -> Range:
    start, end = segment.split()
    return Range(int(start), int(end))

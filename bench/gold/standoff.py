"""Labels of texts that are not ours: offsets alone, so that not a word of the texts is kept.

    python -m bench.gold.standoff ROOT SELECTION --reader gold --out seeds/standoff/evaluation.jsonl

Each line is one text: where the research data holds it, the hash that tells whether it is still the same text, and
its claims and entities as code points of it.  What a label says in words (an originator, a name) is kept as the
first place where the text says so, and left out where it does not.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from bench.gold.labels import ATTRIBUTES, read_labels
from bench.gold.placing import Placed, PlacedClaim, Span, place
from streams.tagger.training.texts import labelled_text

__all__ = ["StandoffClaim", "StandoffEntity", "StandoffText", "read_standoff", "text_of"]

Offsets = list[tuple[int, int]]
"""Code points, end exclusive, in order."""


class StandoffClaim(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One claim."""

    content: Offsets = []
    cue: Offsets = []
    source: Offsets = []
    parent: int | None = None
    """The claim whose content it stands in, by its place in the list."""
    originator: tuple[int, int] | None = None
    chain: list[Offsets] = []
    """Further sources that are cited."""
    attributes: dict[str, str] = {}
    """By the names of the contract."""


class StandoffEntity(msgspec.Struct, kw_only=True):
    """One entity."""

    type: str
    mentions: Offsets


class StandoffText(msgspec.Struct, kw_only=True):
    """One text and what was read in it."""

    file: str
    """Below the folder of the research data."""
    record: int | None = None
    """Of a file of many: which, from 0."""
    sha256: str
    """Of the text's UTF-8."""
    claims: list[StandoffClaim] = []
    entities: list[StandoffEntity] = []


def read_standoff(file: Path) -> list[StandoffText]:
    """Read a file of labels."""
    return [msgspec.json.decode(line, type=StandoffText) for line in file.read_bytes().splitlines()]


def text_of(labels: StandoffText, data: Path) -> str:
    """Return the text that *labels* are of, out of the folder of the research data.

    Raises:
        FileNotFoundError: the data is not there.
        ValueError: it is another text now.
    """
    return labelled_text(data, labels.file, labels.record, labels.sha256)


def standoff_of(placed: Placed, file: str, record: int | None) -> StandoffText:
    """Keep of placed labels what is no word of the text."""
    numbers = {claim.label.id: number for number, claim in enumerate(placed.claims)}
    return StandoffText(
        file=file,
        record=record,
        sha256=hashlib.sha256(placed.text.encode()).hexdigest(),
        claims=[_claim(claim, placed.text, numbers) for claim in placed.claims],
        entities=[
            StandoffEntity(type=entity.label.type, mentions=[*map(_pair, entity.mentions)])
            for entity in placed.entities
        ],
    )


def _claim(claim: PlacedClaim, text: str, numbers: dict[str, int]) -> StandoffClaim:
    label = claim.label
    cited = [[each.source] if isinstance(each.source, str) else each.source for each in label.chain]
    return StandoffClaim(
        content=[*map(_pair, claim.content)],
        cue=[*map(_pair, claim.cue)],
        source=[*map(_pair, claim.source)],
        parent=numbers.get(label.parent) if label.parent else None,
        originator=_first(label.originator, text),
        chain=[[span for piece in pieces if (span := _first(piece, text))] for pieces in cited],
        attributes={name: getattr(label, name) for name in ATTRIBUTES},
    )


def _pair(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _first(words: str | None, text: str) -> tuple[int, int] | None:
    """Return where the text first says *words*, on one line or over the end of one."""
    found = re.search(r"\s+".join(map(re.escape, words.split())), text) if words else None
    return None if found is None else found.span()


def _lines(root: Path, reader: str, selection: Iterable[dict[str, str]]) -> Iterator[StandoffText]:
    for row in selection:
        labels = root / "labels" / reader / f"{row['id']}.yaml"
        if not labels.exists():
            continue
        text = (root / "articles" / f"{row['id']}.txt").read_bytes().decode("utf-8", "replace")
        given, unread = read_labels(labels, labels.name)
        placed, unplaced = place(given, text, labels.name)
        wrong = [problem for problem in (*unread, *unplaced) if not problem.warning]
        if wrong:
            raise SystemExit("\n".join(map(str, wrong)))
        yield standoff_of(placed, row["file"], int(row["record"]) if row["record"] else None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", type=Path, nargs="+", help="folders with articles/ and labels/READER/")
    parser.add_argument("selection", type=Path, help="tab-separated: id, part, file, record")
    parser.add_argument("--reader", default="gold", help="whose labels")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    options = parser.parse_args()
    with options.selection.open(encoding="utf-8") as table:
        selection: list[dict[str, Any]] = list(csv.DictReader(table, delimiter="\t"))
    texts = [text for root in options.root for text in _lines(root, options.reader, selection)]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(b"".join(msgspec.json.encode(text) + b"\n" for text in texts))
    print(f"{len(texts)} texts, {sum(len(text.claims) for text in texts)} claims")


if __name__ == "__main__":
    main()

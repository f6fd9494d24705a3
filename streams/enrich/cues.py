"""The words that attribute: one row a cue in ``tables/cues.tsv``, what a class of them commits its speaker to in
``tables/cue_classes.tsv``.

A row's empty cells are its class's.  ``when`` says of which use a row is: ``passive`` ("is said to") with nobody
named, ``to`` before an infinitive, ``question`` before "whether", ``quoted`` by a quotation, ``negated``; the row
without is of all others.  ``sure`` cues attribute nearly wherever they stand as a verb.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple, cast

import msgspec

from schemas.vocabulary import Certainty, CueClass, Force, Polarity, Stance
from streams.enrich.inflection import plural_of, verb_forms
from streams.enrich.tables import read_table

__all__ = [
    "CLASSES",
    "CUES",
    "ClassValues",
    "Cue",
    "CueEntry",
    "CueMatch",
    "CueRow",
    "find_cues",
    "read_cues",
]

MAX_GAP: Final = 2
"""Words that may part the words of a verb: "made it quite clear"."""
_ANY: Final = "*"


class Cue(msgspec.Struct, frozen=True):
    """A verb that attributes."""

    lemma: str
    cue_class: CueClass


class ClassValues(msgspec.Struct, frozen=True):
    """What a cue commits to; unmarked is a plain statement."""

    certainty: Certainty = "certain"
    polarity: Polarity = "affirmed"
    stance: Stance = "neutral"
    force: Force = "assertion"
    negated_certainty: Certainty = "uncommitted"
    """Where the cue itself is denied, as *negated_polarity*."""
    negated_polarity: Polarity = "unknown"


class CueRow(msgspec.Struct, frozen=True):
    """One row: a use of a cue."""

    when: str
    cue_class: CueClass
    values: ClassValues


class CueEntry(msgspec.Struct, frozen=True):
    """All rows of one cue as one part of speech."""

    lemma: str
    pos: str
    heads: tuple[str, ...]
    """Forms of its first word."""
    rest: tuple[str, ...]
    """The words after it; ``*`` is any."""
    rows: Mapping[str, CueRow]
    sure: bool


class CueMatch(NamedTuple):
    """Where an entry stands in a list of words: the first and behind the last."""

    start: int
    end: int
    entry: CueEntry


CLASSES: Final[dict[CueClass, ClassValues]] = {
    cast("CueClass", row.pop("class")): msgspec.convert(row, ClassValues) for row in read_table("cue_classes")
}
"""Every class on the closed list."""


@cache
def read_cues() -> tuple[CueEntry, ...]:
    """Return every entry of the table."""
    grouped: defaultdict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in read_table("cues"):
        grouped[row["cue"], row["pos"]].append(row)
    return tuple(_entry(cue, pos, rows) for (cue, pos), rows in grouped.items())


def find_cues(words: Sequence[str]) -> Iterator[CueMatch]:
    """Find the cues in words (lower case), in order; longer ones first where several begin at one word."""
    for start, word in enumerate(words):
        found = [
            CueMatch(start, end, entry)
            for entry in _by_head().get(word, ())
            if (end := _end(words, start + 1, entry)) is not None
        ]
        yield from sorted(found, key=lambda match: start - match.end)


def _entry(cue: str, pos: str, rows: list[dict[str, str]]) -> CueEntry:
    head, *rest = cue.split()
    heads = [head]
    if pos == "verb":
        heads = verb_forms(head, " ".join(row["forms"] for row in rows).strip())
    elif pos == "noun" and not rest:
        heads.append(plural_of(head))
    return CueEntry(
        lemma=cue.replace(_ANY, "one's"),
        pos=pos,
        heads=tuple(dict.fromkeys(heads)),
        rest=tuple(rest),
        rows={row["when"]: _row(row) for row in rows},
        sure=any(row["sure"] == "yes" for row in rows),
    )


def _row(row: dict[str, str]) -> CueRow:
    cue_class = cast("CueClass", row["class"])
    own = {name: row[name] for name in ("certainty", "polarity", "stance", "force") if row[name]}
    return CueRow(
        when=row["when"],
        cue_class=cue_class,
        values=msgspec.structs.replace(CLASSES[cue_class], **own),
    )


@cache
def _by_head() -> Mapping[str, list[CueEntry]]:
    found: defaultdict[str, list[CueEntry]] = defaultdict(list)
    for entry in read_cues():
        for head in entry.heads:
            found[head].append(entry)
    return found


def _end(words: Sequence[str], at: int, entry: CueEntry) -> int | None:
    gap = MAX_GAP if entry.pos == "verb" else 0
    for wanted in entry.rest:
        reach = words[at : at + 1 + gap]
        place = next((i for i, word in enumerate(reach) if wanted in {word, _ANY}), None)
        if place is None:
            return None
        at += place + 1
    return at


CUES: Final[dict[str, Cue]] = {
    form: Cue(entry.lemma, entry.rows[""].cue_class)
    for entry in read_cues()
    if entry.sure
    for form in entry.heads
}
"""Every inflected form of the sure cues, in lower case."""

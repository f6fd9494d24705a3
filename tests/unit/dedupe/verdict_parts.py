"""Rows of the verdict table: what is known, an item, and what is said of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from schemas import Article
from streams.dedupe.dedupe import Dedupe
from tests.unit.dedupe.dedupe_parts import DAY, START, article, prose

SECOND = 1000
TEXT = prose(200)
WIRE = prose(200, seed="wire")
OTHER = prose(200, seed="other")
CHANGED = TEXT.replace(TEXT.split(". ")[3], prose(10, seed="changed").rstrip("."))
"""One sentence of twenty is another: Jaccard is some 0.89."""
MINOR = TEXT.replace(TEXT.split()[100], "mended")
NUMBERED = TEXT.replace(TEXT.split()[100], "57")
NEGATED = TEXT.replace(TEXT.split()[100], "not")
NAMED = TEXT.replace(TEXT.split()[101], "Zelda")
SHORT = prose(20)


class Row(NamedTuple):
    name: str
    before: list[Article]
    item: Article
    verdict: str
    enrich: bool
    number: int
    kind: str | None
    flags: tuple[str, ...] = ()
    reverts_to: int | None = None
    relations: tuple[str, ...] = ()


def copy(text: str, **fields: Any) -> Article:
    """The same text elsewhere."""
    return article(text, url="https://copy.example/b", domain="copy.example", **fields)


def later(text: str = "", by: int = 1, **fields: Any) -> Article:
    return article(text, at=START + by * SECOND, **fields)


def check_verdict(dedupe: Dedupe, row: Row) -> None:
    """The item gets what the row says."""
    for one in row.before:
        dedupe.judge(one, START)
    sighting = dedupe.judge(row.item, START + 10 * SECOND)
    assert (
        sighting.verdict,
        sighting.enrich,
        sighting.revision_number,
        sighting.revision_kind,
        tuple(sighting.flags),
        sighting.reverts_to,
        tuple(relation.kind for relation in sighting.relations),
    ) == (row.verdict, row.enrich, row.number, row.kind, row.flags, row.reverts_to, row.relations)


def check_repetition(dedupe: Dedupe, row: Row) -> None:
    """Not only the item that made a content: every item gets the same again, whatever came between."""
    given = [(one, dedupe.judge(one, START)) for one in (*row.before, row.item)]
    dedupe.judge(later(prose(90, seed="between"), 20), START + 20 * SECOND)
    for one, sighting in given:
        assert dedupe.judge(one, START + DAY) == sighting

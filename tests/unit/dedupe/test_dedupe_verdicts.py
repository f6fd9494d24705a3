"""The verdict table, row by row, and every flag."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from schemas import Article, Sighting
from streams.dedupe.dedupe import Dedupe, DedupeLimits
from tests.unit.dedupe.dedupe_parts import DAY, START, article, prose, time_of

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


@pytest.fixture
def dedupe() -> Iterator[Dedupe]:
    state = Dedupe(DedupeLimits(), None)
    yield state
    state.close()


def copy(text: str, **fields: Any) -> Article:
    """The same text elsewhere."""
    return article(text, url="https://copy.example/b", domain="copy.example", **fields)


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


def later(text: str = "", by: int = 1, **fields: Any) -> Article:
    return article(text, at=START + by * SECOND, **fields)


GONE: dict[str, Any] = {"gone": True, "title": None, "raw": ""}

ROWS = [
    # known: no body, after repeated 404/410
    Row("withdrawn", [article(TEXT)], later(**GONE), "withdrawn", True, 0, "withdrawn"),
    Row(
        "withdrawn, late",
        [later(TEXT, 5)],
        later(**GONE),
        "withdrawn",
        True,
        0,
        "withdrawn",
        ("late",),
    ),
    Row(
        "gone, never known here",
        [],
        later(**GONE),
        "withdrawn",
        True,
        0,
        "withdrawn",
        ("history_unknown",),
    ),
    # known: its latest
    Row(
        "unchanged: its latest",
        [article(TEXT)],
        later(TEXT),
        "unchanged",
        False,
        1,
        None,
        relations=("identical",),
    ),
    Row(
        "unchanged: its latest, from another source and another basis",
        [article(TEXT)],
        later(TEXT, source="two", basis="feed_full", raw="another"),
        "unchanged",
        False,
        1,
        None,
        relations=("identical",),
    ),
    Row("unchanged: a short text", [article(SHORT)], later(SHORT), "unchanged", False, 1, None),
    # known: a known content, shown by another source or on another basis
    Row(
        "unchanged: known from another source",
        [article(TEXT), later(OTHER)],
        later(TEXT, 2, source="two"),
        "unchanged",
        False,
        1,
        None,
        relations=("identical",),
    ),
    Row(
        "unchanged: known on another text basis",
        [article(TEXT, basis="feed_summary"), later(OTHER)],
        later(TEXT, 2, basis="feed_summary"),
        "unchanged",
        False,
        1,
        None,
        relations=("identical",),
    ),
    # known: a known content, fetched earlier than the latest
    Row(
        "unchanged: known and fetched earlier",
        [article(TEXT), later(OTHER, 5)],
        later(TEXT, 2),
        "unchanged",
        False,
        1,
        None,
        relations=("identical",),
    ),
    # known: known, not the latest, fetched later than it, same source and text basis
    Row(
        "reverts",
        [article(TEXT), later(OTHER)],
        later(TEXT, 2),
        "revision",
        True,
        3,
        "substantive",
        reverts_to=1,
        relations=("identical",),
    ),
    Row(
        "reverts: the source had moved on with another",
        [article(TEXT), later(OTHER), later(OTHER, 2, source="two")],
        later(TEXT, 3),
        "revision",
        True,
        3,
        "substantive",
        reverts_to=1,
        relations=("identical",),
    ),
    Row(
        "reverts: back after a withdrawal",
        [article(TEXT), later(**GONE)],
        later(TEXT, 2),
        "revision",
        True,
        2,
        "minor",
        reverts_to=1,
        relations=("identical",),
    ),
    Row(
        "unchanged: another source still has what one withdrew",
        [article(TEXT), later(**GONE)],
        later(TEXT, 2, source="two"),
        "unchanged",
        False,
        1,
        None,
        relations=("identical",),
    ),
    # known: same raw body, or Jaccard of 0.9 with the latest, under another extractor version
    Row(
        "reextracted: same raw body",
        [article(TEXT, raw="body")],
        later(OTHER, raw="body", extractor="trafilatura/2"),
        "reextracted",
        False,
        1,
        "reextracted",
    ),
    Row(
        "reextracted: same raw body as one that is not the latest",
        [article(TEXT, raw="body"), later(OTHER, raw="new")],
        later(MINOR, 0, raw="body", extractor="feed/1"),
        "reextracted",
        False,
        1,
        "reextracted",
        relations=("near_copy",),
    ),
    Row(
        "reextracted: near its latest",
        [article(TEXT)],
        later(MINOR, extractor="trafilatura/2"),
        "reextracted",
        False,
        1,
        "reextracted",
        relations=("near_copy",),
    ),
    Row(
        "unchanged: what was re-extracted is the latest as it was read before",
        [article(TEXT), later(MINOR, extractor="trafilatura/2")],
        later(TEXT, 2),
        "unchanged",
        False,
        1,
        None,
        relations=("identical",),
    ),
    Row(
        "revision: near its latest, but under another extractor altogether",
        [article(TEXT)],
        later(MINOR, extractor="feed/1"),
        "revision",
        True,
        2,
        "minor",
        ("minor",),
        relations=("near_copy",),
    ),
    Row(
        "revision: the extractor that has read the latest reads another",
        [article(TEXT), later(TEXT, extractor="trafilatura/2")],
        later(MINOR, 2, extractor="trafilatura/2"),
        "revision",
        True,
        2,
        "minor",
        ("minor",),
        relations=("near_copy",),
    ),
    # known: exactly another owner's content
    Row(
        "revision: identical to another owner",
        [article(TEXT), copy(WIRE)],
        later(WIRE),
        "revision",
        False,
        2,
        "substantive",
        relations=("identical",),
    ),
    # known: anything else
    Row("revision", [article(TEXT)], later(OTHER), "revision", True, 2, "substantive"),
    Row(
        "revision: most of it as before",
        [article(TEXT)],
        later(CHANGED),
        "revision",
        True,
        2,
        "substantive",
        relations=("near_copy",),
    ),
    Row(
        "revision: its own words under another title",
        [article(TEXT)],
        later(TEXT, title="Another"),
        "revision",
        True,
        2,
        "minor",
        ("minor",),
        relations=("identical",),
    ),
    Row("revision: short", [article(SHORT)], later(prose(21)), "revision", True, 2, "substantive"),
    Row(
        "revision: minor",
        [article(TEXT)],
        later(MINOR),
        "revision",
        True,
        2,
        "minor",
        ("minor",),
        relations=("near_copy",),
    ),
    Row(
        "revision: minor, of a live blog",
        [article(TEXT, form="live_blog")],
        later(MINOR, form="live_blog"),
        "revision",
        False,
        2,
        "minor",
        ("minor",),
        relations=("near_copy",),
    ),
    Row(
        "revision: not minor, of a live blog",
        [article(TEXT, form="live_blog")],
        later(CHANGED, form="live_blog"),
        "revision",
        True,
        2,
        "substantive",
        relations=("near_copy",),
    ),
    *(
        Row(
            f"revision: not minor, for a {what}",
            [article(TEXT)],
            later(text),
            "revision",
            True,
            2,
            "substantive",
            relations=("near_copy",),
        )
        for what, text in (("number", NUMBERED), ("negation", NEGATED), ("name", NAMED))
    ),
    Row(
        "revision: late",
        [later(TEXT, 5)],
        later(OTHER, 2),
        "revision",
        True,
        2,
        "substantive",
        ("late",),
    ),
    Row(
        "revision: completed",
        [article(SHORT, basis="feed_summary")],
        later(TEXT),
        "revision",
        True,
        2,
        "completed",
        ("completed",),
    ),
    Row(
        "revision: completed, a long teaser headed otherwise",
        [article(WIRE, basis="feed_summary")],
        later(TEXT, title="Another"),
        "revision",
        True,
        2,
        "completed",
        ("completed",),
    ),
    Row(
        "revision: the teaser's page has what it had",
        [article(prose(60), basis="feed_summary")],
        later(prose(60) + " " + OTHER),
        "revision",
        True,
        2,
        "completed",
        ("completed",),
        relations=("contains",),
    ),
    Row(
        "revision: cut down",
        [article(prose(60) + " " + OTHER)],
        later(prose(60)),
        "revision",
        True,
        2,
        "substantive",
        relations=("excerpt_of",),
    ),
    Row(
        "revision: identity conflict",
        [article(TEXT)],
        later(OTHER, title="Another"),
        "revision",
        True,
        2,
        "substantive",
        ("identity_conflict",),
    ),
    Row(
        "revision: correction",
        [article(TEXT)],
        later(TEXT + " Correction: Bakuwe was never mayor.", notice="Correction: Bakuwe was never mayor."),
        "revision",
        True,
        2,
        "correction",
        relations=("near_copy",),
    ),
    Row(
        "revision: a correction that was there before",
        [article(TEXT + " Correction: Bakuwe was never mayor.")],
        later(MINOR + " Correction: Bakuwe was never mayor.", notice="Correction: Bakuwe was never mayor."),
        "revision",
        True,
        2,
        "minor",
        ("minor",),
        relations=("near_copy",),
    ),
    # not known: exactly an owner's content
    Row("duplicate", [article(TEXT)], copy(TEXT), "duplicate", False, 1, "first", relations=("identical",)),
    # not known: near an owner's content
    Row(
        "near_duplicate: nothing new in it",
        [article(TEXT)],
        copy(" ".join(TEXT.split()[:-20])),
        "near_duplicate",
        False,
        1,
        "first",
        relations=("near_copy",),
    ),
    *(
        Row(
            f"near_duplicate: another {what}",
            [article(TEXT)],
            copy(text),
            "near_duplicate",
            True,
            1,
            "first",
            relations=("near_copy",),
        )
        for what, text in (
            ("number", NUMBERED),
            ("negation", NEGATED),
            ("name", NAMED),
            ("sentence", CHANGED),
        )
    ),
    # not known: none of these
    Row("new", [article(TEXT)], copy(OTHER), "new", True, 1, "first"),
    Row("new: a short text is no copy", [article(SHORT)], copy(SHORT), "new", True, 1, "first"),
    Row(
        "history_unknown: published before the window",
        [],
        article(TEXT, published=time_of(START - 31 * DAY)),
        "new",
        True,
        1,
        "first",
        ("history_unknown",),
    ),
    Row(
        "history_unknown: fetched before the window",
        [],
        article(TEXT, at=START - 31 * DAY),
        "new",
        True,
        1,
        "first",
        ("history_unknown",),
    ),
    Row(
        "new: published within the window",
        [],
        article(TEXT, published=time_of(START - 29 * DAY)),
        "new",
        True,
        1,
        "first",
    ),
    Row(
        "alias: a teaser and its page are one article",
        [article(SHORT, url="https://example.org/link", basis="feed_summary")],
        later(TEXT, link="https://example.org/link"),
        "revision",
        True,
        2,
        "completed",
        ("completed", "alias"),
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_row(dedupe: Dedupe, row: Row) -> None:
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


def test_every_flag_is_in_the_table() -> None:
    from streams.dedupe.judge import FLAGS

    assert {flag for row in ROWS for flag in row.flags} == set(FLAGS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_repeated_whatever_came_between(dedupe: Dedupe, row: Row) -> None:
    """Not only the item that made a content: every item gets the same again."""
    given = [(one, dedupe.judge(one, START)) for one in (*row.before, row.item)]
    dedupe.judge(later(prose(90, seed="between"), 20), START + 20 * SECOND)
    for one, sighting in given:
        assert dedupe.judge(one, START + DAY) == sighting


def judged(dedupe: Dedupe, *items: Article) -> list[Sighting]:
    return [dedupe.judge(item, START + i * SECOND) for i, item in enumerate(items)]

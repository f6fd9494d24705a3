"""The verdict table, row by row: what of a known article was seen before, or is another reading of it."""

from __future__ import annotations

from typing import Any

import pytest

from streams.dedupe.dedupe import Dedupe
from tests.unit.dedupe.dedupe_parts import article
from tests.unit.dedupe.verdict_parts import (
    MINOR,
    OTHER,
    SHORT,
    TEXT,
    WIRE,
    Row,
    check_repetition,
    check_verdict,
    copy,
    later,
)

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
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_verdict(dedupe: Dedupe, row: Row) -> None:
    check_verdict(dedupe, row)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_repeated_whatever_came_between(dedupe: Dedupe, row: Row) -> None:
    check_repetition(dedupe, row)

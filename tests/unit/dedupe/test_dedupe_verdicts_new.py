"""The verdict table, row by row: revisions of known articles, and articles not known; and every flag."""

from __future__ import annotations

import pytest

from streams.dedupe.dedupe import Dedupe
from tests.unit.dedupe.dedupe_parts import DAY, START, article, prose, time_of
from tests.unit.dedupe.test_dedupe_verdicts_known import ROWS as KNOWN
from tests.unit.dedupe.verdict_parts import (
    CHANGED,
    MINOR,
    NAMED,
    NEGATED,
    NUMBERED,
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

ROWS = [
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
def test_verdict(dedupe: Dedupe, row: Row) -> None:
    check_verdict(dedupe, row)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_repeated_whatever_came_between(dedupe: Dedupe, row: Row) -> None:
    check_repetition(dedupe, row)


def test_every_flag_is_in_the_table() -> None:
    from streams.dedupe.judge import FLAGS

    assert {flag for row in (*KNOWN, *ROWS) for flag in row.flags} == set(FLAGS)

"""Every feed of the shared research data, and what its makers expect of it.

What does not agree, and why:

- feedparser cleans HTML and makes links within texts absolute; ours are as the feed gave them.  Its own
  cleaning is laid over ours before they are compared a second time.
- ``OURS_DIFFER`` names the rest, by file.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.feeds.model import FeedError
from connectors.feeds.parsing.read import parse_bytes
from tests.support.feed_expectations import expectations, gofeed_facts, gofeed_pairs
from tests.support.require import require_shared

pytestmark = pytest.mark.shared

OURS_DIFFER = {
    "a type of text/plain is no fault of the feed": ("encoding/bozo_http_text_plain",),
    "C1 controls stay for normalize, which repairs and flags them": ("encoding/demoronize",),
    "⟨ and ⟩ by HTML 5, not by HTML 4": ("entities/lang", "entities/rang"),
    "text within an attribute of markup": ("wellformed/amp/attr0",),
    "an author's name without the address": ("author_map_author.xml",),
    "the same entry twice is one entry": (
        "no_href_link_priority", "entry_link_rel_enclosure_no_href", "node_precedence/",
    ),
    "links within texts are left relative, and xml:base is gone": (
        "relative_uri", "rel_uri_with_unicode_character", "acceptable_attribute_poster",
    ),
    "ids are left as they are": ("http_entry_id_base",),
    "XHTML whose text is escaped markup stays text": ("entry_content_div_escaped_markup",),
    "CDF of 1997 is read where it has items": ("wellformed/cdf/channel",),
    "categories within others": ("itunes_item_category_nested",),
    "Content-Language is the fetcher's": ("http_content_language",),
    "MathML and SVG lose their namespaces": ("namespace/atommathml", "namespace/atomxlink"),
    "empty is missing": ("channel_description_shorttag",),
    "of summary and description one counts": ("item_description_and_summary", "item_summary_and_description"),
    "elements that no specification knows": ("item_madeup_tags_element",),
    "a document type within a text is text": ("item_description_not_a_doctype",),
}  # fmt: skip
AGREEING_SHARE = 0.97
"""Of feedparser's expectations over fields that we carry."""
GOFEED_SHARE = 0.82
"""Of gofeed's facts that we carry; nearly all others are links within texts that it makes absolute."""


def end_of(data: bytes) -> str:
    try:
        return "feed" if parse_bytes(data, url="https://example.org/feed") else ""
    except FeedError as error:
        return error.reason


def all_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", ["feeds/feedparser", "feeds/gofeed"])
def test_every_file_ends_as_a_feed_or_a_reason(name: str, capsys: pytest.CaptureFixture[str]):
    ends = [end_of(path.read_bytes()) for path in all_files(require_shared(name))]
    feeds, reasons = ends.count("feed"), len(ends) - ends.count("feed")
    assert set(ends) <= {"feed", "not_a_feed", "broken", "empty"}
    with capsys.disabled():
        print(f"\n{name}: {feeds:,} feeds, {reasons:,} reasons")
    assert feeds > reasons


def test_feedparsers_expectations(capsys: pytest.CaptureFixture[str]):
    every = list(expectations(require_shared("feeds/feedparser")))
    carried = [expected for expected in every if expected.is_carried]
    as_they_came = cleaned = 0
    unexplained = []
    for expected in carried:
        feed = expected.parse()
        if expected.holds(feed):
            as_they_came += 1
        elif expected.holds(feed, sanitised=True):
            cleaned += 1
        elif not any(part in expected.name for parts in OURS_DIFFER.values() for part in parts):
            unexplained.append(expected.name)
    agreeing = as_they_came + cleaned
    with capsys.disabled():
        print(
            f"\nfeedparser: {len(every):,} feeds expect something, {len(carried):,} of them only what we carry; "
            f"{agreeing:,} agree ({agreeing / len(carried):.1%}), "
            f"{cleaned:,} of these after feedparser's own cleaning"
        )
    assert unexplained == []
    assert agreeing / len(carried) >= AGREEING_SHARE
    assert len(every) >= 2_091


def test_gofeeds_expectations(capsys: pytest.CaptureFixture[str]):
    total = agreeing = 0
    for name, data, expected in gofeed_pairs(require_shared("feeds/gofeed")):
        feed = parse_bytes(data, url="http://example.org/feed")
        for field, theirs, ours in gofeed_facts(expected, feed):
            total += 1
            agreeing += str(theirs).strip() == str(ours).strip()
            assert field, name
    with capsys.disabled():
        print(f"\ngofeed: {agreeing} of {total} facts agree ({agreeing / total:.1%})")
    assert agreeing / total >= GOFEED_SHARE

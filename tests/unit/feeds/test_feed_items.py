"""From entries to items, and what normalize makes of them."""

from __future__ import annotations

import msgspec
import pytest

from connectors.feeds.entries import Seen, entry_of, feed_item, fetch_of, lane_of, page_item, unfetched_item
from connectors.feeds.model import ParsedEntry, ParsedFeed
from connectors.web.message import Response
from schemas.article import Article
from schemas.base import Publisher, Rights
from schemas.raw_item import FeedEntry, Fetch
from streams.normalize.normalize import Rejection, normalize
from tests.support.polling import definition

NOW = 1_795_521_600.0  # 2026-11-24, noon
SOURCE = definition(
    "https://news.example.org/feed",
    language="en",
    publisher=Publisher(domain="example.org", name="Example News"),
)
WORDS = "The council of Eastmouth met on Monday to decide on the harbour, its mayor told reporters. "
ENTRY = ParsedEntry(
    native_id="tag:1",
    id_is_own=True,
    url="https://news.example.org/harbour",
    title="Harbour <b>closed</b>",
    summary="<p>A short one.</p>",
    content=f"<p>{WORDS * 20}</p>",
    authors=["Ann Lee"],
    published="Tue, 24 Nov 2026 09:00:00 GMT",
    updated="2026-11-24T10:00:00Z",
    categories=["harbours"],
)
FEED = ParsedFeed(format="rss", version="rss20", language="en-GB", copyright="© Example", entries=[ENTRY])
PAGE = f"<html><head><title>Harbour closed</title></head><body><article><h1>Harbour closed</h1><p>{WORDS * 20}</p></article></body></html>"


def of_feed(entry: ParsedEntry = ENTRY, **facts: object):
    return feed_item(
        entry,
        FEED,
        SOURCE,
        source_id=SOURCE.source_id,
        fetched_at="2026-11-24T12:00:00.000000Z",
        lane="live",
        rights=None,
    )


def seen(entry: ParsedEntry = ENTRY) -> Seen:
    return Seen(
        source_id=SOURCE.source_id,
        native_id=entry.native_id,
        url=entry.url or "",
        fetched_at="2026-11-24T12:00:00.000000Z",
        lane="live",
        entry=entry_of(entry, FEED, SOURCE.url),
    )


def page(result: str = "ok", **facts: object) -> Response:
    status = int(result) if result.isdigit() else 200 if result == "ok" else None
    return Response(
        result=result,
        requested_url=ENTRY.url or "",
        final_url=ENTRY.url or "",
        status=status,
        body=PAGE.encode() if result == "ok" else b"",
        media_type="text/html",
        charset="utf-8",
        headers={"set-cookie": "secret=1", "last-modified": "Tue, 24 Nov 2026 09:30:00 GMT"},
        **facts,  # type: ignore[arg-type]
    )


def test_an_entry_without_its_page_is_an_article_of_the_feeds_text():
    item = of_feed()
    assert (item.native_id, item.url, item.entry, item.fetch) == ("tag:1", ENTRY.url, None, None)
    assert item.rights == Rights(copyright="© Example")
    article = normalize(item)
    assert isinstance(article, Article)
    assert (article.title, article.text_basis, article.bylines) == (
        "Harbour closed",
        "feed_full",
        ["Ann Lee"],
    )
    assert article.text == (WORDS * 20).strip()
    assert article.description == "A short one."
    assert article.publisher.name == "Example News"
    assert article.published_at.value == "2026-11-24T09:00:00Z"
    assert article.modified_at.value == "2026-11-24T10:00:00Z"
    assert "harbours" in article.subjects


def test_a_summary_alone_is_a_summary():
    article = normalize(of_feed(msgspec.structs.replace(ENTRY, content=None, summary=WORDS * 3)))
    assert isinstance(article, Article)
    assert (article.text_basis, article.text) == ("feed_summary", (WORDS * 3).strip())


def test_an_entry_without_any_text_ends_as_a_rejection():
    rejected = normalize(of_feed(msgspec.structs.replace(ENTRY, content=None, summary=None)))
    assert isinstance(rejected, Rejection)
    assert rejected.reason == "empty"


def test_a_page_is_an_article_of_the_page_and_keeps_what_the_feed_said():
    item = page_item(seen(), page(rights=Rights(robots_allowed=True)), SOURCE)
    assert item.entry is not None
    assert (item.entry.title, item.entry.feed_url) == (ENTRY.title, SOURCE.url)
    assert item.fetch is not None
    assert (item.fetch.result, item.fetch.failures) == ("ok", 0)
    assert "set-cookie" not in item.fetch.headers
    article = normalize(item)
    assert isinstance(article, Article)
    assert (article.text_basis, article.title) == ("page", "Harbour closed")
    assert article.rights is not None
    assert article.rights.robots_allowed


@pytest.mark.parametrize("result", ["403", "404", "robots", "timeout", "too_many", "refused_address"])
def test_a_page_that_was_not_had_gives_the_feeds_text_or_the_reason(result):
    article = normalize(unfetched_item(seen(), fetch_of(page(result)), SOURCE))
    assert isinstance(article, Article)
    assert article.text_basis == "feed_full"
    bare = msgspec.structs.replace(ENTRY, content=None, summary=None)
    rejected = normalize(unfetched_item(seen(bare), Fetch(result=result), SOURCE))
    assert isinstance(rejected, Rejection)
    assert rejected.reason == f"unfetched:{result}"


def test_a_page_that_was_had_and_is_gone_twice_in_a_row_is_withdrawn():
    gone = msgspec.structs.replace(seen(), entry=FeedEntry(title="Harbour closed"))
    article = normalize(unfetched_item(gone, fetch_of(page("410"), failures=2), SOURCE))
    assert isinstance(article, Article)
    assert article.gone
    assert article.text == ""


def test_the_feed_may_name_another_publisher_for_an_entry():
    agency = Publisher(domain="agency.example", name="Agency")
    entry = msgspec.structs.replace(ENTRY, source=agency)
    assert of_feed(entry).publisher == agency
    assert page_item(seen(entry), page(), SOURCE).publisher == agency


@pytest.mark.parametrize(
    ("published", "first", "lane"),
    [
        ("Tue, 24 Nov 2026 09:00:00 GMT", False, "live"),
        (None, False, "live"),
        ("2026-11-24T08:00:00Z", True, "live"),
        ("Tue, 24 Nov 2026 09:00:00 +0100", True, "live"),
        ("2026-11-23T05:59:00Z", True, "backfill"),
        ("2026-11-24T06:30:00Z", True, "live"),
        ("2027-01-01", True, "backfill"),
        ("yesterday", True, "backfill"),
        ("", True, "backfill"),
        (None, True, "backfill"),
        ("0001-01-01T00:00:00Z", True, "backfill"),
        ("9" * 500, True, "backfill"),
    ],
)
def test_a_first_window_is_history_but_for_what_is_dated_within_a_day(published, first, lane):
    assert lane_of(published, SOURCE, first=first, now=NOW) == lane


def test_a_source_of_history_is_history():
    source = msgspec.structs.replace(SOURCE, lane="backfill")
    assert lane_of("2026-11-24T08:00:00Z", source, first=False, now=NOW) == "backfill"


def test_how_the_operator_is_let_in_is_not_in_the_item():
    private = definition("https://news.example.org/feed?api_key=CANARY")
    words = entry_of(ENTRY, FEED, private.url)
    item = unfetched_item(msgspec.structs.replace(seen(), entry=words), Fetch(result="403"), private, None)
    assert item.entry is not None
    assert item.entry.feed_url == "https://news.example.org/feed?api_key=***"
    assert b"CANARY" not in msgspec.json.encode(item)

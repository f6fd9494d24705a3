"""The feeds that a page names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.feeds.discovery import discover_feeds

URL = "https://example.org/news/"


def urls(page: str) -> list[str]:
    return [link.url for link in discover_feeds(page, URL)]


@pytest.mark.parametrize(
    ("element", "found"),
    [
        ('<link rel="alternate" type="application/rss+xml" href="/rss">', "https://example.org/rss"),
        ("<LINK HREF=atom.xml REL='Alternate' TYPE='application/atom+xml; charset=utf-8'>", f"{URL}atom.xml"),
        ('<link rel="feed" href="//feeds.example/x">', "https://feeds.example/x"),
        ('<link rel="alternate home" type="application/feed+json" href="?feed=json">', f"{URL}?feed=json"),
        ('<link rel="alternate" type="application/json" href="/feed.json">', "https://example.org/feed.json"),
        ('<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">', None),
        ('<link rel="alternate" type="text/html" hreflang="de" href="/de/feed">', None),
        ('<link rel="alternate stylesheet" type="application/rss+xml" href="/x.css">', None),
        ('<link rel="alternate" type="application/rss+xml" href="javascript:x">', None),
        ('<link rel="alternate" type="application/rss+xml" href="file:///etc/passwd">', None),
        ('<link rel="alternate" type="application/rss+xml" href="http://[">', None),
        ('<link rel="alternate" type="application/rss+xml">', None),
        ('<a href="/sport/rss.xml">RSS</a>', "https://example.org/sport/rss.xml"),
        ('<a href="feed:https://example.org/f">RSS</a>', "https://example.org/f"),
        ('<a href="/about/feedback">Tell us</a>', None),
        ('<a href="/breakfast/atomic">no</a>', None),
    ],
)
def test_what_names_a_feed(element: str, found: str | None):
    assert urls(f"<html><head>{element}</head><p>Hi") == ([found] if found else [])


def test_advertised_come_first_and_those_of_comments_last():
    page = (
        "<a href='/a/rss'>a</a>"
        "<link rel=alternate type=application/rss+xml title='Comments' href='/comments/feed/'>"
        "<link rel=alternate type=application/rss+xml title='All' href='/feed/'>"
        "<a href='/feed/'>again</a>"
    )
    found = discover_feeds(page, URL)
    assert [(link.url, link.how, link.title) for link in found] == [
        ("https://example.org/feed/", "advertised", "All"),
        ("https://example.org/comments/feed/", "advertised", "Comments"),
        ("https://example.org/a/rss", "linked", None),
    ]


def test_the_first_base_counts():
    page = (
        '<base href="https://other.example/x/"><base href="https://third.example/"><link rel=feed href="f">'
    )
    assert urls(page) == ["https://other.example/x/f"]
    assert urls('<base href="javascript:x"><link rel=feed href="f">') == [f"{URL}f"]


def test_what_is_commented_out_or_in_a_script_is_not_there():
    link = '<link rel=alternate type=application/rss+xml href="/f">'
    assert urls(f"<!-- {link} --><script>document.write('{link}')</script><p>") == []


def test_at_most_twenty():
    page = "".join(f'<link rel=alternate type=application/rss+xml href="/{n}">' for n in range(5_000))
    assert urls(page) == [f"https://example.org/{n}" for n in range(20)]


PIECES = st.sampled_from(
    ["<link rel=alternate type=application/rss+xml href='", "'>", "<base href='", "/feed", "//[", "<a href=/rss>", "<!--",
     "-->", "<script>", "\0", "\ud800", "é", "<", '"', "<html>", "</", "<link rel=feed href=", " ", "javascript:"]
)  # fmt: skip


@given(
    st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=200),
    st.sampled_from([URL, "", "http://[", "x"]),
)
def test_whatever_a_page_holds(page: str, url: str):
    found = discover_feeds(page, url)
    assert len(found) <= 20
    assert all(link.url.lower().startswith(("http://", "https://")) for link in found)
    assert len({link.url for link in found}) == len(found)

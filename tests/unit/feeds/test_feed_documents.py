"""What a feed says of itself, and what is none."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.feeds.model import FeedError, ParsedFeed
from connectors.feeds.parsing.read import LOOSE_BYTES, parse_bytes
from schemas.limits import FEED_ENTRIES
from tests.support.feeds import ITEM, URL, atom, one, parsed, refusal, rss

NETSCAPE = (
    b'<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://example.org/x.dtd">'
    b"<rss version='0.91'><channel/></rss>"
)
RDF_090 = (
    b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    b' xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel/></r:RDF>'
)


def test_a_channel():
    feed = parsed(
        rss(
            channel="<title>The Herald</title><link>https://example.org/</link><description>News</description>"
            "<language>en-gb</language><copyright>© us</copyright><ttl>45</ttl><managingEditor>Ada</managingEditor>"
            "<lastBuildDate>Tue, 24 Nov 2026 09:30:00 GMT</lastBuildDate><skipHours><hour>24</hour><hour>3</hour>"
            "<hour>99</hour></skipHours><skipDays><day>Sunday</day><day>monday</day><day>Someday</day></skipDays>"
            "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"
            '<atom:link rel="self" href="https://example.org/self"/><atom:link rel="hub" href="https://hub.example/"/>'
        )
    )
    assert (feed.format, feed.version, feed.parser, feed.encoding) == ("rss", "rss20", "lxml", "utf-8")
    assert (feed.title, feed.link, feed.description) == ("The Herald", "https://example.org/", "News")
    assert (feed.language, feed.copyright, feed.authors) == ("en-gb", "© us", ["Ada"])
    assert (feed.ttl_s, feed.update_period_s) == (2_700.0, 21_600.0)
    assert (feed.skip_hours, feed.skip_days) == ([0, 3], [0, 6])
    assert (feed.self_url, feed.hub) == ("https://example.org/self", "https://hub.example/")
    assert feed.updated == "Tue, 24 Nov 2026 09:30:00 GMT"
    assert (feed.ill_formed, feed.flags, feed.truncated) == (False, [], False)


@pytest.mark.parametrize(
    ("data", "version"),
    [
        (b"<rss version='0.91'><channel/></rss>", "rss091u"),
        (NETSCAPE, "rss091n"),
        (b"<rss version='0.92'><channel/></rss>", "rss092"),
        (b"<rss version='2.0.1'><channel/></rss>", "rss20"),
        (b"<rss><channel/></rss>", "rss"),
        (b"<RSS><Channel/></RSS>", "rss"),
        (b'<feed version="0.3" xmlns="http://purl.org/atom/ns#"/>', "atom03"),
        (atom(""), "atom10"),
        (b'<entry xmlns="http://www.w3.org/2005/Atom"><title>alone</title></entry>', "atom10"),
        (RDF_090, "rss090"),
    ],
)  # fmt: skip
def test_formats_by_their_names(data: bytes, version: str):
    assert parsed(data).version == version


def test_json_feed():
    feed = parsed(
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "The Herald",
                "home_page_url": "/",
                "feed_url": "https://example.org/feed.json",
                "language": "en",
                "authors": [{"name": "Ada"}, {"url": "https://example.org/tom"}, 7],
                "hubs": [{"type": "rssCloud", "url": "x"}, {"type": "WebSub", "url": "https://hub.example/"}],
                "items": [
                    {
                        "id": 7,
                        "url": "/a",
                        "content_html": "<p>a</p>",
                        "content_text": "a",
                        "tags": ["sea", 1],
                    },
                    {
                        "id": "b",
                        "external_url": "https://b.example/",
                        "content_text": "1 < 2",
                        "summary": "s",
                    },
                    {"title": None, "date_published": "2026-11-24T09:30:00Z", "author": {"name": "Bo"}},
                    "no item",
                ],
            }
        ).encode()
    )
    assert (feed.format, feed.version, feed.link) == ("json", "json11", "https://example.org/")
    assert (feed.self_url, feed.hub) == ("https://example.org/feed.json", "https://hub.example/")
    assert feed.authors == ["Ada", "https://example.org/tom"]
    first, second, third = feed.entries
    assert (first.native_id, first.url, first.content) == ("7", "https://example.org/a", "<p>a</p>")
    assert (first.categories, first.content_is_text) == (["sea"], False)
    assert (second.url, second.content, second.content_is_text) == ("https://b.example/", "1 < 2", True)
    assert (third.published, third.authors) == ("2026-11-24T09:30:00Z", ["Bo"])


@pytest.mark.parametrize(
    "broken",
    [
        rss(ITEM.replace("stops", "stops&nbsp;now")),
        rss(ITEM.replace("stops", "stops &copy; AT&T &bogus; & more")),
        rss(ITEM.replace("stops", "stops\x00\x0b")),
        rss(ITEM.replace("stops", "stops&#0;&#x1F;")),
        b"Warning: mysql_connect() in /var/www/feed.php on line 3\n" + rss(),
        b"\xef\xbb\xbf\n\n" + rss(before='<?xml version="1.0"?>'),
        rss(ITEM.replace("</title>", "</titel>")),
        rss(ITEM)[:-20],
        rss(ITEM).replace(b"</item>", b"<b>bold</item>"),
    ],
)  # fmt: skip
def test_what_is_broken_is_repaired(broken: bytes):
    feed = parsed(broken)
    (entry,) = feed.entries
    assert (entry.title or "").startswith("Ferry stops")
    assert entry.url == "https://example.org/ferry"


def test_repairs_are_told():
    feed = parsed(rss(ITEM.replace("stops", "stops&nbsp;&amp; AT&T\x00")))
    assert feed.entries[0].title == "Ferry stops\xa0& AT&T"
    assert feed.ill_formed
    assert set(feed.flags) == {"entities", "ampersands", "controls"}
    assert not parsed(rss(ITEM.replace("stops", "<![CDATA[a & b &nbsp;]]>"))).ill_formed


def test_cdata_is_not_repaired():
    broken = rss(ITEM.replace("stops", "<![CDATA[&nbsp; & ]]>&nbsp;!"))
    assert parsed(broken).entries[0].title == "Ferry &nbsp; & \xa0!"


def test_entities_that_a_document_type_declares():
    before = (
        '<!DOCTYPE rss [<!ENTITY paper "The Herald"><!ENTITY eacute "&#233;"><!ENTITY big "&paper;&paper;">]>'
    )
    feed = parsed(rss(ITEM.replace("stops", "&paper; caf&eacute; &big;"), before=before))
    assert feed.entries[0].title == "Ferry The Herald café &big;"
    assert "doctype" in feed.flags


@pytest.mark.parametrize(
    ("title", "parser"),
    [
        ("b</titel>", "lxml-recover"),
        ("<b>b</title>", "feedparser"),
        (f"{'b' * LOOSE_BYTES}</titel>", "lxml-recover"),
    ],
)
def test_what_is_no_xml_at_all_goes_to_who_makes_the_most_of_it(title: str, parser: str):
    broken = rss(ITEM + f"<item><title>{title}<link>https://example.org/b</link><guid>2</guid></item>")
    feed = parsed(broken)
    assert feed.parser == parser
    assert [entry.url for entry in feed.entries] == ["https://example.org/ferry", "https://example.org/b"]
    assert feed.ill_formed
    assert "broken_markup" in feed.flags


def test_more_entries_than_the_limit():
    items = "".join(f"<item><guid>{n}</guid></item>" for n in range(FEED_ENTRIES + 1))
    feed = parsed(rss(items))
    assert (len(feed.entries), feed.truncated) == (FEED_ENTRIES, True)
    assert feed.entries[0].native_id == "0"
    items = json.dumps(
        {"version": "https://jsonfeed.org/version/1", "items": [{"id": n} for n in range(FEED_ENTRIES + 1)]}
    )
    feed = parsed(items.encode())
    assert (len(feed.entries), feed.truncated, feed.version) == (FEED_ENTRIES, True, "json1")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\0\xef\xbb\xbf", "empty"),
        (b"<html><body>Hello</body></html>", "not_a_feed"),
        (b"<!-- x --><!DOCTYPE html><title>Hello</title>", "not_a_feed"),
        (b"<opml version='2.0'><body/></opml>", "not_a_feed"),
        (b"<urlset><url/></urlset>", "not_a_feed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not_a_feed"),
        (b"/etc/passwd", "not_a_feed"),
        (b"https://example.org/feed", "not_a_feed"),
        (b"{}", "not_a_feed"),
        (b'{"items": [], "x": 1}', "not_a_feed"),
        (b"[1, 2]", "not_a_feed"),
        (b'{"items": [', "broken"),
        (b"[" * 100_000, "broken"),
        (b"<" * 1_000, "broken"),
    ],
)
def test_what_is_no_feed(data: bytes, reason: str):
    assert refusal(data).reason == reason


def test_a_page_names_its_feeds():
    error = refusal(b'<html><link rel="alternate" type="application/rss+xml" title="All" href="/rss"><p>Hi')
    assert error.links == ["https://example.org/rss"]
    assert error.feeds[0].title == "All"


def test_a_feed_in_a_pages_clothes():
    assert one(b"<!DOCTYPE html>\n" + rss()).title == "Ferry stops"


PIECES = st.sampled_from(
    [
        "<rss>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<![CDATA[", "]]>", "<!--", "-->", "&nbsp;",
        "&", "<guid>", "</guid>", "x", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<entry>", "<id>", "<link href='",
        "'>", "<!DOCTYPE x [", "<!ENTITY a 'b'>", "]>", "&a;", "\x00", "<?xml", "?>", "</rss>", "&#xD800;", "é", "\udcff",
        '{"version":"https://jsonfeed.org/version/1","items":[', '{"id":"1"}', "]}", "<html>", "<a href='/rss'>",
        "<?xml version='1.0' encoding='utf-16'?>", "http://[", "xml:base='//'", "<content type='xhtml'><div>",
    ]
)  # fmt: skip


@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(PIECES, max_size=25).map(lambda pieces: "".join(pieces).encode("utf-8", "surrogateescape")),
        st.tuples(st.integers(0, 500), st.binary(max_size=8)).map(
            lambda cut: rss(ITEM * 2)[: cut[0]] + cut[1] + rss(ITEM * 2)[cut[0] :]
        ),
    ),
    st.none() | st.sampled_from(["utf-8", "utf-16", "iso-8859-1", "utf-7", "", "\0"]),
)
def test_whatever_comes_ends_as_a_feed_or_a_reason(data: bytes, charset: str | None):
    feed = read(data, charset)
    if isinstance(feed, FeedError):
        assert feed.reason in {"not_a_feed", "broken", "empty"}
        assert feed.message
        return
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(feed), type=ParsedFeed) == feed
    assert len({entry.native_id for entry in feed.entries}) == len(feed.entries)
    for entry in feed.entries:
        assert entry.native_id
        assert entry.url is None or entry.url.lower().startswith(("http://", "https://"))


def read(data: bytes, charset: str | None) -> ParsedFeed | FeedError:
    try:
        return parse_bytes(data, url=URL, charset=charset)
    except FeedError as error:
        return error

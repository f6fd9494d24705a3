"""What an entry says, by the rules of its format and the habits of publishers."""

from __future__ import annotations

import pytest

from schemas.base import Publisher
from schemas.limits import URL_CHARS
from tests.support.feeds import URL, atom, one, parsed, rss


def test_an_entry_of_rss():
    entry = one(
        rss(
            "<item><title>Ferry &amp; &lt;i&gt;crew&lt;/i&gt;</title><link> https://example.org/a </link>"
            '<guid isPermaLink="false">f-1</guid><pubDate>Tue, 24 Nov 2026 09:30:00 +0100</pubDate>'
            "<dcterms:modified>2026-11-24T10:00:00Z</dcterms:modified><dc:creator>Ada Quill</dc:creator>"
            "<dc:creator>Tom Bell</dc:creator><category>Sea</category><category>Harbour</category>"
            '<source url="https://www.agency.example/feed">Northgate News</source>'
            "<description>A &lt;b&gt;ferry&lt;/b&gt;</description><dc:language>en_GB</dc:language>"
            "<content:encoded><![CDATA[<p>A ferry stops.</p>]]></content:encoded><dc:rights>© us</dc:rights>"
            "<media:title>not this</media:title></item>"
        )
    )
    assert (entry.native_id, entry.id_is_own, entry.url) == ("f-1", True, "https://example.org/a")
    assert entry.title == "Ferry & <i>crew</i>"
    assert (entry.summary, entry.content) == ("A <b>ferry</b>", "<p>A ferry stops.</p>")
    assert entry.content_is_text is False
    assert (entry.authors, entry.categories) == (["Ada Quill", "Tom Bell"], ["Sea", "Harbour"])
    assert (entry.published, entry.updated) == ("Tue, 24 Nov 2026 09:30:00 +0100", "2026-11-24T10:00:00Z")
    assert entry.source == Publisher(name="Northgate News", domain="agency.example")
    assert (entry.language, entry.rights) == ("en-GB", "© us")


def test_an_entry_of_atom():
    entry = one(
        atom(
            '<entry xml:lang="de"><id>tag:example.org,2026:1</id><title type="html">A &amp;lt; B</title>'
            '<link rel="enclosure" href="/a.mp3"/><link rel="alternate" type="application/json" href="/a.json"/>'
            '<link type="text/html" href="/a"/><author><name>Ada Quill</name><email>a@example.org</email></author>'
            "<published>2026-11-24T09:30:00Z</published><updated>2026-11-24T10:00:00Z</updated>"
            '<category term="sea" label="The Sea"/><summary>1 &lt; 2</summary>'
            '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>ferry</b> &amp; more<br/></div></content>'
            '<source><title>Northgate</title><link href="https://agency.example/"/></source></entry>'
        )
    )
    assert (entry.native_id, entry.url) == ("tag:example.org,2026:1", "https://example.org/a")
    assert (entry.title, entry.authors, entry.categories) == ("A &lt; B", ["Ada Quill"], ["sea"])
    assert entry.content == "A <b>ferry</b> &amp; more<br />"
    assert entry.summary == "1 &lt; 2", "plain text beside HTML becomes HTML"
    assert (entry.language, entry.source) == ("de", Publisher(name="Northgate", domain="agency.example"))


def test_plain_text_stays_plain_where_all_of_it_is():
    entry = one(atom("<entry><id>1</id><summary>1 &lt; 2</summary></entry>"))
    assert (entry.summary, entry.content_is_text) == ("1 < 2", True)
    entry = one(atom('<entry><id>1</id><summary type="text">&lt;p&gt;Hi&lt;/p&gt;</summary></entry>'))
    assert (entry.summary, entry.content_is_text) == ("<p>Hi</p>", False), "it only says that it is text"


def test_base64_and_what_only_says_so():
    entry = one(atom('<entry><id>1</id><content type="image/x">PHA+SGk8L3A+</content></entry>'))
    assert entry.content == "<p>Hi</p>"
    entry = one(atom('<entry><id>1</id><content type="image/x">no base 64!</content></entry>'))
    assert entry.content == "no base 64!"


@pytest.mark.parametrize(
    ("item", "url"),
    [
        ("<guid>https://example.org/g</guid>", "https://example.org/g"),
        ('<guid isPermaLink="true">https://example.org/g</guid>', "https://example.org/g"),
        ('<guid isPermaLink="false">https://example.org/g</guid>', None),
        ("<guid>https://example.org/g</guid><link>https://example.org/l</link>", "https://example.org/l"),
        ("<guid>g</guid>", None),
        ("<link>/a/../b?c=1&amp;d=2</link>", "https://example.org/b?c=1&d=2"),
        ("<link>c</link>", "https://example.org/news/c"),
        ("<link>//cdn.example/c</link>", "https://cdn.example/c"),
        ("<link>https://exa\n mple.org/c</link>", None),
        ("<link>https://example.org/a\n/b</link>", "https://example.org/a/b"),
        ("<link>javascript:alert(1)</link>", None),
        ("<link>file:///etc/passwd</link>", None),
        ("<link>http://[::1</link>", None),
        ("<link>http:///nowhere</link>", None),
        (f"<link>https://example.org/{'x' * URL_CHARS}</link>", None),
        ("<link></link><atom:link href='https://example.org/at'/>", "https://example.org/at"),
        ("<atom:link rel='self' href='https://example.org/s'/>", None),
        ("<link>https://feeds.example/x</link><feedburner:origLink>https://example.org/o</feedburner:origLink>",
         "https://example.org/o"),
        ("<enclosure url='https://example.org/a.mp3' type='audio/mpeg'/>", None),
    ],
)  # fmt: skip
def test_the_link_of_an_item(item: str, url: str | None):
    assert one(rss(f"<item><title>t</title>{item}</item>")).url == url


def test_relative_links_go_by_the_nearest_base():
    entry = one(
        atom(
            '<entry xml:base="/deep/"><id>1</id><link href="a"/></entry>',
            attributes='xml:base="https://other.example/feeds/"',
        )
    )
    assert entry.url == "https://other.example/deep/a"
    entry = one(atom('<entry xml:base="file:///etc/"><id>1</id><link href="passwd"/></entry>'))
    assert entry.url is None


def test_authors_as_they_are_named():
    entry = one(rss("<item><guid>1</guid><author>ada@example.org (Ada Quill)</author></item>"))
    assert entry.authors == ["ada@example.org (Ada Quill)"]
    entry = one(atom("<entry><id>1</id><author><email>ada@example.org</email></author></entry>"))
    assert entry.authors == ["ada@example.org"]


def test_markup_that_was_never_escaped():
    entry = one(
        rss("<item><guid>1</guid><description>A <b>ferry</b> &amp; <img src='x'/></description></item>")
    )
    assert entry.summary == 'A <b>ferry</b> &amp; <img src="x" />'


def test_the_longest_content_counts():
    entry = one(
        atom(
            '<entry><id>1</id><content>short</content><content type="html">&lt;p&gt;long&lt;/p&gt;</content></entry>'
        )
    )
    assert entry.content == "<p>long</p>"


def test_prefixes_that_nobody_declared():
    feed = parsed(b"<rss><channel><item><guid>1</guid><dc:creator>Ada</dc:creator></item></channel></rss>")
    assert feed.entries[0].authors == ["Ada"]
    assert (feed.parser, feed.ill_formed) == ("lxml", True)


def test_entries_of_rdf():
    feed = parsed(
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
        b' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>T</title><items/></channel>'
        b'<item rdf:about="https://example.org/1"><title>a</title><dc:date>2026-11-24</dc:date></item></rdf:RDF>',
        URL,
    )
    assert (feed.format, feed.version, feed.title) == ("rdf", "rss10", "T")
    (entry,) = feed.entries
    assert (entry.native_id, entry.url, entry.published) == (
        "https://example.org/1",
        "https://example.org/1",
        "2026-11-24",
    )

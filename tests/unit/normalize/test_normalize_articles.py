import json
import logging
import subprocess
import sys

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import Article, Dated, FeedEntry, Fetch, Publisher, RawItem, ids, wire
from schemas.limits import DESCRIPTION_CHARS, TEXT_CHARS, TITLE_CHARS, URL_CHARS
from streams.fingerprints import fingerprint
from streams.normalize.normalize import EXTRACTOR_VERSION, Rejection, normalize, warm_up
from tests.unit.normalize.normalize_parts import PARAGRAPHS, TEXT, URL, item, page, web_item

ENTRY = FeedEntry(
    title="Harbour <b>stays</b> closed",
    summary="<p>Two quays at Eastmouth moved during the storm, and nobody knows when the harbour opens again.</p>",
    authors=["Ada Obi"],
    published="Mon, 23 Nov 2026 08:00:00 GMT",
    updated="Mon, 23 Nov 2026 10:00:00 GMT",
    categories=["News"],
    language="en-gb",
)
FULL_ENTRY = msgspec.structs.replace(
    ENTRY, content="".join(f"<p>{p}</p>" for p in PARAGRAPHS) + f"<p>{PARAGRAPHS[0]}</p>"
)


def article(made):
    found = normalize(made)
    assert isinstance(found, Article), found
    # Whatever comes out goes through the wire unharmed.
    assert wire.decode(wire.encode(found), Article) == found
    assert found.content_hash == ids.content_hash(found.title, found.description, found.text)
    assert found.fingerprints == fingerprint(found.text)
    return found


def rejection(made):
    found = normalize(made)
    assert isinstance(found, Rejection), found
    return found.reason


# Text that comes as text


def test_plain_text_is_stored_exactly_as_it_came():
    text = f"\n A headline?\r\n\r\n{TEXT}\n\twrapped\n  lines \u00a0\n"
    made = item(text, title="Harbour stays closed", published_at="2026-11-23T08:00:00Z", language="en")
    found = article(made)
    assert found.text == text
    assert found.title == "Harbour stays closed"
    assert found.extractor.name == "plain"
    assert found.text_basis == "push"
    assert found.quality == []
    assert found.raw_hash == made.body.sha256
    assert found.published_at == Dated(value="2026-11-23T08:00:00Z", from_="item", precision="second")
    assert found.language.tag == "en"
    assert found.article_id == ids.article_id(None, "source-1", "native-1")
    assert (found.item_id, found.source_id, found.link_key) == ("item-1", "source-1", "source-1#native-1")


def test_a_first_line_is_no_title():
    assert article(item(f"HARBOUR CLOSED\n\n{TEXT}")).title is None


def test_what_no_event_can_carry_is_replaced_and_flagged():
    found = article(item(TEXT + "\x00 \ud800", title="a\x00\udfffb", native_id="n\ud800"))
    assert found.text == TEXT + "\ufffd \ufffd"
    assert found.title == "a\ufffd\ufffdb"
    assert found.quality == ["invalid_characters"]


def test_notices_are_spans_of_the_stored_text():
    text = f"EASTMOUTH, Norland (AP) — {TEXT}\nCorrection: The ship left on Tuesday.\nReuters contributed to this report."
    found = article(item(text))
    spans = [found.dateline, *found.credits, *(c.span for c in found.corrections)]
    assert [span.exact for span in spans] == [
        "EASTMOUTH, Norland (AP)",
        "Reuters contributed to this report.",
        "Correction: The ship left on Tuesday.",
    ]
    assert all(found.text[span.start : span.end] == span.exact for span in spans)


def test_short_text_is_kept_and_flagged():
    found = article(
        item("The harbour is closed.", description="A longer description of it, longer than the text is.")
    )
    assert found.text == "The harbour is closed."
    assert found.quality == ["thin"]


def test_wrong_decoding_before_us_is_flagged_and_left():
    broken = ("Die Behörde sagte, es sei schön. " * 9).encode().decode("cp1252")
    found = article(item(broken))
    assert found.text == broken
    assert "mojibake" in found.quality


@pytest.mark.parametrize(
    ("field", "limit", "flag"),
    [
        ("text", TEXT_CHARS, None),
        ("title", TITLE_CHARS, "title_truncated"),
        ("description", DESCRIPTION_CHARS, "description_truncated"),
    ],
)
def test_limits(field, limit, flag):
    for length in (limit, limit + 1):
        value = ("é" * 9 + " ") * (length // 10) + "x" * (length % 10)
        assert len(value) == length
        value = value[:-1] + "y"
        found = article(item(value) if field == "text" else item(TEXT, **{field: value}))
        assert getattr(found, field) == value[:limit]
        if flag is None:
            assert found.truncated is (length > limit)
        else:
            assert (flag in found.quality) is (length > limit)


def test_a_body_that_was_cut_says_so():
    assert article(item(TEXT, truncated=True)).quality == ["body_truncated"]


def test_bytes_are_decoded():
    found = article(item(TEXT.encode("cp1252"), charset="windows-1252"))
    assert found.text == TEXT


# Pages


def test_a_page():
    head = '<link rel="canonical" href="/stories/4711-harbour"><meta name="author" content="Ada Obi">'
    made = web_item(
        page(head=head),
        url=URL + "?utm_source=x",
        title="A feed's title",
        published_at="2026-11-23T08:00:00Z",
    )
    found = article(made)
    assert found.text == TEXT
    assert found.title == "Harbour stays closed"
    assert found.text_basis == "page"
    assert (found.extractor.name, found.extractor.version) == ("trafilatura", EXTRACTOR_VERSION)
    assert found.canonical_url == "https://www.example.org/stories/4711-harbour"
    assert found.alternates == [URL]
    assert found.url == made.url
    assert found.article_id == ids.article_id(found.canonical_url, "source-1", "native-1")
    assert found.bylines == ["Ada Obi"]
    assert found.publisher == Publisher(domain="example.org")
    assert found.language.from_ == "detected"


def test_the_same_page_has_the_same_content_whoever_showed_it():
    seen_in_feed = web_item(
        page(), title="Other title", description="Other words", source_kind="feed", entry=ENTRY
    )
    seen_in_sitemap = web_item(page(), source_kind="sitemap")
    assert article(seen_in_feed).content_hash == article(seen_in_sitemap).content_hash


def test_what_the_source_knows_fills_what_the_page_does_not_say():
    bare = page(title="").replace("<h1>Harbour stays closed</h1>", "")
    known = Publisher(domain="echo.example", name="Echo", family="Echo Group", country="GB")
    found = article(web_item(bare, source_kind="feed", entry=ENTRY, publisher=known))
    assert found.title == "Harbour stays closed"
    assert found.bylines == ["Ada Obi"]
    assert found.subjects == ["News"]
    assert found.publisher == known
    assert found.published_at.value == "2026-11-23T08:00:00Z"
    assert found.modified_at.value == "2026-11-23T10:00:00Z"


def test_claims_about_time_that_disagree():
    head = '<meta property="article:published_time" content="2026-11-10T08:00:00Z">'
    found = article(web_item(page(head=head), entry=ENTRY))
    assert found.published_at.value == "2026-11-10T08:00:00Z"
    assert found.published_at.flags == ["disagrees"]
    late = '<meta property="article:published_time" content="2026-11-10"><meta property="article:modified_time" content="2026-11-01">'
    assert article(web_item(page(head=late))).modified_at.flags == ["disagrees"]


def test_the_servers_word_for_a_change():
    served = Fetch(headers={"last-modified": "Mon, 23 Nov 2026 08:00:00 GMT"}, status=200)
    found = article(web_item(page(), fetch=served))
    assert found.modified_at == Dated(value="2026-11-23T08:00:00Z", from_="http", precision="second")
    just_now = Fetch(headers={"last-modified": "Tue, 24 Nov 2026 11:59:59 GMT"}, status=200)
    assert article(web_item(page(), fetch=just_now)).modified_at == Dated()


def test_a_web_archives_page():
    assert article(web_item(page(), source_kind="warc")).text_basis == "archive"


def test_html_without_a_page_around_it_is_all_content():
    found = article(item("".join(f"<p>{p}</p>" for p in PARAGRAPHS), "text/html"))
    assert (found.text, found.extractor.name, found.text_basis) == (TEXT, "fragment", "push")


# What stands before an article


WALL = page(
    ["We value your privacy. We and our 764 partners use cookies. Accept all or manage options."],
    title="x.example",
)
BOTS = page(["Enable JavaScript and cookies to continue"], title="Just a moment...")
LISTING = page(
    [f"Story {n}" for n in range(20)],
    head='<script type="application/ld+json">{"@type":"CollectionPage"}</script>',
)
EMPTY = "<html><body></body></html>"


@pytest.mark.parametrize(
    ("content", "url", "reason", "flag"),
    [
        (WALL, URL, "consent_wall", "consent_wall"),
        (BOTS, URL, "bot_check", "bot_check"),
        (LISTING, "https://www.example.org/", "not_article:listing", "listing"),
        (EMPTY, URL, "empty", "empty"),
    ],
)
def test_the_feeds_own_text_is_the_fall_back(content, url, reason, flag):
    assert rejection(web_item(content, url=url)) == reason
    found = article(web_item(content, url=url, source_kind="feed", entry=ENTRY))
    assert found.text.startswith("Two quays at Eastmouth moved")
    assert found.text_basis == "feed_summary"
    assert found.extractor.name == "feed"
    assert flag in found.quality
    assert found.title == "Harbour stays closed"
    assert found.description is None
    full = article(web_item(content, url=url, source_kind="feed", entry=FULL_ENTRY))
    assert full.text_basis == "feed_full"
    assert (
        full.description
        == "Two quays at Eastmouth moved during the storm, and nobody knows when the harbour opens again."
    )


def test_a_walls_own_canonical_is_nobodys_identity():
    wall = WALL.replace(
        "<head>", '<head><link rel="canonical" href="https://www.example.org/stories/privacy-center-one">'
    )
    final = Fetch(final_url="https://consent.example.org/collect", status=200)
    assert article(web_item(wall, entry=ENTRY, fetch=final)).canonical_url == URL


def test_a_paywall_stub_gives_way_to_more():
    stub = page([PARAGRAPHS[0], "Subscribe to continue reading."])
    found = article(web_item(stub))
    assert (found.quality, found.text_basis) == (["paywall"], "page")
    found = article(web_item(stub, entry=FULL_ENTRY))
    assert (found.quality, found.text_basis) == (["paywall"], "feed_full")
    assert found.title == "Harbour stays closed"
    assert article(web_item(stub, entry=ENTRY)).text_basis == "page"


def test_a_page_of_which_little_was_found_gives_way_to_a_full_feed():
    found = article(web_item(page([PARAGRAPHS[0], "More later. " * 3]), entry=FULL_ENTRY))
    assert found.text_basis == "feed_full"
    assert found.quality == ["page_shorter_than_feed"]


# What could not be had


@pytest.mark.parametrize(
    ("fetch", "reason"),
    [
        (Fetch(result="403", status=403), "unfetched:403"),
        (Fetch(result="robots"), "unfetched:robots"),
        (Fetch(result="timeout"), "unfetched:timeout"),
        (Fetch(result="404", status=404, failures=1), "unfetched:404"),
        (Fetch(result="500", status=500, failures=5), "unfetched:500"),
        (Fetch(result="ok", status=503), "unfetched:503"),
        (Fetch(result="Some <b>long</b> story"), "unfetched:other"),
        (Fetch(result="ok", status=10**18), "unfetched:other"),
        (Fetch(result="1234567"), "unfetched:other"),
        (Fetch(result="ok"), "empty"),
        (None, "empty"),
    ],
)
def test_what_could_not_be_had_is_counted(fetch, reason):
    assert rejection(item(None, url=URL, fetch=fetch)) == reason
    found = article(item(None, url=URL, fetch=fetch, source_kind="feed", entry=ENTRY))
    assert found.quality == ["unfetched", "thin"]
    assert found.canonical_url == URL
    assert found.text_basis == "feed_summary"
    assert found.raw_hash == ids.sha256_hex(ENTRY.summary)


def test_an_error_page_is_no_article():
    assert rejection(web_item(page(), fetch=Fetch(result="404", status=404))) == "unfetched:404"


@pytest.mark.parametrize(
    "fetch", [Fetch(result="404", failures=2), Fetch(result="410", status=410, failures=3)]
)
def test_repeatedly_gone(fetch):
    found = article(item(None, url=URL, title="Harbour stays closed", fetch=fetch, entry=ENTRY))
    assert found.gone
    assert (found.text, found.description, found.title) == ("", None, "Harbour stays closed")
    assert found.article_id == ids.article_id(URL, "source-1", "native-1")


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (item("%PDF-1.7", "application/pdf"), "unsupported_media_type"),
        (item("{}", "application/json"), "unsupported_media_type"),
        (item("<rss></rss>", "text/html"), "unsupported_media_type"),
        (item(bytes(range(256)) * 9), "undecodable"),
        (item(""), "empty"),
        (item(" \n\t"), "empty"),
        (item("<p> </p>", "text/html"), "empty"),
        (item("<!-- <html> -->", "text/html"), "empty"),
    ],
)
def test_what_is_no_text(made, reason):
    assert rejection(made) == reason
    assert article(msgspec.structs.replace(made, entry=ENTRY)).text_basis == "feed_summary"


# Feeds without a page behind them


def test_an_entry_that_carries_its_text():
    content = "".join(f"<p>{p}</p>" for p in [*PARAGRAPHS, *PARAGRAPHS])
    made = item(
        content,
        "text/html",
        source_kind="feed",
        url=URL,
        title="Harbour &amp; quay",
        description="Two quays moved.",
    )
    found = article(made)
    assert found.text == f"{TEXT}\n{TEXT}"
    assert found.text_basis == "feed_full"
    assert found.title == "Harbour & quay"
    assert found.description == "Two quays moved."
    teaser = item(f"<p>{PARAGRAPHS[0]} …</p>", "text/html", source_kind="feed", url=URL)
    assert article(teaser).text_basis == "feed_summary"


def test_live_entries():
    blog = "https://www.example.org/live/2026/nov/24/storm"
    found = article(item(TEXT, url=f"{blog}#entry-7", part_of=blog, native_id="entry-7"))
    assert found.form == "live_entry"
    assert found.part_of == ids.article_id(blog, "source-1", blog)
    assert found.canonical_url is None
    assert found.article_id == ids.article_id(None, "source-1", "entry-7")


def test_a_link_that_is_too_long_is_no_link():
    found = article(item(TEXT, url="https://www.example.org/" + "a" * URL_CHARS))
    assert (found.url, found.canonical_url) == (None, None)


# The whole


def test_the_same_item_gives_the_same_article_in_another_process():
    made = [
        web_item(page(), published_at="23 November", language="en"),
        item(TEXT, url=URL, published_at="2 hours ago"),
        web_item(WALL, entry=FULL_ENTRY),
    ]
    code = (
        "import sys, msgspec; from schemas import RawItem; from streams.normalize.normalize import normalize;"
        "items = msgspec.json.decode(sys.stdin.buffer.read(), type=list[RawItem]);"
        "sys.stdout.buffer.write(msgspec.json.encode([normalize(i) for i in reversed(items)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=msgspec.json.encode(made), capture_output=True, check=True,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": ".", "TZ": "Asia/Tokyo"},
    )  # fmt: skip
    there = msgspec.json.decode(done.stdout)[::-1]
    here = json.loads(msgspec.json.encode([normalize(i) for i in made]))
    assert there == here


def test_importing_neither_loads_faust_nor_configures_logging():
    code = (
        "import sys, logging; import streams.normalize.normalize, streams.fingerprints;"
        "heavy = {'faust', 'mode', 'aiokafka', 'kafka', 'trafilatura', 'dateparser', 'py3langid'} & set(sys.modules);"
        "assert not heavy, heavy; assert not logging.root.handlers"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_warming_up_silences_the_libraries():
    warm_up()
    assert not logging.getLogger("trafilatura.core").isEnabledFor(logging.ERROR)


texts = st.text(st.characters() | st.sampled_from("\x00\ud800<>&"), max_size=60)
optional_texts = st.none() | texts


@settings(max_examples=40)
@given(
    st.builds(
        item,
        texts | st.binary(max_size=60) | texts.map(lambda t: page([t, TEXT])),
        st.sampled_from(["text/plain", "text/html", "application/octet-stream"]),
        charset=st.sampled_from([None, "utf-8", "utf-16", "shift_jis", "none such"]),
        url=optional_texts | st.just(URL),
        title=optional_texts,
        description=optional_texts,
        bylines=st.lists(texts, max_size=2),
        subjects=st.lists(texts, max_size=2),
        published_at=optional_texts,
        modified_at=optional_texts,
        language=optional_texts,
        fetched_at=st.sampled_from(["2026-11-24T12:00:00Z", "", "soon"]),
        source_kind=st.sampled_from(["feed", "page", "files"]),
        part_of=optional_texts,
        fetch=st.none()
        | st.builds(Fetch, result=texts, final_url=optional_texts, status=st.none() | st.integers(100, 599)),
        entry=st.none()
        | st.builds(FeedEntry, title=optional_texts, summary=optional_texts, content=optional_texts),
    )
)
def test_no_item_raises(made: RawItem):
    found = normalize(made)
    assert normalize(made) == found
    if isinstance(found, Article):
        encoded = wire.encode(found)
        assert wire.decode(encoded, Article) == found
        assert found.text.strip() or found.gone
    else:
        assert found.reason.partition(":")[0] in {
            "empty", "unfetched", "undecodable", "unsupported_media_type", "not_article", "consent_wall", "bot_check",
        }  # fmt: skip

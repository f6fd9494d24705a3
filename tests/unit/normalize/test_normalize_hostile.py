import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import Article, wire
from schemas.limits import RECORD_BYTES, TEXT_CHARS
from streams.normalize.normalize import Rejection, normalize
from tests.unit.normalize.normalize_parts import TEXT, item, page, web_item

WORDS = "word " * 100
PAGES = {
    "nothing but tags": "<html></html>",
    "deep divisions": "<html><body>" + "<div>" * 5_000 + WORDS,
    "deep tables": "<html><body>" + "<table><tr><td>" * 1_000 + WORDS,
    "deep lists": "<html><body>" + "<ul><li>" * 2_000 + WORDS,
    "deep quotes": "<html><body>" + "<blockquote><p>x" * 2_000 + WORDS,
    "deep spans": "<html><body><p>" + "<span>" * 5_000 + WORDS,
    "many paragraphs": "<html><body>" + "<p>word word</p>" * 3_000,
    "many links": "<html><body>" + "<p><a href='x'>word word</a></p>" * 3_000,
    "many breaks": "<html><body><p>" + "word<br>" * 5_000,
    "one paragraph": "<html><body><p>" + "word " * 200_000,
    "unclosed tags": "<html><body>" + "<p" * 20_000,
    "less-than signs": "<html>" + "<" * 200_000,
    "entities": "<html><body><p>" + "&amp;" * 50_000 + "&#0;&#27;&#xD800;&#x110000;",
    "a comment": "<html><body><!--" + WORDS,
    "character data": "<html><body><![CDATA[" + "x" * 20_000,
    "attributes": "<html><body><p " + " ".join(f'a{i}="x"' for i in range(20_000)) + f">{WORDS}</p>",
    "a huge attribute": f"<html><body><p class='{'x' * 500_000}'>{WORDS}</p>",
    "a huge author": f"<html><head><meta name='author' content='{'x, ' * 100_000}'></head><body><p>{WORDS}",
    "a huge title": f"<html><head><title>{'- x | ' * 20_000}</title></head><body><p>{WORDS}",
    "many titles": "<html><head>" + "<meta property='og:title' content='x'>" * 5_000 + f"</head><body><p>{WORDS}",
    "many canonicals": "<html><head>" + "<link rel='canonical' href='/a'>" * 5_000 + f"</head><body><p>{WORDS}",
    "deep JSON-LD": f"<html><head><script type='application/ld+json'>{'[' * 50_000}</script></head><body><p>{WORDS}",
    "a huge script": f"<html><head><script>{'var x=1;' * 100_000}</script></head><body><p>{WORDS}",
    "NULs": page(["a\x00b " * 100]),
    "surrogates": page(["a\ud800b " * 100], title="\udfff"),
    "an XML declaration": "<?xml version='1.0' encoding='utf-16'?>" + page(),
    "frames": "<html><frameset><frame src='x'></frameset></html>",
    "no content but script": f"<html><body><noscript>{WORDS}</noscript><script>{WORDS}</script></body></html>",
    "binary": bytes(random.Random(1).randrange(256) for _ in range(20_000)),
}  # fmt: skip


@pytest.mark.parametrize("media_type", ["text/html", "text/plain"])
@pytest.mark.parametrize("name", PAGES)
def test_hostile_bodies_end_as_articles_or_rejections(name, media_type):
    found = normalize(item(PAGES[name], media_type, url="https://www.example.org/a/b-c-d"))
    if isinstance(found, Article):
        assert len(found.text) <= TEXT_CHARS
        assert len(wire.encode(found)) < RECORD_BYTES
    else:
        assert found.reason


@pytest.mark.parametrize(
    "text",
    ["\x01" * TEXT_CHARS + "x", "😀 " * TEXT_CHARS, "1 " * TEXT_CHARS, "Aé " * TEXT_CHARS, "no " * TEXT_CHARS,
     "Correction: A. " * TEXT_CHARS, "Ω" * TEXT_CHARS],
    ids=["controls", "wide", "numbers", "names", "negations", "notices", "one word"],
)  # fmt: skip
def test_the_largest_articles_fit_a_record(text):
    found = normalize(item(text))
    if isinstance(found, Rejection):
        assert found.reason == "undecodable"
    else:
        assert found.truncated is (len(text) > TEXT_CHARS)
        assert len(wire.encode(found)) < RECORD_BYTES


tags = st.sampled_from(
    ["<p>", "</p>", "<div>", "</div>", "<table>", "<td>", "<tr>", "<ul><li>", "<a href='x'>", "</a>", "<br>", "<h1>",
     "<article>", "<script>", "</script>", "<!--", "-->", "<svg>", "<math>", "<template>", "<base href='//[x'>",
     "<link rel=canonical href='//[x'>", "<meta property=og:title content='&#0;'>", "<html lang='x y'>", "&#xD800;", "&nbsp;",
     "<script type='application/ld+json'>{\"@type\":\"Article\",\"author\":[[{}]],\"datePublished\":9}</script>",
     "<time datetime='x'>", "\x00", "\ud800", "\x1b", TEXT[:200]]
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(tags | st.text(max_size=8), max_size=40).map("".join))
def test_no_tag_soup_raises(soup):
    found = normalize(web_item(f"<html><body>{soup}"))
    if isinstance(found, Article):
        wire.encode(found)

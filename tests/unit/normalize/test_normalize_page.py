import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Fetch, Rights
from streams.normalize.dates import Claimed, parse_reference
from streams.normalize.form import form_of
from streams.normalize.metadata import read_metadata, url_dates
from streams.normalize.page import parse_page
from streams.normalize.rights import rights_of
from streams.normalize.structured import read_structured
from tests.unit.normalize.normalize_parts import FETCHED_AT, URL, item, page

ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Harbour stays closed after storm &amp; flood",
    "datePublished": "2026-11-23T08:00:00+01:00",
    "dateModified": "2026-11-23T10:00:00+01:00",
    "author": [{"@type": "Person", "name": "Ada Obi"}, {"name": "Jo Berg"}],
    "publisher": {"@type": "Organization", "name": "Eastmouth Echo"},
    "articleSection": "News",
    "keywords": ["harbour", "storm"],
    "license": "https://creativecommons.org/licenses/by/4.0/",
}


def script(value):
    return f'<script type="application/ld+json">{value if isinstance(value, str) else json.dumps(value)}</script>'


def metas(**contents):
    return "".join(f'<meta property="{k.replace("__", ":")}" content="{v}">' for k, v in contents.items())


def parsed(head="", **parts):
    found = parse_page(page(head=head, **parts), URL)
    assert found is not None
    return found


def metadata(head="", **parts):
    return read_metadata(parsed(head, **parts), URL, parse_reference(FETCHED_AT))


@pytest.mark.parametrize(
    "value",
    [
        ARTICLE,
        [ARTICLE],
        {"@graph": [{"@type": "WebSite"}, ARTICLE]},
        {"@type": "WebPage", "mainEntity": ARTICLE},
        ARTICLE | {"@type": ["Article", "https://schema.org/NewsArticle"]},
        f"<!--\n{json.dumps(ARTICLE)}\n-->",
        f"//<![CDATA[\n{json.dumps(ARTICLE)}\n//]]>",
        json.dumps(ARTICLE, indent=1).replace("harbour", "har\tbour"),
    ],
)
def test_json_ld_as_pages_write_it(value):
    structured = parsed(script(value)).structured
    assert structured.is_article
    assert structured.text("headline") == "Harbour stays closed after storm & flood"
    assert structured.names("author") == ["Ada Obi", "Jo Berg"]
    assert structured.names("publisher") == ["Eastmouth Echo"]


@pytest.mark.parametrize(
    "value", ["", "{", "null", "7", "[" * 50_000, '{"@graph":' * 50_000, "x" * 2_000_000, '{"@type": 5}']
)
def test_what_is_no_json_ld_counts_for_nothing(value):
    structured = read_structured([value, json.dumps(ARTICLE)])
    assert structured.text("headline") == "Harbour stays closed after storm & flood"


def test_articles_in_a_list_are_others():
    structured = read_structured([json.dumps({"@type": "ItemList", "itemListElement": [ARTICLE]})])
    assert structured.is_listing
    assert not structured.is_article


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["@type", "@graph", "name", "author", "headline", "mainEntity"]),
            inner,
            max_size=4,
        )
    ),
)


@given(json_values, st.sampled_from(["NewsArticle", ["Article"]]))
def test_no_json_ld_raises(value, kind):
    structured = read_structured(
        [json.dumps({"@type": kind, "author": value, "headline": value, "mainEntity": value})]
    )
    structured.text("headline")
    structured.names("author", "publisher")
    assert structured.is_article
    assert not structured.is_behind_paywall


def test_metadata_of_a_page_that_says_all_in_json_ld():
    said = metadata(script(ARTICLE))
    assert said.title == "Harbour stays closed after storm & flood"
    assert said.bylines == ["Ada Obi", "Jo Berg"]
    assert said.subjects == ["News", "harbour", "storm"]
    assert said.publisher_name == "Eastmouth Echo"
    assert said.published[0] == Claimed("2026-11-23T08:00:00+01:00", "page")
    assert said.modified[0] == Claimed("2026-11-23T10:00:00+01:00", "page")


def test_metadata_of_a_page_with_meta_elements():
    said = metadata(
        metas(
            og__title="Harbour stays closed | Eastmouth Echo",
            og__site_name="Eastmouth Echo",
            og__description="Two  quays moved &amp;amp; sank.",
            article__published_time="2026-11-23T08:00:00+01:00",
            article__section="News",
            author="By Ada Obi, Jo Berg and Kim van Li, Echo",
            keywords="harbour, storm,, harbour",
        )
    )
    assert said.title == "Harbour stays closed"
    assert said.description == "Two quays moved & sank."
    assert said.bylines == ["Ada Obi", "Jo Berg", "Kim van Li"]
    assert said.subjects == ["News", "harbour", "storm"]
    assert said.published[0].raw == "2026-11-23T08:00:00+01:00"


def test_metadata_of_a_bare_page():
    said = metadata(title="Harbour stays closed - example.org")
    assert said.title == "Harbour stays closed"
    assert said.bylines == []
    assert said.publisher_name is None


@pytest.mark.parametrize(
    ("author", "bylines"),
    [
        ("Ada Obi", ["Ada Obi"]),
        ("Von Ada Obi und Jo Berg", ["Ada Obi", "Jo Berg"]),
        ("Smith, Jones and the others", ["Smith, Jones and the others"]),
        ("https://www.example.org/ada", []),
        ("admin", []),
        ("desk@example.org", []),
        ("Ada Obi; Jo Berg", ["Ada Obi", "Jo Berg"]),
        ("Eastmouth Echo", ["Eastmouth Echo"]),
    ],
)
def test_bylines(author, bylines):
    assert metadata(metas(author=author)).bylines == bylines


def test_dates_in_addresses():
    day = [Claimed("2026-11-24", "url", guessed=True)]
    assert url_dates("https://example.org/2026/11/24/story") == day
    assert url_dates("https://example.org/news/2026-11-24-story") == day
    assert url_dates("https://example.org/a/20261124/b") == day
    assert url_dates("https://example.org/2026/13/24/story") == []
    assert url_dates("https://example.org/2026112412") == []
    assert url_dates(None) == []


def test_questions_to_a_page():
    found = parsed(
        '<base href="https://cdn.example.org/x/"><link rel="Canonical nofollow" href=" /story "><link rel="canonical">'
        '<meta name="ROBOTS" content="noai"><meta http-equiv="Content-Language" content="sv">',
        lang="",
    )
    assert found.links("canonical") == ["https://cdn.example.org/story"]
    assert found.meta("robots") == "noai"
    assert found.language == "sv"
    assert parsed(lang="de-AT").language == "de-AT"
    assert found.text_of_first("h1") == "Harbour stays closed"
    assert found.count("p") == 5


def test_a_huge_tag_loses_its_attributes():
    attributes = " ".join(f'a{n}="x"' for n in range(20_000))
    found = parse_page(page(["word " * 50, f"<b {attributes}>strong</b>"]), None)
    assert found is not None
    assert found.tree.find(".//b").attrib == {}


def test_rights_from_everywhere():
    known = Rights(robots_allowed=True)
    fetched = Fetch(headers={"x-robots-tag": "noarchive, noai", "TDM-Reservation": "1"})
    head = (
        '<meta name="robots" content="max-snippet:-1"><link rel="license" href="https://example.org/terms">'
        '<meta name="copyright" content="Eastmouth Echo">'
    )
    assert rights_of(item("x", rights=known, fetch=fetched), parsed(head)) == Rights(
        robots_allowed=True,
        x_robots_tag=["noarchive, noai"],
        meta_robots=["max-snippet:-1"],
        tdm_reservation=True,
        ai_training=False,
        license="https://example.org/terms",
        copyright="Eastmouth Echo",
    )
    assert rights_of(item("x"), parsed()) is None
    assert rights_of(item("x"), None) is None
    free = rights_of(item("x"), parsed('<meta name="tdm-reservation" content="0">'))
    assert free == Rights(tdm_reservation=False)


@pytest.mark.parametrize(
    ("fields", "form"),
    [
        ({}, "article"),
        ({"is_live_entry": True}, "live_entry"),
        ({"structured": {"@type": "LiveBlogPosting"}}, "live_blog"),
        ({"url": "https://example.org/news/live/2026/storm"}, "live_blog"),
        ({"title": "Live: storm hits Eastmouth"}, "live_blog"),
        ({"title": "They live here"}, "article"),
        ({"structured": {"@type": "OpinionNewsArticle"}}, "opinion"),
        ({"url": "https://example.org/opinion/2026/why"}, "opinion"),
        ({"subjects": ["News", "Opinion"]}, "opinion"),
        ({"url": "https://example.org/public-opinion-poll"}, "article"),
        ({"domain": "prnewswire.com"}, "press_release"),
        ({"text": "EASTMOUTH, Nov. 24, 2026 /PRNewswire/ -- The port"}, "press_release"),
        ({"url": "https://example.org/press-releases/7"}, "press_release"),
    ],
)
def test_forms(fields, form):
    given_ = {
        "url": URL,
        "domain": "example.org",
        "title": "T",
        "text": "x",
        "subjects": [],
        "structured": None,
        "is_live_entry": False,
    }
    fields = dict(fields)
    if "structured" in fields:
        fields["structured"] = read_structured([json.dumps(fields["structured"])])
    assert form_of(**(given_ | fields)) == form

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Fetch
from streams.normalize.canonical import Identity, canonical_url, identify, is_section
from streams.normalize.page import parse_page
from tests.unit.normalize.normalize_parts import URL, page, web_item


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.example.org/a?utm_source=x", "https://www.example.org/a"),
        ("https://www.example.org/story/amp", "https://www.example.org/story"),
        ("https://www.example.org/story/amp/", "https://www.example.org/story/"),
        ("https://www.example.org/story.amp", "https://www.example.org/story"),
        ("https://www.example.org/story.amp.html", "https://www.example.org/story.html"),
        ("https://www.example.org/story?amp", "https://www.example.org/story"),
        ("https://www.example.org/story?amp=1&id=2", "https://www.example.org/story?id=2"),
        ("https://www.example.org/story?outputType=amp", "https://www.example.org/story"),
        ("https://www.example.org/story?output=json", "https://www.example.org/story?output=json"),
        ("https://amp.example.org/story", "https://www.example.org/story"),
        ("https://m.example.co.uk/story", "https://www.example.co.uk/story"),
        ("https://mobile.example.org/story/amp", "https://www.example.org/story"),
        ("https://m.news.example.org/story", "https://m.news.example.org/story"),
        ("https://m.example/story", "https://m.example/story"),
        (
            "https://www-example-org.cdn.ampproject.org/c/s/www.example.org/story/amp",
            "https://www.example.org/story",
        ),
        (
            "https://www-example-org.cdn.ampproject.org/v/www.example.org/story",
            "http://www.example.org/story",
        ),
        ("https://www.google.com/amp/s/m.example.org/story", "https://www.example.org/story"),
        ("https://www.google.com/search?q=x", "https://www.google.com/search?q=x"),
        ("https://www.example.org/amp", "https://www.example.org/amp"),
        ("https://www.example.org/champ", "https://www.example.org/champ"),
        ("mailto:desk@example.org", None),
        ("https://x.cdn.ampproject.org/c/s/user@www.example.org/story", None),
    ],
)
def test_twins_fold(url, expected):
    assert canonical_url(url) == expected
    if expected is not None:
        assert canonical_url(expected) == expected


@given(
    st.sampled_from(["www.", "m.", "amp.", "mobile.", "m.amp.", ""]),
    st.text(st.sampled_from("/amp.htl?=1&cs"), max_size=20),
)
def test_folding_ends_and_is_idempotent(label, rest):
    folded = canonical_url(f"https://{label}example.org/{rest}")
    assert folded is not None
    assert canonical_url(folded) == folded


SITE = "https://www.example.org"


@pytest.mark.parametrize(
    ("canonical", "article", "section"),
    [
        ("/", "/news/a-long-story-title", True),
        ("/index.html", "/news/a-long-story-title", True),
        ("/news/", "/news/2026/a-long-story-title", True),
        ("/world", "/news/2026/a-long-story-title", True),
        ("/en/", "/news/2026/a-long-story-title", True),
        ("/category/politics/", "/2026/a-long-story-title", True),
        ("/article.php", "/article.php?id=5", True),
        ("/a-long-story-title", "/2026/11/a-long-story-title", False),
        ("/news/a-long-story-title", "/news/a-long-story-title/2", False),
        ("/8003098", "/food/let-me-see-it", False),
        ("/node/8996", "/news/what-is-lost-by-then.html", False),
        ("/news/a-long-story-title", "/news/a-long-story-title?page=2", False),
        ("/article.php?id=5", "/article.php?id=5&view=full", False),
        ("/news/story", "/nyheter/story", False),
        ("/nachrichten/%C3%BCber-uns-alle", "/nachrichten/x-y-z-w", False),
        ("/news/2026/a-long-story-title/index.html", "/news/2026/a-long-story-title/", False),
        ("/news", "/news", False),
    ],
)
def test_roots_and_sections_are_no_identity(canonical, article, section):
    assert is_section(SITE + canonical, SITE + article) is section


def identity(*, head="", fetched=True, with_page=True, **fields):
    item = web_item(page(head=head), **fields)
    return identify(item, parse_page(item.body.text, item.url) if with_page and fetched else None)


def link(rel, href):
    return f'<link rel="{rel}" href="{href}">'


def test_a_link_is_its_own_identity():
    assert identity() == Identity(URL, [])
    assert identity(url=URL + "?utm_source=feed#top") == Identity(URL, [])


def test_the_pages_word_counts_on_its_own_domain():
    canonical = "https://news.example.org/stories/4711"
    assert identity(head=link("canonical", canonical)) == Identity(canonical, [URL])
    assert identity(head=link("canonical", "/stories/4711-harbour")) == Identity(
        "https://www.example.org/stories/4711-harbour", [URL]
    )


def test_another_domains_canonical_is_a_hint():
    other = "https://wire.example.com/harbour-stays-closed"
    assert identity(head=link("canonical", other)) == Identity(URL, [other])


@pytest.mark.parametrize(
    "href",
    [
        "https://www.example.org/",
        "/news/",
        "javascript:void(0)",
        "https://user@www.example.org/stories/4711",
        "4711",
        "",
        URL + "?session=2f8a9c",
        "https://[broken",
    ],
)
def test_a_canonical_that_leads_nowhere_is_passed_over(href):
    assert identity(head=link("canonical", href)).url == URL


def test_two_canonicals_are_a_mistake():
    head = link("canonical", "/stories/4711") + link("canonical", "/stories/4712")
    assert identity(head=head).url == URL
    assert identity(head=link("canonical", "/stories/4711") * 2).url == "https://www.example.org/stories/4711"


def test_amp_pages_fold_and_are_alternates():
    amp = URL + "/amp"
    assert identity(url=amp) == Identity(URL, [amp])
    assert identity(head=link("amphtml", amp)) == Identity(URL, [amp])


def test_a_redirect_leads_to_the_article():
    short = "https://exm.example/4711"
    got = identity(url=short, fetch=Fetch(final_url=URL, status=200))
    assert got == Identity(URL, [short])


@pytest.mark.parametrize(
    "final",
    [
        "https://www.example.org/",
        "https://www.example.org/news",
        "https://consent.example.com/collect?to=1",
        "https://login.example.org/x",
    ],
)
def test_a_redirect_to_a_home_page_or_a_wall_does_not(final):
    assert identity(fetch=Fetch(final_url=final, status=200)).url == URL


def test_without_the_articles_page_the_link_counts():
    head = link("canonical", "https://www.example.org/stories/4711")
    assert identity(head=head, with_page=False, fetch=Fetch(final_url=URL + "2", status=200)) == Identity(
        URL, []
    )


def test_without_a_link_nothing_of_a_page_is_believed():
    assert identity(url=None, head=link("canonical", URL)) == Identity(None, [URL])


def test_entries_of_a_live_blog_are_not_the_blog():
    blog = "https://www.example.org/live/2026/nov/24/storm"
    assert identity(url=blog + "#entry-7", part_of=blog, with_page=False) == Identity(None, [])
    entry = "https://www.example.org/live/2026/nov/24/storm/entry-7-quay-gives-way"
    assert identity(url=entry, part_of=blog, with_page=False) == Identity(entry, [])

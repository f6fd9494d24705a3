import json

import pytest

from schemas import FeedEntry
from streams.normalize.extract import extract_body, is_mojibake
from streams.normalize.feed_text import basis_of, feed_text
from streams.normalize.gate import judge_page, judge_text, size_of
from streams.normalize.page import parse_page
from tests.unit.normalize.normalize_parts import PARAGRAPHS, TEXT, URL, item, page


def finding(paragraphs, url=URL, **parts):
    parsed = parse_page(page(paragraphs, **parts), url)
    return judge_page(parsed, extract_body(parsed, url).text, url)


def said(kind, **properties):
    return f'<script type="application/ld+json">{json.dumps({"@type": kind} | properties)}</script>'


CONSENT = [
    "We value your privacy. We and our 764 partners store and access information on your device.",
    "You can accept all, or manage options, where legitimate interest is used. See our privacy policy.",
]
TEASERS = [f"Story number {n} is a headline" for n in range(30)]


def test_an_article_is_an_article():
    assert finding(PARAGRAPHS) is None
    assert finding(PARAGRAPHS, head=said("NewsArticle")) is None


@pytest.mark.parametrize(
    ("paragraphs", "title"),
    [
        (["Verifying…"], "Just a moment..."),
        (["You don’t have permission to access this page on this server."], "Access Denied"),
        (["Enable JavaScript and cookies to continue."], "example.org"),
        (["Please confirm that you are not a robot to go on. Your reference is 4711."], "example.org"),
    ],
)
def test_a_bot_check(paragraphs, title):
    assert finding(paragraphs, title=title) == "bot_check"


def test_a_consent_wall():
    assert finding(CONSENT, title="example.org") == "consent_wall"
    assert finding(["Continue, please. " * 10], url="https://consent.example.org/collect") == "consent_wall"


def test_an_article_about_walls_is_none():
    about = [*PARAGRAPHS * 3, *CONSENT, "“Enable JavaScript and cookies to continue,” it said."]
    assert finding(about) is None


def test_an_article_with_a_cookie_banner():
    banner = "".join(f"<p>{text}</p>" for text in CONSENT)
    assert (
        finding(PARAGRAPHS, head=said("NewsArticle"), tail=f'<div class="cookie-banner">{banner}</div>')
        is None
    )


@pytest.mark.parametrize(
    ("paragraphs", "head"),
    [
        ([*PARAGRAPHS[:2], "Subscribe to continue reading. Already a subscriber? Log in."], ""),
        (PARAGRAPHS[:2], said("NewsArticle", isAccessibleForFree=False)),
        (PARAGRAPHS[:2], said("NewsArticle", isAccessibleForFree="False")),
    ],
)
def test_a_paywall_stub(paragraphs, head):
    assert finding(paragraphs, head=head) == "paywall"


def test_what_is_paid_for_but_all_there():
    assert finding(PARAGRAPHS * 3, head=said("NewsArticle", isAccessibleForFree=False)) is None


def test_a_listing():
    root = "https://www.example.org/"
    headlines = "".join(f"<h2><a href='/{n}'>{text}</a></h2>" for n, text in enumerate(TEASERS))
    assert finding(TEASERS, url=root, tail=headlines) == "listing"
    assert (
        finding(TEASERS, url="https://www.example.org/category/news/", head=said("CollectionPage"))
        == "listing"
    )
    assert finding(TEASERS, url=root, head=said("NewsArticle")) != "listing"
    assert finding(TEASERS, head='<meta property="og:type" content="website">') != "listing"


def test_little_and_nothing():
    assert finding(["The harbour is closed."]) == "thin"
    assert judge_page(parse_page(page([""]), URL), "", URL) == "empty"
    assert judge_text(" \n") == "empty"
    assert judge_text("The harbour is closed.") == "thin"
    assert judge_text(TEXT) is None


def test_wide_characters_say_more():
    assert size_of("abc") == 3
    assert size_of("é") == 1
    assert size_of("港は閉") == 9


def test_the_feeds_longest_text():
    entry = FeedEntry(
        summary="<p>Two quays moved.</p>", content=f"<p>{TEXT}</p><p>And more &amp; more.</p>" * 2
    )
    found = feed_text(item("x", entry=entry))
    assert found is not None
    assert found.text.endswith("They know our number,” he said.\nAnd more & more.")
    assert found.basis == "feed_full"
    assert found.raw == entry.content
    assert feed_text(item("x", entry=FeedEntry(title="t"))) is None
    assert feed_text(item("x")) is None
    described = feed_text(item(None, description="Two quays moved."))
    assert described is not None
    assert described.basis == "feed_summary"


@pytest.mark.parametrize(
    ("text", "summary", "basis"),
    [
        (TEXT * 2, None, "feed_full"),
        (TEXT * 2, TEXT * 2, "feed_summary"),
        (TEXT * 2 + " …", None, "feed_summary"),
        (TEXT * 2 + " [...]", None, "feed_summary"),
        (TEXT * 2 + "\nRead more »", None, "feed_summary"),
        (TEXT * 2 + " Continue reading Harbour stays closed", None, "feed_summary"),
        ("Two quays moved.", None, "feed_summary"),
    ],
)
def test_whole_texts_and_summaries(text, summary, basis):
    assert basis_of(text, summary) == basis


def test_double_encoding():
    broken = "Die Behörde sagte, daß „es“ schön sei.".encode().decode("cp1252", "replace")
    assert is_mojibake(broken)
    assert not is_mojibake("Die Behörde sagte, daß „es“ schön sei. — 港は閉")
    sentence = "Die Behörde sagte am Montag, es sei für Österreich schön, daß größere Schiffe kämen. "
    parsed = parse_page(page([(sentence * 4).encode().decode("cp1252")] * 2), URL)
    body = extract_body(parsed, URL)
    assert body.flags == ("repaired",)
    assert sentence.strip() in body.text


def test_the_headline_is_no_part_of_the_text():
    parsed = parse_page(page(["Harbour stays closed, it was said.", *PARAGRAPHS]), URL)
    assert extract_body(parsed, URL).text.startswith("Harbour stays closed, it was said.\nThe harbour")

"""Pages of others' evaluations: what is measured here may not get worse (thresholds are 2 points below)."""

import html
import json
import re

import pytest

from schemas import Article, Fetch
from streams.normalize.normalize import Rejection, normalize
from tests.support.require import require_shared
from tests.unit.normalize.normalize_parts import item

pytestmark = pytest.mark.shared

LISTINGS = {"cnn_main_site": "https://www.cnn.com/", "wired_main_site": "https://www.wired.com/", "yahoo_main_site": "https://www.yahoo.com/"}  # fmt: skip


def normalized(content, url):
    fetch = Fetch(status=200, final_url=url)
    return normalize(item(content, "text/html", source_kind="page", url=url, fetch=fetch))


def letters(text):
    return re.sub(r"\W+", "", html.unescape(text or "")).casefold()


def check(step, offset=0):
    """Normalize every *step*th of the 300 pages; return counts."""
    folder = require_shared("pages/trafilatura-eval")
    golds = list(json.loads((folder / "evaldata.json").read_text()).items())[offset::step]
    counts = dict.fromkeys(
        ["pages", "rejected", "tp", "fn", "fp", "titles", "titles_right", "dates", "dates_right"], 0
    )
    for url, gold in golds:
        found = normalized((folder / "html" / gold["file"]).read_bytes(), url)
        counts["pages"] += 1
        if isinstance(found, Rejection):
            counts["rejected"] += 1
            continue
        counts["tp"] += sum(segment in found.text for segment in gold["with"])
        counts["fn"] += sum(segment not in found.text for segment in gold["with"])
        counts["fp"] += sum(segment in found.text for segment in gold["without"])
        if gold.get("title"):
            counts["titles"] += 1
            counts["titles_right"] += letters(found.title) == letters(gold["title"])
        if gold.get("date"):
            counts["dates"] += 1
            counts["dates_right"] += (found.published_at.value or "")[:10] == gold["date"]
    counts["f1"] = 2 * counts["tp"] / (2 * counts["tp"] + counts["fn"] + counts["fp"])
    return counts


def test_a_sixth_of_the_pages():
    counts = check(step=6)
    print(counts)
    assert counts["pages"] == 50
    assert counts["rejected"] <= 1
    assert counts["f1"] >= 0.89
    assert counts["titles_right"] / counts["titles"] >= 0.66
    assert counts["dates_right"] / counts["dates"] >= 0.75


@pytest.mark.slow
def test_all_pages():
    counts = check(step=1)
    print(counts)
    assert counts["pages"] == 300
    assert counts["rejected"] <= 1  # one is a home page
    assert counts["f1"] >= 0.90
    assert counts["titles_right"] / counts["titles"] >= 0.77
    assert counts["dates_right"] / counts["dates"] >= 0.79


def test_pages_in_many_languages():
    folder = require_shared("pages/newspaper4k")
    golds = titles = languages = days = 0
    for path in sorted((folder / "metadata").glob("*.json")):
        gold = json.loads(path.read_text())
        page = folder / "html" / f"{path.stem}.html"
        if not page.exists() or not gold.get("url"):
            continue
        found = normalized(page.read_bytes(), gold["url"])
        assert isinstance(found, Article), (path.stem, found)
        golds += 1
        titles += letters(gold["title"]) in letters(found.title) or letters(found.title) in letters(
            gold["title"]
        )
        languages += found.language.tag == gold["language"]
        # Golds are local days or times; ours are UTC.
        days += not gold["publish_date"] or (found.published_at.value or "")[:7] == gold["publish_date"][:7]
    print(golds, titles, languages, days)
    assert languages == golds
    assert titles >= golds - 2
    assert days == golds


@pytest.mark.parametrize("name", LISTINGS)
def test_home_pages_are_no_articles(name):
    page = require_shared("pages/newspaper4k") / "html" / f"{name}.html"
    found = normalized(page.read_bytes(), LISTINGS[name])
    assert isinstance(found, Rejection)
    assert found.reason == "not_article:listing"


def test_the_first_article():
    seed = next(require_shared("seed").glob("*.txt"))
    text = seed.read_text()
    found = normalize(item(text))
    assert isinstance(found, Article)
    assert found.text == text
    assert [span.exact for span in found.credits] == ["Reuters contributed to this report."]
    assert (found.quality, found.form, found.language.tag, found.title) == ([], "article", "en", None)

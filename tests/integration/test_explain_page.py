"""The page of ``newswire explain --html`` in a real browser, from a file, without a network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from newswire.explain.explained import explained
from newswire.explain.page import page_of
from schemas.enriched import EnrichedArticle
from tests.support.require import require

EXAMPLES = Path(__file__).resolve().parents[2] / "schemas" / "examples"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Debian's Chromium without a window."""
    path = require("chromium")
    with sync_playwright() as playwright:
        # The sandbox wants rights that a container's root has not; the page is a file of ours.
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"], timeout=120_000)
        yield started
        started.close()


@pytest.fixture
def complaints() -> list[str]:
    """Return what the browser complains of, and what it asks for beside the page."""
    return []


@pytest.fixture
def article() -> EnrichedArticle:
    """Return the example of an article, with a headline that would run where it is not escaped."""
    example = (EXAMPLES / "enriched_article.first.json").read_bytes()
    article = msgspec.json.decode(example, type=EnrichedArticle)
    return msgspec.structs.replace(article, title="<img src=x onerror='document.title=\"broken out\"'>")


@pytest.fixture
def page(browser: Browser, tmp_path: Path, article: EnrichedArticle, complaints: list[str]) -> Iterator[Page]:
    """Return the page, opened from its file."""
    file = tmp_path / "shown.html"
    file.write_text(page_of([explained(article)]), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request", lambda request: complaints.append(request.url) if request.url != file.as_uri() else None
    )
    page.goto(file.as_uri())
    yield page
    page.close()


def test_it_opens_without_a_complaint_and_asks_for_nothing(
    page: Page, complaints: list[str], article: EnrichedArticle
):
    assert page.locator("h1").inner_text() == article.title
    assert page.title() == article.title
    assert page.locator(".text").evaluate("element => element.textContent") == article.text
    assert complaints == []


def test_a_claim_that_is_chosen_lights_up_where_it_stands_in_the_text(page: Page, article: EnrichedArticle):
    card = page.locator(".claim").first
    assert page.locator(".arrows path").count() >= 1
    card.click()
    assert card.get_attribute("aria-pressed") == "true"
    assert card.locator(".attributes").is_visible()
    lit = page.locator(".words span.on").all_inner_texts()
    first = min(article.claims, key=lambda claim: claim.content[0].start)
    shown = "".join(lit)
    for span in [*first.content, *first.chain[-1].cues]:
        assert span.exact in shown
    drawn = page.locator(".arrows path.on")
    assert drawn.count() >= 1
    assert "NaN" not in (drawn.first.get_attribute("d") or "NaN")
    card.click()
    assert card.get_attribute("aria-pressed") == "false"


def test_a_click_into_the_text_chooses_its_claim(page: Page):
    page.locator(".text [data-cue]").first.click()
    assert page.locator(".claim[aria-pressed=true]").count() == 1


def test_it_works_by_keyboard(page: Page):
    card = page.locator(".claim").first
    card.focus()
    page.keyboard.press("Enter")
    assert card.get_attribute("aria-pressed") == "true"


def test_it_fits_a_telephone(page: Page):
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    words, claims = page.locator(".words").bounding_box(), page.locator(".claims").bounding_box()
    assert words is not None
    assert claims is not None
    assert claims["y"] >= words["y"] + words["height"]

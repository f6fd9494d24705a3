"""The quality gate: whether what was extracted from a page is an article, or what stood before it.

Each finding needs a sign that articles do not have *and* that there is hardly any text, since articles
about cookies, captchas and paywalls exist.
"""

from __future__ import annotations

import re
from statistics import median
from typing import Final, Literal
from urllib.parse import urlsplit

from streams.normalize.consent import consent_words
from streams.normalize.page import Page

__all__ = ["Finding", "judge_page", "judge_text", "size_of"]

Finding = Literal["empty", "bot_check", "consent_wall", "listing", "paywall", "thin"]

_THIN: Final = 150
"""Size (see `size_of`) of some 25 words: below it there is hardly a statement."""
_STUB: Final = 1_500
"""Size of some 250 words: walls have less, and of what is paid for seldom more is shown."""
_WALL_TEXT: Final = 4_000
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WIDE_WEIGHT: Final = 3

_BOT_TITLE = re.compile(
    r"^(?:just a moment|one moment,? please|attention required|access (?:to this page has been )?denied"
    r"|are you a (?:robot|human)|pardon our interruption|security check(?:point)?|verify(?:ing)? you are (?:a )?human"
    r"|checking your browser|ddos-guard|bot (?:check|verification)|client challenge|human verification|robot check"
    r"|please wait|403(?: |$)|forbidden|request (?:blocked|rejected)|captcha|sicherheitsüberprüfung)",
    re.IGNORECASE,
)
_BOT_TEXT = re.compile(
    r"enable javascript and cookies to continue|checking your browser before|unusual (?:traffic|activity) from your"
    r"|(?:verify|confirm|prove|checking) (?:that )?(?:if )?(?:you are|you're) (?:a |not a )?(?:human|robot|bot)"
    r"|complete the (?:captcha|security check)|press (?:&|and) hold|cloudflare ray id|you have been blocked"
    r"|needs to review the security of your connection|ich bin kein roboter|je ne suis pas un robot",
    re.IGNORECASE,
)
_CONSENT_FAMILIES: Final = 3
_CONSENT_SHARE: Final = 0.5
_CONSENT_OWN: Final = 0.15
"""A site speaks of itself in some of the sentences at least; who writes about walls does not."""
_CONSENT_SHARE_OF_ARTICLE: Final = 0.9
"""Of a page that calls itself an article: its wall lay above it, and the text is the wall's alone."""
_CONSENT_HOST = re.compile(r"(?:consent|guce|privacy|cmp)\.")
_PAYWALL_TEXT = re.compile(
    r"(?:subscribe|sign up|register|log ?in|sign ?in|become a (?:member|subscriber)) (?:now )?to (?:continue|keep|read|unlock|access|view)"
    r"|to (?:continue|keep) reading|(?:article|content|story) is (?:reserved for|only available to|exclusive to|for) "
    r"(?:our )?(?:subscribers|members)|already (?:a |have an? )(?:subscriber|subscription|account|member)\b"
    r"|(?:for|to) subscribers only|subscriber[- ]only|you(?:'ve|’ve| have) (?:reached|read) your (?:\w+ )?(?:limit|free)"
    r"|lesen sie (?:den ganzen|diesen) artikel mit|nur für abonnenten|réservé aux abonnés|solo para suscriptores",
    re.IGNORECASE,
)
_PUBLISHED: Final = ("article:published_time", "datepublished", "og:article:published_time")
_MANY: Final = 8
_SHORT_LINE: Final = 60


def size_of(text: str) -> int:
    """Measure how much *text* says, in characters of an alphabet; a Chinese, Japanese or Korean one says
    three times as much.
    """
    return len(text) if text.isascii() else len(text) + (_WIDE_WEIGHT - 1) * len(_WIDE.findall(text))


def judge_text(text: str) -> Finding | None:
    """Judge what came as text: it may be too little, nothing else."""
    size = size_of(text.strip())
    return "empty" if not size else "thin" if size < _THIN else None


def judge_page(page: Page, text: str, url: str | None) -> Finding | None:
    """Judge *text*, extracted from *page* at *url* (after redirects); null for an article."""
    size = size_of(text)
    if size < _WALL_TEXT:
        seen = text if size >= _THIN else f"{text}\n{_visible(page)}"
        host = urlsplit(url).netloc if url else ""
        if size < _STUB and (_BOT_TITLE.search(page.title_element or "") or _BOT_TEXT.search(seen)):
            return "bot_check"
        if _CONSENT_HOST.match(host) and not page.structured.is_article:
            return "consent_wall"
        if _asks_for_consent(page, text):
            return "consent_wall"
    if not size:
        return "empty"
    if _is_listing(page, text, url):
        return "listing"
    if size < _STUB and (page.structured.is_behind_paywall or _PAYWALL_TEXT.search(text)):
        return "paywall"
    return "thin" if size < _THIN else None


def _asks_for_consent(page: Page, text: str) -> bool:
    """Tell a wall: of what was extracted (of what can be seen, where that is nothing) at least half asks for
    consent, and the page has several of a wall's subjects, its heading and buttons among them.
    """
    said = consent_words(text or _visible(page))
    wanted = _CONSENT_SHARE_OF_ARTICLE if _calls_itself_article(page) else _CONSENT_SHARE
    if said.share < wanted or said.own < _CONSENT_OWN:
        return False
    return (
        len(said.families) >= _CONSENT_FAMILIES
        or len(said.families | consent_words(_visible(page)).families) > _CONSENT_FAMILIES
    )


def _calls_itself_article(page: Page) -> bool:
    return (
        page.structured.is_article or page.og_type.startswith("article") or page.meta(*_PUBLISHED) is not None
    )


def _visible(page: Page) -> str:
    from trafilatura import html2txt

    return html2txt(page.tree)[:_WALL_TEXT]


def _is_listing(page: Page, text: str, url: str | None) -> bool:
    """Three signs of a list and none of an article: a root or navigation address, the page's own word,
    many short lines, many headlines.
    """
    from courlan import is_navigation_page

    if page.structured.is_article or page.og_type.startswith("article"):
        return False
    at_root = url is not None and not urlsplit(url).path.strip("/") and not urlsplit(url).query
    if page.meta(*_PUBLISHED) and not at_root:
        return False
    lines = [len(line) for line in text.split("\n")]
    signs = 2 * at_root
    signs += url is not None and is_navigation_page(url)
    signs += page.structured.is_listing
    signs += page.og_type == "website" or (at_root and not page.og_type)
    signs += len(lines) >= _MANY and median(lines) < _SHORT_LINE
    signs += page.count("article") >= _MANY or page.count("h2") + page.count("h3") >= 2 * _MANY
    return signs >= 3

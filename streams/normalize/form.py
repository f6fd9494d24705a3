"""What kind of writing an article is, by cheap signs; where there are none, an article."""

from __future__ import annotations

import re
from typing import Final

from schemas.vocabulary import Form
from streams.normalize.structured import Structured

__all__ = ["form_of"]

_LIVE_PATH = re.compile(
    r"/(?:live(?:-?blogs?|-?updates?|-news|-reporting)?|liveticker|direct|en-direct)(?:/|$)"
)
_LIVE_TITLE = re.compile(r"^(?:live|liveticker|live ?blog|en direct|as it happened)\b[:\s-]|\b(?:live updates|– live|as it happened)$", re.IGNORECASE)  # fmt: skip
_OPINION_PATH = re.compile(r"/(?:opinions?|op-?eds?|commentisfree|columns?|columnists?|editorials?|kommentare?|meinung|tribunes?|idees|opinion-columns)(?:/|$)")  # fmt: skip
_OPINION_SUBJECTS: Final = frozenset({"opinion", "opinions", "editorial", "op-ed", "comment", "commentary", "meinung", "kommentar"})  # fmt: skip
_RELEASE_HOSTS: Final = frozenset(
    "prnewswire.com businesswire.com globenewswire.com newswire.com einpresswire.com presseportal.de prweb.com"
    " accesswire.com newsfilecorp.com".split()
)
_RELEASE_PATH = re.compile(r"/(?:press-?releases?|pressemitteilung(?:en)?|communiques?-de-presse)(?:/|$)")
_RELEASE_TEXT = re.compile(r"FOR IMMEDIATE RELEASE\b|/(?:PR ?Newswire|EINPresswire(?:\.com)?|GLOBE ?NEWSWIRE|CNW)/|\(?(?:BUSINESS WIRE|GLOBE NEWSWIRE|ACCESSWIRE)\)?")  # fmt: skip
_BEGINNING: Final = 400


def form_of(
    *,
    url: str | None,
    domain: str | None,
    title: str | None,
    text: str,
    subjects: list[str],
    structured: Structured | None,
    is_live_entry: bool,
) -> Form:
    """Tell the form: what a connector or the page itself says counts before addresses and phrases."""
    if is_live_entry:
        return "live_entry"
    types = structured.article_types if structured is not None else frozenset()
    if "LiveBlogPosting" in types:
        return "live_blog"
    path = (url or "").partition("://")[2].partition("?")[0].lower()
    if _LIVE_PATH.search(path) or _LIVE_TITLE.search(title or ""):
        return "live_blog"
    if domain in _RELEASE_HOSTS or _RELEASE_PATH.search(path) or _RELEASE_TEXT.search(text[:_BEGINNING]):
        return "press_release"
    if (
        "OpinionNewsArticle" in types
        or _OPINION_PATH.search(path)
        or any(subject.casefold() in _OPINION_SUBJECTS for subject in subjects)
    ):
        return "opinion"
    return "article"

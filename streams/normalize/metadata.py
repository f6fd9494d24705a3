"""What a page says about its article: title, authors, subjects, publisher; the guesses are trafilatura's."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final, NamedTuple

from schemas.links import registrable_domain
from streams.normalize.clean import cut_list, letters_of, one_line
from streams.normalize.dates import Claimed
from streams.normalize.markup import line_of
from streams.normalize.page import Page

__all__ = ["Metadata", "read_metadata", "url_dates"]

_PUBLISHED: Final = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished",
    "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.issued", "dcterms.created", "pubdate",
    "publishdate", "publish-date", "publish_date", "publication_date", "article.published", "date", "dc.date",
)  # fmt: skip
_MODIFIED: Final = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "datemodified", "dcterms.modified",
    "dc.date.modified", "lastmod", "last-modified", "article.updated",
)  # fmt: skip
_SEPARATOR = re.compile(r"\s+[-–—|•·»«:/]\s+")
_BY = re.compile(r"^(?:by|von|par|por|di|av|door)[\s:]+", re.IGNORECASE)
_NO_NAME = re.compile(
    r"https?://|www\.|@|^\W*$|^(?:admin|editor|staff|unknown|author|name|web ?desk)$", re.IGNORECASE
)
_BETWEEN_NAMES = re.compile(r",\s+(?:(?:and|und|et|y|e)\s+)?|\s+(?:and|und|et|y|&)\s+")
_FULL_NAME = re.compile(r"[^\W\d_a-z][\w.'’-]*(?:\s+[\w.'’-]+){1,4}")
_LONGEST_NAME: Final = 100
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)")


class Metadata(NamedTuple):
    """What a page says about its article; one line each, not yet cut to their limits."""

    title: str | None
    description: str | None
    bylines: list[str]
    subjects: list[str]
    publisher_name: str | None
    published: list[Claimed]
    modified: list[Claimed]


def read_metadata(page: Page, url: str | None, reference: datetime | None) -> Metadata:
    """Read what *page* says about its article.  *reference*, the time of fetching, bounds guessed dates."""
    guessed = _guess(page, url, reference)
    structured = page.structured
    site = (structured.names("publisher") or [page.meta("og:site_name") or ""])[0] or None
    published = [Claimed(raw, "page") for raw in structured.texts("datePublished", "dateCreated")[:2]]
    published += [Claimed(raw, "page") for raw in page.metas(*_PUBLISHED)[:8]]
    published += [
        Claimed(raw, "page") for raw in page.attributes("time", "datetime", itemprop="datePublished")[:1]
    ]
    published += url_dates(url)
    if guessed.date:
        published.append(Claimed(guessed.date, "page", guessed=True))
    modified = [Claimed(raw, "page") for raw in structured.texts("dateModified")[:1]]
    modified += [Claimed(raw, "page") for raw in page.metas(*_MODIFIED)[:4]]
    return Metadata(
        title=_title(page, guessed.title, site, url),
        description=line_of(
            page.meta("og:description", "description", "twitter:description", "dc.description")
            or structured.text("description")
            or ""
        )
        or None,
        bylines=_bylines(page, guessed.author),
        subjects=_subjects(page),
        publisher_name=site,
        published=published,
        modified=modified,
    )


def url_dates(url: str | None) -> list[Claimed]:
    """Return the day that an address names, if it does."""
    match = _URL_DATE.search(url or "")
    return [Claimed("-".join(match.groups()), "url", guessed=True)] if match else []


def _guess(page: Page, url: str | None, reference: datetime | None) -> Any:
    from trafilatura.metadata import extract_metadata

    latest = "2100-01-01" if reference is None else reference.strftime("%Y-%m-%d").rjust(10, "0")
    # Without the extensive search, which knows today's date and costs several times the rest.
    return extract_metadata(
        page.tree,
        url,
        {"original_date": True, "extensive_search": False, "max_date": latest},
        extensive=False,
    )


def _title(page: Page, guessed: str | None, site: str | None, url: str | None) -> str | None:
    title = page.structured.text("headline") if page.structured.is_article else None
    title = title or page.meta("og:title", "twitter:title") or guessed or page.title_element
    title = line_of(title or "")
    # The site's own name after the headline is furniture.
    host = (registrable_domain(url) if url else None) or ""
    names = {
        letters_of(name) for name in (site, page.meta("og:site_name"), host, host.partition(".")[0]) if name
    }
    while True:
        parts = list(_SEPARATOR.finditer(title))
        if not parts or letters_of(title[parts[-1].end() :]) not in names - {""}:
            return title or None
        title = title[: parts[-1].start()]


def _bylines(page: Page, guessed: str | None) -> list[str]:
    found = page.structured.names("author") or page.metas("author", "article:author", "parsely-author", "byl")
    names = _names(found) or _names([guessed or ""])
    return cut_list(names)


def _names(entries: list[str]) -> list[str]:
    return [
        name
        for entry in entries
        for part in entry.split(";")
        for name in _apart(_BY.sub("", one_line(part)))
        if _is_name(name)
    ]


def _apart(byline: str) -> list[str]:
    """Split "Ada Obi, Jo Berg and Kim Li, Eastmouth Echo" where every part is a full name, but for one word
    at the end for whom they write.
    """
    parts = [part for part in _BETWEEN_NAMES.split(byline) if part]
    if len(parts) > 1 and " " not in parts[-1]:
        parts.pop()
    return parts if len(parts) > 1 and all(_FULL_NAME.fullmatch(part) for part in parts) else [byline]


def _is_name(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and not _NO_NAME.search(text.strip())


def _subjects(page: Page) -> list[str]:
    found = [*page.structured.texts("articleSection"), *page.metas("article:section", "article:tag")]
    keywords = [*page.structured.texts("keywords"), *page.metas("keywords", "news_keywords")]
    return cut_list([*found, *(word for line in keywords for word in re.split("[,;]", line))])

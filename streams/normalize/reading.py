"""Find the text of an item: in its body, its page, or else in what the feed said of it."""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import Final, NamedTuple

import msgspec

from schemas import ids
from schemas.article import Extractor
from schemas.limits import TEXT_CHARS
from schemas.raw_item import Body, RawItem
from schemas.vocabulary import TextBasis
from streams.normalize.decode import Decoded, decode, kind_of
from streams.normalize.extract import extract_body, is_mojibake
from streams.normalize.feed_text import FeedText, basis_of, feed_text
from streams.normalize.gate import Finding, judge_page, judge_text, size_of
from streams.normalize.markup import fragment_text, is_page
from streams.normalize.page import Page, parse_page

__all__ = ["EXTRACTOR_VERSION", "RULES_VERSION", "Reading", "Rejection", "read_item"]

RULES_VERSION: Final = "1"
"""Changes when the same item may give another article by our own rules."""
EXTRACTOR_VERSION: Final = f"{version('trafilatura')}+{RULES_VERSION}"
"""Changes when the same page may give another article, by trafilatura or by our rules."""

_GONE: Final = ("404", "410")
_GONE_AFTER: Final = 2
"""Fetches in a row that must have said so."""
_NO_ARTICLE: Final[dict[Finding, str]] = {
    "empty": "empty",
    "bot_check": "bot_check",
    "consent_wall": "consent_wall",
    "listing": "not_article:listing",
}
"""Findings that leave nothing to read, with the reason for a rejection where no feed helps."""
_CLEARLY_MORE: Final = 2
"""Times that a feed's whole text must be larger to be preferred to a page's."""
_REASON = re.compile(r"[a-z_]{1,40}|[1-5]\d\d")
"""A word or an HTTP status: reasons are labels of metrics, of which there must be few."""


class Rejection(msgspec.Struct, frozen=True):
    """Why an item makes no article: ``reason`` is one of few, ``detail`` is for people."""

    reason: str
    detail: str = ""


class Reading(NamedTuple):
    """The text of an item and where it is from."""

    text: str
    basis: TextBasis
    extractor: Extractor
    raw_hash: str
    flags: tuple[str, ...] = ()
    page: Page | None = None
    """The article's own page; null where there is none or what was fetched is not the article's."""
    gone: bool = False


def read_item(item: RawItem) -> Reading | Rejection:
    """Find *item*'s text, or say why there is none."""
    fetch, body = item.fetch, item.body
    failed = fetch is not None and fetch.status is not None and fetch.status >= 400
    if body is None or failed:
        if fetch is not None and fetch.failures >= _GONE_AFTER and _says_gone(fetch.result, fetch.status):
            return Reading(
                "", "page", Extractor(name="none", version=RULES_VERSION), _raw_hash(item, ""), gone=True
            )
        return _from_feed(item, "unfetched") or Rejection(*_why_unfetched(item))
    kind = kind_of(body)
    if kind is None:
        return _from_feed(item, "unsupported_media_type") or Rejection(
            "unsupported_media_type", body.media_type
        )
    decoded = decode(body)
    if decoded is None:
        return _from_feed(item, "undecodable") or Rejection("undecodable", f"charset {body.charset}")
    if body.truncated:
        decoded = decoded._replace(flags=(*decoded.flags, "body_truncated"))
    if kind == "plain":
        return _from_text(item, decoded.text, "plain", decoded.flags)
    if is_page(decoded.text):
        return _from_page(item, decoded)
    return _from_text(item, fragment_text(decoded.text), "fragment", decoded.flags)


def _says_gone(result: str, status: int | None) -> bool:
    return result in _GONE or str(status) in _GONE


def _why_unfetched(item: RawItem) -> tuple[str, str]:
    fetch = item.fetch
    if fetch is None:
        return "empty", "no body and no text in the feed"
    result = fetch.result if fetch.result != "ok" or fetch.status is None else str(fetch.status)
    reason = result if _REASON.fullmatch(result) else "other"
    return ("empty", "no body") if reason == "ok" else (f"unfetched:{reason}", fetch.result)


def _from_text(item: RawItem, text: str, name: str, flags: tuple[str, ...]) -> Reading | Rejection:
    # What is beyond is not stored, and looking at megabytes of it would take seconds.
    kept = text[:TEXT_CHARS]
    finding = judge_text(kept)
    # A short text that is all a source gave is what it had to say.
    feed = feed_text(item) if finding == "empty" or (finding is not None and item.entry is not None) else None
    if feed is not None and size_of(feed.text) > size_of(text):
        return _fallen_back(item, feed, (*flags, str(finding)))
    if finding == "empty":
        return Rejection("empty", "the body has no text")
    if is_mojibake(kept):
        flags = (*flags, "mojibake")
    return Reading(
        text,
        _basis(item, text),
        Extractor(name=name, version=RULES_VERSION),
        _raw_hash(item, text),
        flags if finding is None else (*flags, finding),
    )


def _basis(item: RawItem, text: str) -> TextBasis:
    if item.source_kind == "feed" and item.entry is None:
        return basis_of(text, item.description)
    if item.source_kind == "warc":
        return "archive"
    return "page" if item.source_kind in {"feed", "sitemap", "page"} else "push"


def _from_page(item: RawItem, decoded: Decoded) -> Reading | Rejection:
    url = (item.fetch.final_url if item.fetch is not None else None) or item.url
    page = parse_page(decoded.text, url)
    if page is None:
        return _from_feed(item, "empty", *decoded.flags) or Rejection("empty", "no elements")
    body = extract_body(page, url)
    finding = judge_page(page, body.text, url)
    flags = (*decoded.flags, *body.flags, *((finding,) if finding is not None else ()))
    feed = feed_text(item)
    if finding in _NO_ARTICLE:
        if feed is not None:
            return _fallen_back(item, feed, flags)
        return Rejection(_NO_ARTICLE[finding], f"{len(body.text)} characters at {url}")
    if feed is not None and _is_better(feed, body.text, finding):
        if finding is None:
            flags = (*flags, "page_shorter_than_feed")
        return _fallen_back(item, feed, flags, page)
    return Reading(
        body.text,
        "archive" if item.source_kind == "warc" else "page",
        Extractor(name="trafilatura", version=EXTRACTOR_VERSION),
        _raw_hash(item, body.text),
        flags,
        page,
    )


def _is_better(feed: FeedText, text: str, finding: Finding | None) -> bool:
    if finding is not None:
        return size_of(feed.text) > size_of(text)
    return feed.basis == "feed_full" and size_of(feed.text) > _CLEARLY_MORE * size_of(text)


def _from_feed(item: RawItem, *flags: str) -> Reading | None:
    feed = feed_text(item)
    return None if feed is None else _fallen_back(item, feed, flags)


def _fallen_back(item: RawItem, feed: FeedText, flags: tuple[str, ...], page: Page | None = None) -> Reading:
    flags = (*flags, "thin") if judge_text(feed.text) == "thin" and "thin" not in flags else flags
    return Reading(
        feed.text,
        feed.basis,
        Extractor(name="feed", version=RULES_VERSION),
        _raw_hash(item, feed.raw),
        flags,
        page,
    )


def _raw_hash(item: RawItem, text: str) -> str:
    body: Body | None = item.body
    return body.sha256 if body is not None else ids.sha256_hex(text)

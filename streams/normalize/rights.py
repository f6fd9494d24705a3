"""What a publisher asks of readers by machine: recorded as found, never interpreted into a decision."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from schemas.base import Rights
from schemas.raw_item import RawItem
from streams.normalize.clean import cut_list
from streams.normalize.page import Page

__all__ = ["rights_of"]

_NO_AI = re.compile(r"\bno(?:image)?ai\b", re.IGNORECASE)
_ROBOTS: Final = ("robots", "googlebot", "googlebot-news", "bingbot", "ai-training", "google-extended")


def rights_of(item: RawItem, page: Page | None) -> Rights | None:
    """Collect what *item*'s connector found on the way, its response headers and its page; null for nothing.

    ``tdm_reservation`` is the TDM Reservation Protocol's, by header or meta element; an AI-training opt-out
    is ``noai`` or ``noimageai`` in any robots directive.
    """
    known = item.rights or Rights()
    headers = item.fetch.headers if item.fetch is not None else {}
    x_robots = cut_list([*known.x_robots_tag, *_header(headers, "x-robots-tag")])
    meta_robots = cut_list([*known.meta_robots, *(page.metas(*_ROBOTS) if page else ())])
    reservations = [*_header(headers, "tdm-reservation"), *(page.metas("tdm-reservation") if page else ())]
    reserved = known.tdm_reservation
    if reserved is None and reservations:
        reserved = reservations[0].strip() == "1"
    opted_out = any(_NO_AI.search(line) for line in [*x_robots, *meta_robots])
    licenses = [*page.structured.texts("license"), *page.links("license")] if page else []
    notices = (
        [*page.structured.texts("copyrightNotice"), *page.metas("copyright", "dcterms.rights")]
        if page
        else []
    )
    found = msgspec.structs.replace(
        known,
        x_robots_tag=x_robots,
        meta_robots=meta_robots,
        tdm_reservation=reserved,
        ai_training=False if opted_out else known.ai_training,
        license=_first([known.license or "", *licenses]),
        copyright=_first([known.copyright or "", *notices]),
    )
    return None if found == Rights() else found


def _header(headers: dict[str, str], name: str) -> list[str]:
    return [value for key, value in headers.items() if key.lower() == name]


def _first(texts: list[str]) -> str | None:
    return next(iter(cut_list(texts)), None)

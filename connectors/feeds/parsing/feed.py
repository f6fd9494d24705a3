"""A whole document of RSS, RDF or Atom: what it says of itself, and its entries."""

from __future__ import annotations

from itertools import chain, islice
from typing import Any, Final

from connectors.feeds.model import FeedFormat, ParsedFeed
from connectors.feeds.parsing.entries import authors_in, link_among, read_entry
from connectors.feeds.parsing.identity import told_apart
from connectors.feeds.parsing.tags import Children, Element, children_of, key_of
from connectors.feeds.parsing.values import first_text, language_of, link_in, number
from connectors.feeds.parsing.xml import Document
from schemas.limits import FEED_ENTRIES

__all__ = ["is_feed", "read_feed", "root_name"]

_ITEMS: Final = ("item", "atom:entry", "entry")
_PERIODS: Final = {
    "hourly": 3_600,
    "daily": 86_400,
    "weekly": 604_800,
    "monthly": 2_592_000,
    "yearly": 31_536_000,
}
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOST_MINUTES: Final = 60 * 24 * 365
_ROOTS: Final[dict[str, FeedFormat]] = {
    "rss": "rss",
    "channel": "rss",
    "rdf:rdf": "rdf",
    "rdf": "rdf",
    "atom:feed": "atom",
    "feed": "atom",
    "atom:entry": "atom",
    "entry": "atom",
}


def root_name(root: Element) -> str:
    """Return the local name of a document's root, in lower case."""
    return key_of(root.tag).rpartition(":")[2]


def is_feed(root: Element) -> bool:
    """Tell whether a document is of a kind that `read_feed` reads."""
    key = key_of(root.tag)
    if root.tag == "CHANNEL":  # CDF, which feedparser reads
        return False
    return key in _ROOTS or (key.startswith("?:") and root_name(root) in {"rss", "feed"})


def read_feed(document: Document, url: str, *, deep: bool = False, **facts: Any) -> ParsedFeed:
    """Read a document for which `is_feed` is true; *facts* are fields that others know.

    With *deep*, entries are looked for within others, where an end tag that was missing left them.
    """
    root = document.root
    assert root is not None
    form = _ROOTS.get(key_of(root.tag)) or ("atom" if root_name(root) == "feed" else "rss")
    channel = root if form == "atom" else next(
        (child for child in root.iterchildren("*") if key_of(child.tag) == "channel"), root
    )  # fmt: skip
    children = children_of(channel, but=_ITEMS)
    entries = list(
        islice((read_entry(item, url) for item in _items(root, channel, deep=deep)), FEED_ENTRIES + 1)
    )
    kept, found = told_apart(entries[:FEED_ENTRIES])
    links = [*children.get("atom:link", ()), *(link for link in children.get("link", ()) if link.get("href"))]
    return ParsedFeed(
        format=form,
        version=_version(root, form, netscape=document.netscape),
        title=first_text(children, "title", "atom:title", "dc:title"),
        link=_site(children, links, url),
        self_url=link_among(links, url, "self"),
        hub=link_among(links, url, "hub"),
        language=language_of(channel, children) or language_of(root, {}),
        copyright=first_text(children, "copyright", "atom:rights", "atom:copyright", "dc:rights", "rights"),
        description=first_text(
            children, "description", "atom:subtitle", "atom:tagline", "subtitle", "tagline", "dc:description",
            "itunes:summary",
            "itunes:subtitle",
        ),
        authors=authors_in(children, "atom:author", "author", "dc:creator", "dc:author", "managingeditor")
        or authors_in(children, "dc:publisher", "webmaster", "itunes:author"),
        updated=first_text(
            children, "lastbuilddate", "atom:updated", "atom:modified", "updated", "modified", "pubdate", "dcterms:modified", "dc:date"
        ),
        ttl_s=_minutes(first_text(children, "ttl")),
        skip_hours=_hours(children),
        skip_days=_days(children),
        update_period_s=_period(children),
        entries=kept,
        truncated=len(entries) > FEED_ENTRIES,
        flags=[*facts.pop("flags", ()), *found],
        **facts,
    )  # fmt: skip


def _items(root: Element, channel: Element, *, deep: bool) -> Any:
    if deep:
        return (child for child in root.iter("*") if key_of(child.tag) in _ITEMS)
    if key_of(root.tag) in {"atom:entry", "entry"}:
        return [root]
    places = [channel] if root is channel else [channel, root]
    lists = [child for child in channel.iterchildren("*") if key_of(child.tag) == "items"]
    return chain.from_iterable(
        (child for child in place.iterchildren("*") if key_of(child.tag) in _ITEMS)
        for place in (*places, *lists)
    )


def _site(children: Children, links: list[Element], url: str) -> str | None:
    for link in children.get("link", ()):
        if found := link_in(link, (link.text or "").strip(), url):
            return found
    return link_among(links, url, "alternate")


def _version(root: Element, form: str, *, netscape: bool) -> str:
    said = (root.get("version") or "").strip().lower()
    namespace = root.tag[1:].partition("}")[0].lower() if root.tag.startswith("{") else ""
    if form == "atom":
        if namespace == "http://www.w3.org/2005/atom":
            return "atom10"
        return {"0.1": "atom01", "0.2": "atom02", "0.3": "atom03", "1.0": "atom10"}.get(said, "atom")
    if form == "rdf":
        spaces = set(root.nsmap.values())
        return "rss090" if any("rdf/simple/0.9" in (space or "") for space in spaces) else "rss10"
    if namespace == "http://purl.org/net/rss1.1#":
        return "rss11"
    if said.startswith("2."):
        return "rss20"
    known = {"0.90": "rss090", "0.91": "rss091n" if netscape else "rss091u", "0.92": "rss092"}
    return known.get(said) or {"0.93": "rss093", "0.94": "rss094", "1.0": "rss10"}.get(said, "rss")


def _minutes(text: str | None) -> float | None:
    minutes = number(text)
    return None if minutes is None else 60.0 * min(minutes, _MOST_MINUTES)


def _hours(children: Children) -> list[int]:
    hours = {
        int(hour) % 24
        for text in _listed(children, "skiphours")
        if (hour := number(text)) is not None and hour <= 24
    }
    return sorted(hours)


def _days(children: Children) -> list[int]:
    names = {text.strip().lower()[:3] for text in _listed(children, "skipdays")}
    return sorted(_DAYS.index(name) for name in names if name in _DAYS)


def _listed(children: Children, key: str) -> list[str]:
    return [entry.text or "" for element in children.get(key, ()) for entry in element.iterchildren("*")][
        :100
    ]


def _period(children: Children) -> float | None:
    period = _PERIODS.get((first_text(children, "sy:updateperiod") or "").lower())
    if period is None:
        return None
    frequency = number(first_text(children, "sy:updatefrequency"))
    return period / min(max(frequency or 1.0, 1.0), 10_000.0)

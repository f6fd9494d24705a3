"""Articles to judge, and the topics around dedupe without Kafka."""

from __future__ import annotations

import random
from typing import Any

from schemas import Article, Correction, Dated, Extractor, Publisher, Span, ids
from streams.fingerprints import fingerprint

DAY = 86_400_000
START = 1_790_000_000_000
"""Append time of the first record, ms since 1970; 2026-09-21."""

_SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()


def words(count: int, seed: object = 0) -> list[str]:
    """Draw words that hardly repeat; the same for the same seed."""
    draw = random.Random(repr(seed))
    return ["".join(draw.choices(_SYLLABLES, k=3)) for _ in range(count)]


def prose(count: int = 120, seed: object = 0) -> str:
    """Write *count* words in sentences of ten."""
    drawn = words(count, seed)
    return " ".join(" ".join(drawn[i : i + 10]).capitalize() + "." for i in range(0, count, 10))


def time_of(at_ms: int) -> str:
    """Write a time as events have it."""
    from streams.dedupe.times import rfc3339

    return rfc3339(at_ms)


def article(
    text: str = "",
    *,
    url: str | None = "https://example.org/a",
    link: str | None = None,
    title: str | None = "A title",
    at: int = START,
    source: str = "one",
    basis: str = "page",
    extractor: str = "trafilatura/1",
    raw: str | None = None,
    domain: str | None = "example.org",
    published: str | None = None,
    notice: str | None = None,
    native: str | None = None,
    **fields: Any,
) -> Article:
    """Make an Article as normalize would; *url* is its canonical URL, *link* what the source called it."""
    content = ids.content_hash(title, None, text)
    raw_hash = ids.sha256_hex(raw if raw is not None else f"raw of {title} {text}")
    link_key = link or url or f"{source} {native}"
    fetched = time_of(at)
    item = ids.item_id(source, link_key, raw_hash, fetched)
    start = text.find(notice) if notice else 0
    name, _, version = extractor.partition("/")
    values: dict[str, Any] = {
        "item_id": item,
        "article_id": ids.article_id(url, source, native or link_key),
        "source_id": source,
        "source_kind": "feed",
        "native_id": native or link_key,
        "link_key": link_key,
        "fetched_at": fetched,
        "url": link or url,
        "canonical_url": url,
        "publisher": Publisher(domain=domain),
        "title": title,
        "text": text,
        "text_basis": basis,
        "published_at": Dated(value=published),
        "corrections": [
            Correction(
                span=Span(field="text", start=start, end=start + len(notice), exact=notice), kind="correction"
            )
        ]
        if notice
        else [],
        "raw_hash": raw_hash,
        "content_hash": content,
        "fingerprints": fingerprint(text),
        "extractor": Extractor(name=name, version=version),
    }
    return Article(**(values | fields))

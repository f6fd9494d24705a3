"""The story up to its verdicts: items, articles, sightings."""

from __future__ import annotations

from typing import Any

from schemas import ids, links
from schemas.article import Article
from schemas.base import Dated, LanguageTag, Publisher, Rights
from schemas.raw_item import Body, FeedEntry, Fetch, RawItem
from schemas.sighting import Relation, Sighting, Standing
from schemas.vocabulary import Verdict
from streams.fingerprints import fingerprint, jaccard, shingle_array
from tests.contract.story.texts import (
    COPY_FEED,
    COPY_URL,
    COURIER,
    DESCRIPTION,
    NEAR_FEED,
    NEAR_URL,
    NORTHGATE,
    PAGE,
    PAGE_MAKER,
    PLAIN_MAKER,
    TEXT,
    TITLE,
    WINDOW,
    WIRE_FEED,
    WIRE_URL,
    span,
)


def raw_items() -> dict[str, RawItem]:
    wire = Body(text=TEXT, sha256=ids.sha256_hex(TEXT))
    page = Body(media_type="text/html", charset="utf-8", data=PAGE, sha256=ids.sha256_hex(PAGE))
    guid, entry_url = "urn:northgate:20261124:MERRIN-PILOTS:1", COPY_URL
    return {
        "A": RawItem(
            item_id=ids.item_id(WIRE_FEED, guid, wire.sha256, "2026-11-24T05:12:08Z"),
            source_id=WIRE_FEED,
            source_kind="feed",
            native_id=guid,
            url=WIRE_URL,
            link_key=links.link_key(WIRE_URL, WIRE_FEED, guid),
            fetched_at="2026-11-24T05:12:08Z",
            title=TITLE,
            description=DESCRIPTION,
            bylines=["Ana Quill"],
            subjects=["Labour", "Shipping"],
            published_at="Tue, 24 Nov 2026 05:03:00 GMT",
            language="en",
            publisher=NORTHGATE,
            body=wire,
        ),
        "B": RawItem(
            item_id=ids.item_id(COPY_FEED, entry_url, page.sha256, "2026-11-24T06:02:40Z"),
            source_id=COPY_FEED,
            source_kind="feed",
            native_id=entry_url,
            url=entry_url,
            link_key=links.link_key(entry_url, COPY_FEED, entry_url),
            fetched_at="2026-11-24T06:02:40Z",
            title=TITLE,
            published_at="2026-11-24T06:00:00+00:00",
            publisher=COURIER,
            body=page,
            entry=FeedEntry(
                title=TITLE,
                summary=f"<p>{DESCRIPTION}</p>",
                published="2026-11-24T06:00:00+00:00",
                categories=["Harbour"],
                source=NORTHGATE,
                feed_url="https://www.merrin-courier.example/feed",
            ),
            fetch=Fetch(
                status=200,
                requested_url=entry_url,
                final_url=entry_url,
                headers={"content-type": "text/html; charset=utf-8", "etag": '"5f2-a91"'},
                bytes=1184,
                duration_s=0.412,
            ),
            rights=Rights(robots_allowed=True, meta_robots=["max-snippet:-1"], tdm_reservation=True),
        ),
        "U": RawItem(
            item_id=ids.item_id(NEAR_FEED, NEAR_URL + "/tides", "", "2026-11-24T06:30:00Z"),
            source_id=NEAR_FEED,
            source_kind="feed",
            native_id=NEAR_URL + "/tides",
            url=NEAR_URL + "/tides",
            link_key=links.link_key(NEAR_URL + "/tides", NEAR_FEED, NEAR_URL + "/tides"),
            fetched_at="2026-11-24T06:30:00Z",
            fetch=Fetch(result="403", status=403, requested_url=NEAR_URL + "/tides", duration_s=0.077),
        ),
    }


def article(raw: RawItem, text: str, fetched_at: str, *, page: bool = False, **more: Any) -> Article:
    assert raw.url is not None
    assert raw.body is not None
    url = links.canonical_link(raw.url)
    description = None if page else DESCRIPTION
    published = raw.published_at is not None and "05:03" in raw.published_at
    body_hash = raw.body.sha256 if page else ids.sha256_hex(text)
    return Article(
        item_id=ids.item_id(raw.source_id, raw.native_id, body_hash, fetched_at),
        article_id=ids.article_id(url, raw.source_id, raw.native_id),
        source_id=raw.source_id,
        source_kind=raw.source_kind,
        native_id=raw.native_id,
        link_key=raw.link_key,
        fetched_at=fetched_at,
        url=raw.url,
        canonical_url=url,
        publisher=raw.publisher or Publisher(),
        title=TITLE,
        description=description,
        text=text,
        text_basis="page" if page else "feed_full",
        bylines=raw.bylines,
        published_at=Dated(
            value="2026-11-24T05:03:00Z" if published else "2026-11-24T06:00:00Z",
            from_="feed",
            precision="second",
        ),
        language=LanguageTag(tag="en", from_="detected", confidence=0.998),
        rights=raw.rights,
        subjects=raw.subjects,
        raw_hash=body_hash,
        content_hash=ids.content_hash(TITLE, description, text),
        fingerprints=fingerprint(text),
        extractor=PAGE_MAKER if page else PLAIN_MAKER,
        **more,
    )


def wire_spans(text: str) -> dict[str, Any]:
    return {
        "dateline": span("PORT MERRIN, Nov 24 (Northgate)", text),
        "credits": [span("(Reporting by Ana Quill; editing by Per Lindqvist)", text)],
    }


def compared(this: Article, other: Article, lag_s: float) -> Relation:
    mine, theirs = this.fingerprints.sketch, other.fingerprints.sketch
    assert mine is not None
    assert theirs is not None
    a, b = shingle_array(mine), shingle_array(theirs)
    here, there = set(a.tolist()), set(b.tolist())
    ends = [*mine.sentences[1:], len(a)]
    sentences = [a[i:j].tolist() for i, j in zip(mine.sentences, ends, strict=True)]
    return Relation(
        article_id=other.article_id,
        revision_id=ids.revision_id(other.article_id, other.content_hash),
        item_id=other.item_id,
        kind="identical" if this.fingerprints.exact == other.fingerprints.exact else "near_copy",
        jaccard=round(jaccard(a, b), 6),
        containment_of_this=round(len(here & there) / len(here), 6),
        containment_of_other=round(len(here & there) / len(there), 6),
        numbers_changed=sorted(set(mine.numbers) ^ set(theirs.numbers)),
        names_changed=sorted(set(mine.names) ^ set(theirs.names)),
        negation_changed=mine.negations != theirs.negations,
        unmatched_sentences=[
            number for number, s in enumerate(sentences) if sum(x in there for x in s) < 0.8 * len(s)
        ],
        publisher=other.publisher.domain,
        first_seen_at=other.fetched_at,
        same_publisher=this.publisher.domain == other.publisher.domain,
        lag_s=lag_s,
    )


def sighting(made: Article, verdict: Verdict, judged: str, **more: Any) -> Sighting:
    revision = ids.revision_id(made.article_id, made.content_hash)
    number = more.get("revision_number", 1)
    fields: dict[str, Any] = {
        "item_id": made.item_id,
        "native_id": made.native_id,
        "source_id": made.source_id,
        "link_key": made.link_key,
        "article_id": made.article_id,
        "revision_id": revision,
        "revision_number": number,
        "observed_at": made.fetched_at,
        "judged_record_at": judged,
        "title": made.title,
        "url": made.canonical_url,
        "publisher": made.publisher,
        "published_at": made.published_at.value,
        "verdict": verdict,
        "enrich": False,
        "window_start": WINDOW,
        "content_hash": made.content_hash,
        "fingerprints": made.fingerprints,
        "extractor": f"{made.extractor.name}/{made.extractor.version}",
        "raw_hash": made.raw_hash,
        "text_basis": made.text_basis,
        "standing": Standing(
            current_number=number,
            current_revision_id=revision,
            current_at=made.fetched_at,
            highest_number=number,
            url_is_link=True,
            first_number=number,
            first_item_id=made.item_id,
            first_seen_at=made.fetched_at,
        ),
    }
    return Sighting(**(fields | more))

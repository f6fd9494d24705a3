"""Judged articles to enrich, and what a test asks of the events."""

from __future__ import annotations

from typing import Any

import msgspec

from schemas import Article, EnrichedArticle, Extractor, LanguageTag, Sighting, Span, UniqueArticle, ids
from schemas.entity import Mention

URL = "https://news.example.org/bridge"
SEEN = "2026-11-24T09:30:00Z"
STORY = (
    "The bridge at Harbourtown will stay closed until May, Mayor Ada Quill announced on Tuesday.\n"
    "“We found cracks in two of the piers,” Quill said. “Nobody will cross before they are mended.”\n"
    "The Norland Roads Agency (NRA) had warned in March that the piers were unsafe, according to a report.\n"
    "She added that the NRA would pay for half of the work."
)


def unique(
    text: str = STORY, *, number: int = 0, article: dict[str, Any] | None = None, **sighting: Any
) -> UniqueArticle:
    """Return a judged article; *number* makes it another one, the other arguments replace fields."""
    url = f"{URL}/{number}"
    fields: dict[str, Any] = {"title": "Bridge closed until May", "language": LanguageTag(tag="en")} | (
        article or {}
    )
    content = ids.content_hash(fields["title"], fields.get("description"), text)
    item = ids.item_id("source", url, content, SEEN)
    identity = ids.article_id(url, "source", url)
    of_article = Article(
        item_id=item,
        article_id=identity,
        source_id="source",
        source_kind="feed",
        native_id=url,
        link_key=url,
        fetched_at=SEEN,
        url=url,
        canonical_url=url,
        text=text,
        text_basis="page",
        raw_hash=ids.sha256_hex(text),
        content_hash=content,
        extractor=Extractor(name="plain", version="1"),
        **fields,
    )
    of_sighting = Sighting(
        item_id=item,
        native_id=url,
        source_id="source",
        link_key=url,
        article_id=identity,
        revision_id=ids.revision_id(identity, content),
        revision_number=1,
        revision_kind="first",
        observed_at=SEEN,
        judged_record_at=SEEN,
        verdict="new",
        enrich=True,
        window_start=SEEN,
        content_hash=content,
        extractor="plain/1",
        raw_hash=of_article.raw_hash,
        text_basis="page",
    )
    return UniqueArticle(article=of_article, sighting=msgspec.structs.replace(of_sighting, **sighting))


def spans_of(event: EnrichedArticle) -> list[Span]:
    """Return every span of an event's claims and entities."""
    found: list[Span] = []

    def collect(value: Any) -> None:
        if isinstance(value, Span | Mention):
            found.append(value)
        elif isinstance(value, msgspec.Struct):
            for name in value.__struct_fields__:
                collect(getattr(value, name))
        elif isinstance(value, list):
            for one in value:
                collect(one)

    collect(event.claims)
    collect(event.entities)
    return found


def assert_true(event: EnrichedArticle) -> None:
    """Check that every span reproduces the article's text, and that ids are whole and distinct."""
    for span in spans_of(event):
        assert 0 <= span.start < span.end
        assert (getattr(event, span.field) or "")[span.start : span.end] == span.exact
    assert event.claim_ids == [claim.claim_id for claim in event.claims]
    assert len(set(event.claim_ids)) == len(event.claim_ids)
    entities = [entity.entity_id for entity in event.entities]
    assert len(set(entities)) == len(entities)
    assert all(entity.count == len(entity.mentions) for entity in event.entities)
    referred = {s.entity_id for c in event.claims for link in c.chain for s in link.sources} - {None}
    assert referred <= set(entities)
    assert {c.parent_claim_id for c in event.claims} - {None} <= set(event.claim_ids)

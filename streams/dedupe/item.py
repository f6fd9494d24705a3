"""An article made ready to be judged."""

from __future__ import annotations

from typing import Final

import msgspec

from schemas.article import Article
from streams.dedupe.compare import Shingles, shingles_of
from streams.dedupe.decision import extractor_of, item_key
from streams.dedupe.near_index import Tags, tags_of
from streams.dedupe.showings import raw_of, shown_by, title_of
from streams.dedupe.times import micros

__all__ = ["Item", "UnjudgeableError", "check_signature", "item_of"]

SIGNATURE_BYTES: Final = 512


class UnjudgeableError(ValueError):
    """An article that is not as normalize makes it; nothing was changed by trying to judge it."""


class Item(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What the verdict table asks of an item."""

    article: Article
    key: bytes
    """Of this item as this extractor read it."""
    extractor: str
    fetched: int
    """Microseconds since 1970."""
    published: int | None
    """As claimed, microseconds since 1970."""
    title: bytes
    raw: bytes
    by: bytes
    """Source and text basis."""
    source: bytes
    """Source alone."""
    shingles: Shingles | None
    """Null under 30 words."""
    tags: Tags | None
    """Band hashes of the signature; null under 30 words."""


def item_of(article: Article) -> Item:
    """Make an article ready.

    Raises:
        UnjudgeableError: its ``fetched_at`` is no time, or its fingerprints are damaged.
    """
    extractor = extractor_of(article)
    fingerprints = article.fingerprints
    try:
        check_signature(fingerprints.minhash)
        return Item(
            article=article,
            key=item_key(article.item_id, extractor, article.content_hash),
            extractor=extractor,
            fetched=micros(article.fetched_at),
            published=_claimed(article.published_at.value),
            title=title_of(article.title),
            raw=raw_of(article.raw_hash),
            by=shown_by(article.source_id, article.text_basis),
            source=shown_by(article.source_id, None),
            shingles=None if fingerprints.sketch is None else shingles_of(fingerprints.sketch),
            tags=None if fingerprints.minhash is None else tags_of([fingerprints.minhash])[0],
        )
    except ValueError as error:
        raise UnjudgeableError(f"item {article.item_id} cannot be judged: {error}") from error


def check_signature(signature: bytes | None) -> None:
    """Refuse a signature that has not the size of one.

    Raises:
        ValueError: it has another.
    """
    if signature is not None and len(signature) != SIGNATURE_BYTES:
        raise ValueError(f"a signature has {SIGNATURE_BYTES} bytes, not {len(signature)}")


def _claimed(published: str | None) -> int | None:
    if published is None:
        return None
    try:
        return micros(published)
    except ValueError:
        # A claim that cannot be read claims nothing.
        return None

"""An article made ready to be judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from schemas.article import Article
from streams.dedupe.compare import Shingles, shingles_of
from streams.dedupe.decision import extractor_of, item_key
from streams.dedupe.near_index import Found, Tags, tags_of
from streams.dedupe.showings import raw_of, shown_by, title_of
from streams.dedupe.times import micros

__all__ = ["Item", "UnjudgeableError", "check_signature", "items_of"]

SIGNATURE_BYTES: Final = 512


class UnjudgeableError(ValueError):
    """An article that is not as normalize makes it; nothing was changed by trying to judge it."""


class Item(msgspec.Struct, gc=False, kw_only=True):
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
    ahead: Found | None = None
    """What the near index said of them when the item was made ready."""


def items_of(articles: Sequence[Article]) -> list[Item | Exception]:
    """Make articles ready, many at once because arrays like that; for one that cannot be judged, say why.

    That is an `UnjudgeableError` where its ``fetched_at`` is no time, or its fingerprints are damaged.
    """
    signatures = [
        signature
        for signature in (article.fingerprints.minhash for article in articles)
        if signature is not None and len(signature) == SIGNATURE_BYTES
    ]
    tags = iter(tags_of(signatures))
    items: list[Item | Exception] = []
    for article in articles:
        signature = article.fingerprints.minhash
        sound = signature is not None and len(signature) == SIGNATURE_BYTES
        own = next(tags) if sound else None
        try:
            items.append(_item_of(article, own))
        except ValueError as error:
            items.append(UnjudgeableError(f"item {article.item_id} cannot be judged: {error}"))
        except Exception as error:  # noqa: BLE001 - one article's error must not stop all that follow
            items.append(error)
    return items


def _item_of(article: Article, tags: Tags | None) -> Item:
    extractor = extractor_of(article)
    fingerprints = article.fingerprints
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
        tags=tags,
    )


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

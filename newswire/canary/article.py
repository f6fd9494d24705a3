"""What a canary is: an item with a known claim, and how to know that claim again."""

from __future__ import annotations

from typing import Final

from connectors.framework.items import raw_item, text_body
from schemas import ids
from schemas.claim import Claim
from schemas.raw_item import RawItem

__all__ = ["CLAIM", "SOURCE_ID", "article_of", "canary", "is_known_claim"]

SOURCE_ID: Final = "canary"
CLAIM: Final = "The canary is singing"
"""What the claim says, to the letter."""
_TEXT: Final = f"“{CLAIM}”, said Ada Quill, the keeper of the bird, on Monday."
"""Too short to be called a copy of anything, or anything a copy of it: see `schemas.limits.MIN_COPY_WORDS`."""


def canary(fetched_at: str) -> RawItem:
    """Make the canary of a moment (RFC 3339, UTC): an article of its own, so that dedupe judges it ``new``."""
    return raw_item(
        source_id=SOURCE_ID,
        source_kind="other",
        native_id=fetched_at,
        fetched_at=fetched_at,
        published_at=fetched_at,
        synthetic=True,
        language="en",
        title="The canary",
        body=text_body(_TEXT, "text/plain"),
    )


def article_of(item: RawItem) -> str:
    """Return the id of the article that a canary becomes."""
    return ids.article_id(None, item.source_id, item.native_id)


def is_known_claim(claim: Claim) -> bool:
    """Tell whether a claim is a canary's, found where it stands and marked as a canary's."""
    return claim.synthetic and [span.exact for span in claim.content] == [CLAIM]

"""How far back dedupe remembers, how much, and from where on two texts are copies."""

from __future__ import annotations

from typing import Final

import msgspec

__all__ = ["DAY_MS", "DedupeLimits"]

DAY_MS: Final = 86_400_000


class DedupeLimits(msgspec.Struct, kw_only=True, frozen=True):
    """The windows and bounds of the state.

    Both windows count back from the append time of the record that is judged.  Both bounds count back from
    the newest sighting: an identity that none of the last ``max_identities`` sightings showed is forgotten,
    and so is the near-duplicate entry that ``max_near`` younger ones follow.  Bounds must be larger than
    what one worker has in flight, or a redelivered item is no longer known as such.
    """

    identity_ms: int = 30 * DAY_MS
    """How long articles, links, items and exact contents are remembered after they were last shown."""
    near_ms: int = 7 * DAY_MS
    """How long near-duplicates of a content are found after it was last shown; at most ``identity_ms``."""
    max_identities: int = 8_000_000
    max_near: int = 3_500_000
    jaccard: float = 0.7
    """Jaccard similarity of word 3-shingles from which a text is a near-duplicate."""

    def __post_init__(self) -> None:
        """Refuse limits that nothing could be judged with.

        Raises:
            ValueError: a window or a bound is not positive, or the similarity is not within 0 to 1.
        """
        if min(self.identity_ms, self.near_ms, self.max_identities, self.max_near) < 1:
            raise ValueError("windows and bounds of dedupe must be positive")
        if not 0 < self.jaccard <= 1:
            raise ValueError(f"a Jaccard similarity of {self.jaccard} is not above 0 and at most 1")
        if self.near_ms > self.identity_ms:
            raise ValueError("near-duplicates cannot be found for longer than articles are remembered")

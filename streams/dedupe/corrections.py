"""Whether a text carries a notice of correction that the text before it did not."""

from __future__ import annotations

import numpy as np

from schemas.article import Article
from streams.dedupe.compare import KeptSketch, matched
from streams.fingerprints.hashing import shingle_hashes
from streams.fingerprints.words import split_words

__all__ = ["new_notice"]


def new_notice(article: Article, before: KeptSketch | None) -> bool:
    """Tell whether an explicit notice is new: less than 0.8 of its word 3-shingles were there before.

    A notice of an update corrects nothing.  One of less than three words cannot be looked for and does not
    count; where the text before is not known, every other one does.
    """
    for correction in article.corrections:
        if correction.kind == "update" or correction.span.field != "text":
            continue
        hashes = (shingle_hashes(split_words(correction.span.exact).folded) >> np.uint64(32)).astype("<u4")
        if not len(hashes):
            continue
        if before is None:
            return True
        known = np.count_nonzero(matched(hashes, np.frombuffer(before.hashes, dtype="<u4")))
        if 5 * known < 4 * len(hashes):
            return True
    return False

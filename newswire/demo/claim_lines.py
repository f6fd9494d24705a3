"""Claims to show, chosen so that each is of another sort."""

from __future__ import annotations

from collections.abc import Iterable

from newswire.ledger.claim_words import ClaimWords, claim_words
from schemas.claim import Claim

__all__ = ["ClaimLine", "claim_lines"]


class ClaimLine(ClaimWords, frozen=True, kw_only=True):
    """Who said what, and how; the cue and the kind stand first among how."""

    title: str
    """Of the article."""


def claim_lines(claims: Iterable[Claim], limit: int) -> list[ClaimLine]:
    """Return some of the claims: first one of each sort, then further ones, in the order they came.

    One whose source is named goes before one that nobody is named for.
    """
    first: list[Claim] = []
    others: list[Claim] = []
    sorts = set()
    for claim in sorted(claims, key=_is_unnamed):
        sort = (claim.kind, claim.certainty, claim.polarity, claim.stance, claim.force, len(claim.chain))
        (others if sort in sorts else first).append(claim)
        sorts.add(sort)
    return [_line(claim) for claim in (first + others)[:limit]]


def _is_unnamed(claim: Claim) -> bool:
    sources = claim.chain[-1].sources if claim.chain else []
    return all(source.type in {"none", "unresolved"} for source in sources)


def _line(claim: Claim) -> ClaimLine:
    words = claim_words(claim)
    return ClaimLine(
        who=words.who,
        cue=words.cue,
        what=words.what,
        how=[words.cue or "no cue", claim.kind, *words.how],
        title=claim.title or claim.article_id,
    )

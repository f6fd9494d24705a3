"""Claims as lines to read, chosen so that each shows another sort."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from schemas.base import Span
from schemas.claim import Claim, ClaimSource, Link

__all__ = ["ClaimLine", "claim_lines"]

MARKS: Final = "“”\"'"


class ClaimLine(msgspec.Struct, frozen=True, kw_only=True):
    """Who said what, and how."""

    who: str
    """The chain, outermost first, each link with its cue."""
    what: str
    """The content; in quotation marks where all of it is quoted."""
    how: list[str]
    """Kind, certainty, and whatever is out of the ordinary."""
    title: str


def claim_lines(claims: Iterable[Claim], limit: int) -> list[ClaimLine]:
    """Return some of the claims: first one of each sort, then further ones, in the order they came."""
    first: list[Claim] = []
    others: list[Claim] = []
    sorts = set()
    for claim in claims:
        sort = (claim.kind, claim.certainty, claim.polarity, claim.stance, claim.force, len(claim.chain))
        (others if sort in sorts else first).append(claim)
        sorts.add(sort)
    return [_line(claim) for claim in (first + others)[:limit]]


def _line(claim: Claim) -> ClaimLine:
    how: list[str] = [claim.kind, claim.certainty]
    how += [
        value for value, usual in ((claim.polarity, "affirmed"), (claim.stance, "neutral")) if value != usual
    ]
    if claim.force != "assertion":
        how.append(claim.force)
    return ClaimLine(
        who=" › ".join(_link(link) for link in claim.chain),
        what=_content(claim),
        how=[word for word in how if word != "n/a"],
        title=claim.title or claim.article_id,
    )


def _link(link: Link) -> str:
    sources = " and ".join(_source(source) for source in link.sources) or "somebody"
    cue = _words(link.cues)
    return f"{sources} ({cue})" if cue else sources


def _source(source: ClaimSource) -> str:
    name = source.name or _words(source.spans) or source.type.replace("_", " ")
    return f"{name}, {source.role}" if source.role and source.role not in name else name


def _content(claim: Claim) -> str:
    words = _words(claim.content)
    return f"“{words.strip(MARKS)}”" if claim.kind == "direct" else words


def _words(spans: list[Span]) -> str:
    return " … ".join(" ".join(span.exact.split()) for span in spans)

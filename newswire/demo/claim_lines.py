"""Claims as lines to read, chosen so that each shows another sort."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from schemas.base import Span
from schemas.claim import Claim, ClaimSource, Link

__all__ = ["ClaimLine", "claim_lines"]

UNNAMED: Final = "nobody named"
MARKS: Final = "“”\"'‘’"


class ClaimLine(msgspec.Struct, frozen=True, kw_only=True):
    """Who said what, and how."""

    who: str
    """The chain, outermost first."""
    what: str
    """The content; in quotation marks where all of it is quoted."""
    how: list[str]
    """The words that attribute it, kind, certainty, and whatever is out of the ordinary."""
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
    cue = _words(claim.chain[-1].cues) if claim.chain else ""
    how = [cue or "no cue", claim.kind, claim.certainty]
    if claim.polarity != "affirmed":
        how.append("denied" if claim.polarity == "denied" else "polarity unknown")
    how += [value for value in (claim.stance, claim.force) if value not in {"neutral", "assertion"}]
    return ClaimLine(
        who=" › ".join(_link(link) for link in claim.chain) or UNNAMED,
        what=_content(claim),
        how=[word for word in how if word != "n/a"],
        title=claim.title or claim.article_id,
    )


def _link(link: Link) -> str:
    return " and ".join(_source(source) for source in link.sources) or UNNAMED


def _source(source: ClaimSource) -> str:
    name = source.name or _words(source.spans) or UNNAMED
    return f"{name}, {source.role}" if source.role and source.role not in name else name


def _content(claim: Claim) -> str:
    words = _words(claim.content)
    return f"“{words.strip(MARKS)}”" if claim.kind == "direct" else words


def _words(spans: list[Span]) -> str:
    return " … ".join(" ".join(span.exact.split()) for span in spans)

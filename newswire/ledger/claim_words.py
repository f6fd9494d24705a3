"""A claim in words: who said what, through whom, and how."""

from __future__ import annotations

from typing import Final

import msgspec

from newswire.ledger.text import clean, words_of
from schemas.claim import Claim, ClaimSource, Link

__all__ = ["UNNAMED", "ClaimWords", "claim_words"]

UNNAMED: Final = "nobody named"
QUOTES: Final = '“”"„«»‘’'  # fmt: skip


class ClaimWords(msgspec.Struct, frozen=True, kw_only=True):
    """What a terminal shows of a claim, clean of control characters."""

    who: str
    """The chain, outermost first: ``the newspaper › an engineer``."""
    cue: str
    """The words that attribute it, or else their lemma; empty where there are none."""
    what: str
    """The content; in quotation marks where all of it is quoted."""
    how: list[str]
    """Certainty, and whatever is out of the ordinary."""


def claim_words(claim: Claim) -> ClaimWords:
    """Say a claim in words."""
    origin = claim.chain[-1] if claim.chain else None
    content = words_of(claim.content)
    how = [] if claim.certainty == "n/a" else [str(claim.certainty)]
    if claim.polarity != "affirmed":
        how.append("denied" if claim.polarity == "denied" else "polarity unknown")
    how += [value for value in (claim.stance, claim.force) if value not in {"neutral", "assertion"}]
    return ClaimWords(
        who=" › ".join(map(_link, claim.chain)) or UNNAMED,
        cue="" if origin is None else words_of(origin.cues) or (origin.cue_lemma or ""),
        what=f"“{content.strip(QUOTES)}”" if claim.kind == "direct" else content,
        how=how,
    )


def _link(link: Link) -> str:
    return " and ".join(filter(None, map(_source, link.sources))) or UNNAMED


def _source(source: ClaimSource) -> str:
    name = clean(source.name, 80) or words_of(source.spans)
    if not name:
        return "" if source.type in {"none", "unresolved"} else source.type.replace("_", " ")
    role = clean(source.role, 80)
    return f"{name}, {role}" if role and role not in name else name

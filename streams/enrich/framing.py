"""What goes with a claim's content, whoever found it: the words within quotation marks, the sentences."""

from __future__ import annotations

from collections.abc import Sequence

from streams.enrich.drafts import ClaimDraft, Evidence, LinkDraft, Range
from streams.enrich.sentences import Sentence

__all__ = ["framed"]


def framed(
    content: list[Range], sentences: Sequence[Sentence], link: LinkDraft, evidence: Evidence | None = None
) -> ClaimDraft:
    """Build the draft of a claim out of its content and the sentences that hold it and its attribution."""
    quotes = [q for s in sentences for q in s.quotes]
    verbatim = [
        Range(max(part.start, q.inner.start), min(part.end, q.inner.end))
        for part in content
        for q in quotes
        if part.overlaps(q.inner)
    ]
    unbalanced = any(
        not q.closed and not q.resumed and part.overlaps(q.inner) for part in content for q in quotes
    )
    return ClaimDraft(
        content=content,
        verbatim=verbatim,
        context=[s.at for s in sentences],
        link=link,
        evidence=evidence,
        flags=["unbalanced_quotes"] if unbalanced else [],
    )

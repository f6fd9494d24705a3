"""A claim's source as far as its document tells who it is."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from schemas.vocabulary import SourceType
from streams.enrich.drafts import Range

__all__ = ["NOBODY", "How", "ResolvedSource", "again", "continued", "unresolved"]

How = Literal["named", "formed", "spoke", "subject", "before", "bearer", "focus", "maker", "headline"]
"""How it was found out: the source names it, or looks like a name; it stands for who spoke last, whom the sentence before
is about, or who was named before; it is a role that somebody bears, a word for whom the text is about, a document with
a maker; a headline is whose the text is.
"""


class ResolvedSource(msgspec.Struct, kw_only=True, frozen=True):
    """One source, resolved so far as the document allows."""

    spans: list[Range] = []
    type: SourceType
    name: str | None = None
    antecedent: list[Range] = []
    entity: int | None = None
    """Index of the entity in the reading."""
    role: str | None = None
    how: How = "named"
    rivals: int = 0
    """Others who might be meant."""


NOBODY: Final = ResolvedSource(type="none")


def unresolved(at: Range) -> ResolvedSource:
    """Return the source at *at*, of which the document does not tell who it is."""
    return ResolvedSource(spans=[at], type="unresolved")


def again(spoke: ResolvedSource, at: Range, how: How = "spoke", rivals: int = 0) -> ResolvedSource:
    """Return a source that a pronoun at *at* stands for."""
    return ResolvedSource(
        spans=[at],
        type=spoke.type,
        name=spoke.name,
        antecedent=spoke.antecedent or spoke.spans,
        entity=spoke.entity,
        how=how,
        rivals=max(rivals, spoke.rivals),
    )


def continued(source: ResolvedSource) -> ResolvedSource:
    """Return the source of a quotation that goes on without one."""
    return ResolvedSource(
        type=source.type,
        name=source.name,
        antecedent=source.spans or source.antecedent,
        entity=source.entity,
        role=source.role,
        how=source.how,
        rivals=source.rivals,
    )

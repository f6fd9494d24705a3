"""What a model finds in a text, before it becomes events: offsets and labels, nothing else.

All offsets count code points of the text that the model was given (Python's string indices), half open.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import msgspec

from schemas.claim import ModelVersion
from schemas.vocabulary import EntityType, MentionForm

__all__ = [
    "ClaimDraft",
    "EntityDraft",
    "Evidence",
    "Label",
    "LinkDraft",
    "MentionDraft",
    "Model",
    "Range",
    "Reading",
]


Label = Literal["person", "organisation", "place", "group", "event"]


class Range(NamedTuple):
    """A half-open piece of a text."""

    start: int
    end: int

    def moved(self, by: int) -> Range:
        """Return the piece *by* code points further on."""
        return Range(self.start + by, self.end + by)

    def overlaps(self, other: Range) -> bool:
        """Tell whether the two share a code point."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Range) -> bool:
        """Tell whether *other* lies wholly within."""
        return self.start <= other.start and other.end <= self.end


class MentionDraft(msgspec.Struct, frozen=True, gc=False):
    """One place where the text names something, as the recogniser saw it."""

    at: Range
    label: Label
    """person, organisation, place, group (nationalities, parties, faiths) or event."""
    titles: tuple[str, ...] = ()
    """What stands before the name: ``Foreign Minister``."""


class EntityDraft(msgspec.Struct, kw_only=True, frozen=True):
    """One entity of the document, its variants merged."""

    name: str
    name_key: str
    type: EntityType
    mentions: list[tuple[Range, MentionForm]]
    """Pieces of the text with their form (name, acronym, demonym), in text order; never empty."""
    titles: list[str] = []
    country: str | None = None


class LinkDraft(msgspec.Struct, kw_only=True, frozen=True):
    """One link of attribution: who, by which words."""

    cues: list[Range] = []
    negated: bool = False
    """The cue itself is denied: "did not say whether"."""
    sources: list[Range] = []
    """Empty where the text names no source."""
    continues: bool = False
    """A floating quotation: its source is that of the claim before it."""


class Evidence(NamedTuple):
    """How probable the parts of a claim are to what found them, each from 0 to 1; not calibrated."""

    begin: float
    """That the content begins where it does."""
    within: float
    """That its words are part of a content, on average."""
    end: float
    """That it does not go on."""
    cue: float
    """That this is its cue; 0 without one."""
    source: float
    """That this is its source; 0 without one."""


class ClaimDraft(msgspec.Struct, kw_only=True, frozen=True):
    """One attributed statement."""

    content: list[Range]
    verbatim: list[Range] = []
    """What of the content stands inside quotation marks."""
    context: list[Range] = []
    """The whole sentences."""
    link: LinkDraft
    evidence: Evidence | None = None
    """Null from what does not weigh what it finds."""
    flags: list[str] = []

    def moved(self, by: int) -> ClaimDraft:
        """Return the same claim *by* code points further on."""
        return ClaimDraft(
            content=[r.moved(by) for r in self.content],
            verbatim=[r.moved(by) for r in self.verbatim],
            context=[r.moved(by) for r in self.context],
            link=LinkDraft(
                cues=[r.moved(by) for r in self.link.cues],
                negated=self.link.negated,
                sources=[r.moved(by) for r in self.link.sources],
                continues=self.link.continues,
            ),
            evidence=self.evidence,
            flags=self.flags,
        )


class Reading(msgspec.Struct, kw_only=True, frozen=True):
    """What a model found in one text."""

    entities: list[EntityDraft] = []
    claims: list[ClaimDraft] = []
    partial: str | None = None
    """Why not all of the text was read; null where it was."""


@runtime_checkable
class Model(Protocol):
    """What reads texts.  The same text gives the same reading, whatever it is read together with."""

    @property
    def version(self) -> ModelVersion:
        """Name, version and hash of the weights: part of every enrichment's identity."""

    @property
    def languages(self) -> frozenset[str]:
        """Primary language subtags that it can read."""

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Read each text, as `layout.model_text` gives it; one reading for each, in order."""

"""Who a claim's source is in its document: a name for a surname or a pronoun, and what kind of source."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

import msgspec

from schemas.vocabulary import SourceType
from streams.enrich.drafts import ClaimDraft, EntityDraft, Range
from streams.enrich.names import TITLE_NOUNS, one_line

__all__ = ["ResolvedSource", "Resolver"]

_ROLE_NOUNS: Final = TITLE_NOUNS - {"mr", "mrs", "ms", "miss"}
_PERSONAL: Final = frozenset(("he", "she", "him", "her"))
_UNRESOLVED: Final = frozenset(
    ("they", "them", "it", "we", "us", "you", "who", "which", "that", "this", "one")
)
_DOCUMENTS: Final = frozenset(
    "report reports study studies survey surveys poll polls statement statements document documents data "
    "figures estimates estimate statistics analysis memo letter letters email emails e-mail e-mails filing "
    "filings lawsuit complaint indictment affidavit transcript transcripts records website site post tweet "
    "article articles book paper papers bill law order ruling release minutes forecast forecasts".split()
)
_ANONYMOUS: Final = frozenset("source sources insider insiders".split())
_WITHHELD: Final = re.compile(
    r"anonymity|not (?:authori[sz]ed|named|identified)|unnamed|anonymous", re.IGNORECASE
)
_PLURALS: Final = frozenset("people police men women media staff critics".split())
_MEDIA: Final = re.compile(
    r"\b(?:news|times|post|journal|herald|tribune|telegraph|guardian|gazette|magazine|newspaper|reuters|"
    r"bbc|cnn|nbc|abc news|cbs|fox news|msnbc|npr|pbs|itv|sky news|afp|associated press|ap|bloomberg|xinhua|"
    r"interfax|tass|al jazeera|politico|buzzfeed|breitbart|le monde|der spiegel)\b",
    re.IGNORECASE,
)
_AFTER_HEAD: Final = re.compile(
    r"\s(?:of|for|from|at|in|with|who|that|on|to|by|inside|near|close)\s|,\s|\s\("
)
_ARTICLE: Final = re.compile(r"(?:the|a|an|one|his|her|their|its|our)\s+", re.IGNORECASE)
_POSSESSIVE: Final = re.compile(r"['’]s?$")


MAX_REACH: Final = 1_500
"""Code points that a pronoun looks back, two paragraphs at most."""


class ResolvedSource(msgspec.Struct, kw_only=True, frozen=True):
    """One source, resolved so far as the document allows."""

    spans: list[Range] = []
    type: SourceType
    name: str | None = None
    antecedent: list[Range] = []
    entity: int | None = None
    """Index of the entity in the reading."""
    role: str | None = None


NOBODY: Final = ResolvedSource(type="none")


class Resolver:
    """Resolves the sources of one document's claims, which must be asked for in text order: a pronoun is
    the person who spoke last, or else was named last.
    """

    def __init__(self, text: str, entities: Sequence[EntityDraft]) -> None:
        self._text = text
        self._entities = entities
        self._mentions = sorted((at, i) for i, e in enumerate(entities) for at, _ in e.mentions)
        self._speaker: ResolvedSource | None = None
        self._before: list[ResolvedSource] = []
        self._in_full: dict[int, Range] = {}
        for number, entity in enumerate(entities):
            for at, _ in entity.mentions:
                if one_line(text[at.start : at.end]) == entity.name:
                    self._in_full[number] = at
                    break

    def resolve(self, claim: ClaimDraft) -> list[ResolvedSource]:
        """Return who *claim* is attributed to; one source of type none where nobody is named."""
        if claim.link.continues:
            return [_continued(source) for source in self._before] or [ResolvedSource(type="unresolved")]
        sources = [self._source(at) for at in claim.link.sources] or [NOBODY]
        self._before = sources
        for source in sources:
            if source.type == "named_person":
                self._speaker = source
        return sources

    def _source(self, at: Range) -> ResolvedSource:
        words = one_line(self._text[at.start : at.end])
        lower = words.lower()
        if words == "I":
            return ResolvedSource(spans=[at], type="self")
        if lower in _PERSONAL:
            return self._pronoun(at)
        if lower in _UNRESOLVED:
            return ResolvedSource(spans=[at], type="unresolved")
        return self._named(at) or self._described(at, words)

    def _pronoun(self, at: Range) -> ResolvedSource:
        # The paragraph before counts too: "Ada Quill has resigned.\nShe said …".
        furthest = max(0, at.start - MAX_REACH)
        line = self._text.rfind("\n", furthest, at.start)
        reach = max(furthest, self._text.rfind("\n", furthest, max(furthest, line)) + 1)
        if (spoke := self._speaker) is not None and spoke.entity is not None and spoke.spans:
            said = spoke.spans[0]
            if reach <= said.start < at.start:
                by_pronoun = self._text[said.start : said.end].lower() in _PERSONAL
                return ResolvedSource(
                    spans=[at],
                    type="named_person",
                    name=spoke.name,
                    antecedent=spoke.antecedent if by_pronoun else [said],
                    entity=spoke.entity,
                )
        last = bisect_left(self._mentions, (at, -1)) - 1
        while last >= 0 and (found := self._mentions[last])[0].start >= reach:
            mention, entity = found
            if self._entities[entity].type == "person":
                return ResolvedSource(
                    spans=[at],
                    type="named_person",
                    name=self._entities[entity].name,
                    antecedent=[mention],
                    entity=entity,
                )
            last -= 1
        return ResolvedSource(spans=[at], type="unresolved")

    def _named(self, at: Range) -> ResolvedSource | None:
        """Resolve a source that is itself a name, with what stands beside it ("the minister, Ada Quill")."""
        first = bisect_left(self._mentions, (Range(at.start, at.start), -1))
        behind = bisect_left(self._mentions, (Range(at.end, at.end), -1))
        within = [
            (mention, entity) for mention, entity in self._mentions[first:behind] if mention.end <= at.end
        ]
        head = self._head(at)
        for mention, entity in within:
            draft = self._entities[entity]
            is_head = head.start <= mention.start and mention.end == head.end
            beside = draft.type == "person" and self._text[mention.start - 2 : mention.start] == ", "
            if is_head or beside:
                return self._resolved(at, head if is_head else at, mention, entity)
        return None

    def _resolved(self, at: Range, head: Range, mention: Range, entity: int) -> ResolvedSource:
        draft = self._entities[entity]
        own = one_line(self._text[mention.start : mention.end])
        in_full = self._in_full.get(entity)
        return ResolvedSource(
            spans=[at],
            type=_type_of(draft),
            name=draft.name,
            antecedent=[in_full] if in_full is not None and own != draft.name else [],
            entity=entity,
            role=self._role(at, head, mention) if draft.type == "person" else None,
        )

    def _role(self, at: Range, head: Range, mention: Range) -> str | None:
        before = self._text[head.start : mention.start]
        after = self._text[mention.end : at.end]
        for words in (before, after if after.startswith(",") else ""):
            role = _ARTICLE.sub("", one_line(words.strip(" ,\n")), count=1)
            if _ROLE_NOUNS & {word.lower().strip(".,") for word in re.split(r"[\s-]", role)}:
                return role
        return None

    def _head(self, at: Range) -> Range:
        """Return the part of a noun phrase that ends in its head: what stands before "of", "who", a bracket
        or a comma, unless that is within a name.
        """
        for cut in _AFTER_HEAD.finditer(self._text, at.start, at.end):
            before = bisect_left(self._mentions, (Range(cut.start(), cut.start()), -1)) - 1
            if before < 0 or self._mentions[before][0].end <= cut.start():
                return Range(at.start, cut.start())
        return at

    def _described(self, at: Range, words: str) -> ResolvedSource:
        head = self._head(at)
        nouns = one_line(self._text[head.start : head.end]).lower().split()
        noun = _POSSESSIVE.sub("", nouns[-1]).rsplit("-", 1)[-1] if nouns else ""
        singular = noun.removesuffix("s")
        kind: SourceType
        if noun in _ANONYMOUS or _WITHHELD.search(words):
            kind = "anonymous"
        elif noun in _DOCUMENTS:
            kind = "document"
        elif noun in TITLE_NOUNS:
            kind = "role"
        elif singular in TITLE_NOUNS or noun in _PLURALS or (noun.endswith("s") and not noun.endswith("ss")):
            kind = "collective"
        else:
            kind = "other"
        role = _ARTICLE.sub("", words, count=1) if kind in {"role", "collective"} else None
        return ResolvedSource(spans=[at], type=kind, role=role)


def _type_of(entity: EntityDraft) -> SourceType:
    if entity.type == "person":
        return "named_person"
    if entity.type == "organisation":
        return "media" if _MEDIA.search(entity.name) else "named_organisation"
    return "place_as_institution" if entity.type == "place" else "other"


def _continued(source: ResolvedSource) -> ResolvedSource:
    return ResolvedSource(
        type=source.type,
        name=source.name,
        antecedent=source.spans or source.antecedent,
        entity=source.entity,
        role=source.role,
    )

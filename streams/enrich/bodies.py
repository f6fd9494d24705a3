"""Which organisation, place, document or group "it", "they" or "the company" stands for."""

from __future__ import annotations

from typing import Final

from schemas.vocabulary import SourceType
from streams.enrich.drafts import Range
from streams.enrich.named_text import NamedText
from streams.enrich.names import without_suffix
from streams.enrich.resolved import How, ResolvedSource, again, unresolved
from streams.enrich.source_kinds import type_of
from streams.enrich.subjects import body_before

__all__ = ["Bodies"]

_BODIES: Final[frozenset[SourceType]] = frozenset(
    ("named_organisation", "place_as_institution", "media", "document")
)
"""What "it" may be."""
_ORGANISATIONS: Final[frozenset[SourceType]] = frozenset(("named_organisation", "media"))
_MEDIA: Final[frozenset[SourceType]] = frozenset(("media",))
_GROUPS: Final[frozenset[SourceType]] = frozenset(("collective", "anonymous", "role"))
_NO_COMPANIES: Final = frozenset(
    "association authority club commission council department federation force hospital institute league ministry "
    "museum office party school service union university watchdog".split()
)
"""What a company is never called."""
_COMPANIES: Final = frozenset(
    "company firm retailer airline carrier carmaker manufacturer supermarket".split()
)
"""What nothing but a company is called."""
_PUBLIC: Final = _NO_COMPANIES | set(
    "administration bureau cabinet chamber congress court exchange government inspectorate parliament police senate "
    "treasury".split()
)
"""Words of names that no company has."""
_OF_ITS_KIND: Final = _PUBLIC - {"watchdog"} | {"team", "exchange"}
"""What is another one if it is told which: "the weather institute"."""
_UNIONS: Final = frozenset(
    "union unions workers teachers teamsters federation association brotherhood congress".split()
)
MAX_SPEAKERS: Final = 16
"""What spoke last that a pronoun may stand for."""


class Bodies:
    """What has spoken in a document so far that is no person, and what of it is meant by a word that follows."""

    def __init__(self, doc: NamedText) -> None:
        self._doc = doc
        self._spoke: list[tuple[ResolvedSource, bool]] = []
        self._group: ResolvedSource | None = None

    def spoke(self, source: ResolvedSource, *, nested: bool = False) -> None:
        """Remember what has spoken; *nested* in what another says."""
        if source.spans and source.type in _BODIES:
            self._spoke.append((source, nested))
        elif source.type in _GROUPS:
            self._group = source

    def thing(self, at: Range, *, nested: bool = False) -> ResolvedSource:
        """Resolve "it": what spoke last, or else the organisation that the sentence is about or that was named last."""
        reach = self._doc.reach(at)
        return (
            self._last(at, reach, _BODIES, nested=nested)
            or self._subject(at)
            or self._named(at, reach)
            or unresolved(at)
        )

    def organisation(self, at: Range, noun: str) -> ResolvedSource | None:
        """Return what "the company" stands for, from however far: the only one with that *noun* in its name, or
        else what spoke last, or was named last; "the union" is no company, though, nor
        "the weather institute" one that merely was named.
        """
        found = self.called(at, noun) or self._last(at, 0, _ORGANISATIONS, nested=False, noun=noun)
        if found is None and not (noun in _OF_ITS_KIND and self._doc.words(at).count(" ") > 1):
            found = self._named(at, 0, noun)
        return found

    def group(self, at: Range, noun: str) -> ResolvedSource | None:
        """Return what "the group" or "the committee" stands for: the only one so called, or for a group what spoke last,
        within reach.
        """
        if called := self.called(at, noun):
            return called
        return self._last(at, self._doc.reach(at), _ORGANISATIONS, nested=False) if noun == "group" else None

    def issuer(self, at: Range) -> ResolvedSource | None:
        """Return whose "the statement" is: of what spoke last, within reach."""
        return self._last(at, self._doc.reach(at), _ORGANISATIONS, nested=False)

    def medium(self, at: Range) -> ResolvedSource | None:
        """Return what "the newspaper" stands for: what published last, or else the only one named so far."""
        return self._last(at, 0, _MEDIA, nested=True) or self._only(at, "media")

    def called(self, at: Range, noun: str) -> ResolvedSource | None:
        """Return the only organisation named before with a *noun* in its name: "the guild"."""
        return self._only(at, "named_organisation", noun)

    def _only(self, at: Range, type_: SourceType, noun: str | None = None) -> ResolvedSource | None:
        """Return the only organisation of a type, and with a noun in its name, that is named before *at*."""
        found = {
            entity: mention
            for mention, entity in self._doc.before(at, 0)
            if self._is_organisation(entity)
            and type_of(self._doc.entities[entity]) == type_
            and (noun is None or self._is_called(mention, entity, noun))
        }
        if len(found) != 1:
            return None
        ((entity, mention),) = found.items()
        return self._found(at, mention, entity, "bearer")

    def _is_called(self, mention: Range, entity: int, noun: str) -> bool:
        """Tell whether a noun is part of a name, or stands behind it: "the Road Workers union"."""
        behind = self._doc.text[mention.end : mention.end + len(noun) + 1]
        return noun in self._doc.entities[entity].name.lower().split() or behind[1:] == noun

    def document(self, at: Range, noun: str) -> ResolvedSource | None:
        """Return the document that "the report" stands for: the last one so called of which it is told whose it is."""
        for spoke, _ in reversed(self._spoke[-MAX_SPEAKERS:]):
            place = spoke.spans[0]
            words = self._doc.words(self._doc.head(place)).lower().split()
            if spoke.type == "document" and spoke.name and words[-1:] == [noun] and place.start < at.start:
                return again(spoke, at)
        return None

    def many(self, at: Range) -> ResolvedSource:
        """Resolve "they": the group that spoke last, or else what else did."""
        reach = self._doc.reach(at)
        if (group := self._group) is not None and group.spans and reach <= group.spans[0].start < at.start:
            return again(group, at)
        return self._last(at, reach, _BODIES, nested=True) or unresolved(at)

    def _last(
        self, at: Range, reach: int, types: frozenset[SourceType], *, nested: bool, noun: str = ""
    ) -> ResolvedSource | None:
        for spoke, was_nested in reversed(self._spoke[-MAX_SPEAKERS:]):
            if spoke.type not in types or (was_nested and not nested) or not _fits(spoke.name or "", noun):
                continue
            return again(spoke, at) if reach <= spoke.spans[0].start < at.start else None
        return None

    def _named(self, at: Range, reach: int, noun: str = "") -> ResolvedSource | None:
        for mention, entity in self._doc.before(at, reach):
            if self._is_organisation(entity) and _fits(self._doc.entities[entity].name, noun):
                return self._found(at, mention, entity, "before")
        return None

    def _subject(self, at: Range) -> ResolvedSource | None:
        found = body_before(self._doc, at, self._is_organisation)
        return self._found(at, *found, how="subject") if found else None

    def _is_organisation(self, entity: int) -> bool:
        return self._doc.entities[entity].type == "organisation"

    def _found(self, at: Range, mention: Range, entity: int, how: How) -> ResolvedSource:
        draft = self._doc.entities[entity]
        return ResolvedSource(
            spans=[at],
            type=type_of(draft),
            name=draft.name,
            antecedent=[mention],
            entity=entity,
            how=how,
        )


def _fits(name: str, noun: str) -> bool:
    """Tell whether what bears a name may be called by a noun."""
    words = tuple(name.lower().replace(".", "").split())
    if noun in _COMPANIES:
        return _PUBLIC.isdisjoint(words)
    if noun == "union":
        return name.isupper() or not _UNIONS.isdisjoint(words)
    return noun not in _NO_COMPANIES or without_suffix(words) == words

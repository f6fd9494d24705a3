"""Which person a pronoun stands for: the one who spoke last, or else was named last, within reach."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Final

import msgspec

from streams.enrich.drafts import Range
from streams.enrich.genders import Gender, gender_of, gender_of_noun, gender_of_pronoun
from streams.enrich.named_text import NamedText
from streams.enrich.names import TITLE_NOUNS
from streams.enrich.resolved import How, ResolvedSource, again, unresolved
from streams.enrich.source_kinds import is_individual
from streams.enrich.subjects import sentences_before, subject_before, subject_behind

__all__ = ["PERSONAL", "Persons"]

PERSONAL: Final = frozenset("he she him her his".split())
MAX_SPEAKERS: Final = 8
"""Who spoke last that a pronoun may stand for."""


class Persons:
    """The persons who have spoken in a document so far, and which of them a pronoun that follows stands for."""

    def __init__(self, doc: NamedText) -> None:
        self._doc = doc
        self._speakers: list[tuple[ResolvedSource, bool]] = []
        """Persons, by name or as whom nobody names, and whether nested in what another says."""

    def spoke(self, source: ResolvedSource, *, nested: bool = False) -> None:
        """Remember who has spoken; *nested* in what another says."""
        if source.spans and (source.type == "named_person" or self._is_individual(source)):
            self._speakers.append((source, nested))

    def was_told(self, at: Range, *, nested: bool = False) -> None:
        """Remember somebody, described at *at*, to whom something was said by who speaks next."""
        self.spoke(ResolvedSource(spans=[at], type="role"), nested=nested)

    def resolve(
        self,
        at: Range,
        said: Sequence[Range] = (),
        *,
        nested: bool = False,
        besides: Sequence[ResolvedSource] = (),
    ) -> ResolvedSource:
        """Resolve "he", "she", or an age: whom the sentence is about that it opens, or else who spoke last, or was named
        last, unless of the other gender, one *besides*, or only in what is *said* here.
        """
        said_of = gender_of_pronoun(self._doc.words(at).lower())
        of_gender = partial(self._is_person, said_of=said_of)
        if said_of is not None and (behind := subject_behind(self._doc, at, of_gender)):
            return self._named(at, *behind, how="subject")
        reach = self._doc.reach(at)
        if not besides and self._only_person(at, said_of):
            reach = 0
        subject = subject_before(self._doc, at, of_gender, lambda entity: self._gender(entity) is not None)
        others = {source.entity for source in besides}
        for spoke, was_nested in reversed(self._speakers[-MAX_SPEAKERS:]):
            place = spoke.spans[0]
            if place.start < reach or (subject is not None and place.start < subject[0].start):
                break
            if _inside(place, said) or place.start >= at.start or (was_nested and not nested):
                continue
            if spoke.entity is None:
                if said_of is not None and self._gender_by_noun(spoke) not in {None, said_of}:
                    continue
                return again(spoke, at)
            if spoke.entity not in others and self._may_be(spoke.entity, said_of):
                by_pronoun = self._doc.words(place).lower() in PERSONAL
                return ResolvedSource(
                    spans=[at],
                    type="named_person",
                    name=spoke.name,
                    antecedent=spoke.antecedent if by_pronoun else [place],
                    entity=spoke.entity,
                    how="spoke",
                    rivals=self._rivals(at, spoke.entity, said_of, others),
                )
        candidates = self._doc.before(at, reach)
        for mention, entity in candidates if subject is None else (subject,):
            if entity not in others and of_gender(entity) and not _inside(mention, said):
                rivals = self._rivals(at, entity, said_of, others)
                if rivals and subject is None:
                    # Of several of whom none has spoken, who was named last is meant no more often than another.
                    break
                return self._named(at, mention, entity, "before" if subject is None else "subject", rivals)
        return unresolved(at)

    def in_focus(self, at: Range, besides: Sequence[ResolvedSource] = ()) -> ResolvedSource | None:
        """Return who "the youngster" is: whom a pronoun would stand for, if nobody else has been named yet or, in this
        sentence and the one before, nobody else is.
        """
        found = self.resolve(at, besides=besides)
        if found.entity is None:
            return None
        if found.how == "spoke" and self._only_person(at, None):
            return msgspec.structs.replace(found, how="focus")
        ends = sentences_before(self._doc.text, at.start)
        persons = {
            entity
            for _, entity in self._doc.before(at, ends[-2] if len(ends) > 1 else 0)
            if self._doc.entities[entity].type == "person"
        }
        return msgspec.structs.replace(found, how="focus") if persons == {found.entity} else None

    def is_near(self, at: Range, meant: ResolvedSource) -> bool:
        """Tell whether somebody is named within reach and is the only one who might be meant."""
        named = {entity for _, entity in self._doc.before(at, self._doc.reach(at))}
        return meant.entity in named and not meant.rivals

    def _named(self, at: Range, mention: Range, entity: int, how: How, rivals: int = 0) -> ResolvedSource:
        return ResolvedSource(
            spans=[at],
            type="named_person",
            name=self._doc.entities[entity].name,
            antecedent=[mention],
            entity=entity,
            how=how,
            rivals=rivals,
        )

    def _is_person(self, entity: int, said_of: Gender | None) -> bool:
        return self._doc.entities[entity].type == "person" and self._may_be(entity, said_of)

    def _only_person(self, at: Range, said_of: Gender | None) -> bool:
        """Tell whether one person alone who may be meant has been named so far: then it is that one, however far."""
        named = {entity for _, entity in self._doc.before(at, 0)}
        persons = [entity for entity in named if self._doc.entities[entity].type == "person"]
        return sum(self._may_be(entity, said_of) for entity in persons) == 1

    def _rivals(self, at: Range, meant: int, said_of: Gender | None, others: AbstractSet[int | None]) -> int:
        """Count who else within reach might be meant; somebody whose gender nothing tells is no rival to whom it fits."""
        named = {entity for _, entity in self._doc.before(at, self._doc.reach(at))} - {meant} - others
        fits = {said_of} if said_of is not None and self._gender(meant) == said_of else {None, said_of}
        return sum(
            self._doc.entities[entity].type == "person" and (said_of is None or self._gender(entity) in fits)
            for entity in named
        )

    def _is_individual(self, source: ResolvedSource) -> bool:
        """Tell whether somebody is one person whom nobody names: "a spokesman for the fund"."""
        if source.type not in {"role", "anonymous", "other"} or not source.spans:
            return False
        noun = self._doc.noun(source.spans[0])
        return noun in TITLE_NOUNS or is_individual(noun)

    def _gender_by_noun(self, source: ResolvedSource) -> Gender | None:
        return gender_of_noun(self._doc.noun(source.spans[0]))

    def _may_be(self, entity: int, said_of: Gender | None) -> bool:
        return said_of is None or self._gender(entity) in {None, said_of}

    def _gender(self, entity: int) -> Gender | None:
        draft = self._doc.entities[entity]
        return gender_of(draft.name, draft.titles)


def _inside(at: Range, said: Sequence[Range]) -> bool:
    return any(part.contains(at) for part in said)

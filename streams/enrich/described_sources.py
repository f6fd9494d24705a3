"""Sources that are described: "the company", "the mayor", "the 45-year-old", "a survey"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, cast

import msgspec

from schemas.vocabulary import SourceType
from streams.enrich.bodies import Bodies
from streams.enrich.drafts import Range
from streams.enrich.named_sources import named, without_article
from streams.enrich.named_text import NamedText
from streams.enrich.persons import Persons
from streams.enrich.resolved import ResolvedSource
from streams.enrich.roles import Bearer, Roles, is_lesser
from streams.enrich.source_kinds import is_individual, kind_of

__all__ = ["Descriptions"]

_MEDIA_NOUNS: Final = frozenset(
    "paper newspaper magazine daily weekly broadcaster tabloid broadsheet".split()
)
_GROUPS: Final = frozenset("group committee board panel council court commission".split())
"""Bodies that are taken for a named one only with care."""
_ITS: Final = re.compile(r"(?:its|his|her)\b", re.IGNORECASE)
_HIS: Final = re.compile(r"(?:his|her|their|its)\s", re.IGNORECASE)
_POSSESSIVE_BEHIND: Final = re.compile(r"['’]s?\s")
_MADE: Final = (
    r"(?:made|written|conducted|carried out|compiled|published|released|issued|drawn up|prepared|produced|put out|"
    r"commissioned|signed)"
)
_BY: Final = re.compile(rf"(?:,?\s{_MADE})?\s(?:by|from)\s(?:the\s)?")
_ONE_WORD: Final = re.compile(r"\)?\s[a-z-]+(?:\s[a-z-]+)?")
MAX_NAME: Final = 100
"""Code points of a name."""
_AGE: Final = re.compile(r"the (\d{1,3})-year-old$", re.IGNORECASE)


class Descriptions:
    """Tells who is described in a document."""

    def __init__(self, doc: NamedText, persons: Persons, bodies: Bodies) -> None:
        self._doc = doc
        self._persons = persons
        self._bodies = bodies
        self._roles = Roles(doc.text, doc.entities)

    def resolve(self, at: Range, quoted: Sequence[ResolvedSource] = ()) -> ResolvedSource:
        """Return who is described at *at*, by name only where the document tells; *quoted* is whose words it stands in."""
        words = self._doc.words(at)
        is_definite = words.lower().startswith("the ")
        noun = self._doc.noun(at)
        kind = kind_of(noun, words)
        if is_definite and (found := self._meant(at, noun, kind)):
            return found
        if kind == "organisation":
            kind = "role"
        role = without_article(words) if kind in {"role", "collective"} else None
        if kind in {"role", "other"} and (
            meant := self._bearer(at, noun, kind, words, quoted) if is_definite else self._whose(at, noun)
        ):
            return msgspec.structs.replace(meant, role=role)
        maker = self._maker(at) if kind == "document" else None
        if maker is None and kind == "document" and is_definite:
            maker = self._bodies.document(at, noun) or (
                self._bodies.issuer(at) if noun == "statement" else None
            )
        if maker is not None:
            return msgspec.structs.replace(maker, spans=[at], type="document", role=None, how="maker")
        return ResolvedSource(spans=[at], type=cast("SourceType", kind), role=role)

    def _meant(self, at: Range, noun: str, kind: str) -> ResolvedSource | None:
        """Return the organisation or the publication that a definite noun stands for."""
        if noun in _MEDIA_NOUNS:
            return self._bodies.medium(at)
        if kind == "other":
            return self._bodies.called(at, noun)
        if kind == "organisation":
            return self._bodies.organisation(at, noun)
        return self._bodies.group(at, noun) if noun in _GROUPS else None

    def _maker(self, at: Range) -> ResolvedSource | None:
        """Return whose document it is: "Quill's letter", "a report by Ada Quill", "its forecast"."""
        text = self._doc.text
        if own := _ITS.match(text, *at):
            owner = Range(at.start, own.end())
            its = own[0].lower() == "its"
            found = self._bodies.thing(owner) if its else self._persons.resolve(owner)
            return found if found.entity is not None else None
        head = self._doc.head(at)
        for mention, entity in self._doc.within(at):
            if mention.start < head.end and _POSSESSIVE_BEHIND.match(text, mention.end, at.end):
                return named(self._doc, mention)
            if self._makes(mention, entity, head):
                return named(self._doc, mention)
            if by := _BY.match(text, head.end, mention.start):
                return named(self._doc, Range(by.end(), at.end))
        return self._told_behind(at)

    def _makes(self, mention: Range, entity: int, head: Range) -> bool:
        """Tell whether an organisation's name is the word before the document: "a Roads Agency circular"."""
        is_body = self._doc.entities[entity].type == "organisation"
        return is_body and _ONE_WORD.fullmatch(self._doc.text, mention.end, head.end) is not None

    def _told_behind(self, at: Range) -> ResolvedSource | None:
        """Return whose document it is where that is told behind it: "the survey, conducted by the Roads Agency"."""
        text = self._doc.text
        if by := _BY.match(text, at.end):
            mention = next(iter(self._doc.within(Range(by.end(), by.end() + MAX_NAME))), None)
            if mention is not None and mention[0].start == by.end():
                return named(self._doc, mention[0])
        return None

    def _bearer(
        self, at: Range, noun: str, kind: str, words: str, quoted: Sequence[ResolvedSource]
    ) -> ResolvedSource | None:
        """Return the person who a definite role stands for, as far as the document says who bears it; an age that
        it gives nobody is that of who spoke or was named last, and a role that of who alone is spoken of.
        """
        age = _AGE.match(words)
        if kind == "other" and not (age or is_individual(noun)):
            return None
        if bearer := self._roles.bearer(age[1] if age else noun, at.start):
            return self._borne(at, bearer)
        if age:
            of_another = [
                ResolvedSource(type="named_person", entity=entity)
                for entity in self._roles.of_another_age(age[1])
            ]
            meant = self._persons.resolve(at, besides=[*quoted, *of_another])
            if meant.entity is None or (of_another and not self._persons.is_near(at, meant)):
                return None
            return meant
        if is_individual(noun) and self._doc.head(at) == at:
            focus = self._persons.in_focus(at, quoted)
            if focus is not None and (is_lesser(words) or not self._roles.is_other(focus.entity, noun)):
                return focus
        likely = self._roles.likely_bearer(noun, at.start, self._doc.reach(at))
        return msgspec.structs.replace(self._borne(at, likely), how="focus") if likely else None

    def _whose(self, at: Range, noun: str) -> ResolvedSource | None:
        """Return who "Quill's assistant" is: the only one who is said to be an assistant."""
        owned = _HIS.match(self._doc.text, *at) or any(
            _POSSESSIVE_BEHIND.match(self._doc.text, mention.end, at.end)
            for mention, _ in self._doc.within(at)
        )
        bearer = self._roles.bearer(noun, len(self._doc.text)) if owned and is_individual(noun) else None
        return self._borne(at, bearer) if bearer else None

    def _borne(self, at: Range, bearer: Bearer) -> ResolvedSource:
        return ResolvedSource(
            spans=[at],
            type="named_person",
            name=self._doc.entities[bearer.entity].name,
            antecedent=[self._doc.in_full(bearer.entity) or bearer.at],
            entity=bearer.entity,
            how="bearer",
        )

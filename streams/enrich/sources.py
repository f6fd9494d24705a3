"""Who a claim's source is in its document: a name for a surname or a pronoun, and what kind of source."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

import msgspec

from streams.enrich.addressees import told_to
from streams.enrich.bodies import Bodies
from streams.enrich.countries import country_of_demonym
from streams.enrich.described_sources import Descriptions
from streams.enrich.drafts import ClaimDraft, EntityDraft, Range
from streams.enrich.named_sources import by_form, named, speakers
from streams.enrich.named_text import NamedText
from streams.enrich.persons import PERSONAL, Persons
from streams.enrich.resolved import NOBODY, ResolvedSource, again, continued, unresolved

__all__ = ["ResolvedSource", "Resolver", "said_at"]

_THING: Final = frozenset("it its".split())
_OWNERS: Final = frozenset("his her its".split())
_GROUP: Final = frozenset("they them".split())
_UNRESOLVED: Final = frozenset("we us our you your who which that this one his their its".split())
_PEOPLE: Final = re.compile(
    r"the ((?:[A-Z]\w+ )?[A-Z]\w*(?:an|er|man|woman|ard|ot|ek|ede|ole|ane|wi))", re.IGNORECASE
)
"""One of a people: "the New Zealander"."""
_QUOTING: Final = re.compile(r"(?:^|(?<=[\s(]))['‘](?!\s)(?:[^'’]|(?<=\w)['’](?=\w))*$")
"""A quotation that is open within another; double marks begin its next paragraph."""
_ASKS: Final = re.compile(r"\b(?:ask(?:s|ed|ing)?|inquired|demanded to know)\b", re.IGNORECASE)
_ANSWERS: Final = re.compile(
    r"\b(?:repl(?:y|ies|ied|ying)|answer(?:s|ed|ing)?|retort(?:s|ed)?)\b", re.IGNORECASE
)
MAX_CONTENTS: Final = 32
"""Parts of contents, those that begin last before a claim's cue, in which the claim may stand."""

QUOTED_SHARE: Final = 0.9
_TOLD: Final = re.compile(r"\s(him|her)\b")
"""Whom something is said to."""


class Resolver:
    """Resolves the sources of one document's claims, which must be asked for in text order: a pronoun is
    the person who spoke last, or else was named last.
    """

    def __init__(self, text: str, entities: Sequence[EntityDraft], claims: Sequence[ClaimDraft] = ()) -> None:
        """*claims* are all of the document: what is said in another's words depends on who that is."""
        self._doc = NamedText(text, entities)
        self._persons = Persons(self._doc)
        self._bodies = Bodies(self._doc)
        self._descriptions = Descriptions(self._doc, self._persons, self._bodies)
        self._before: list[ResolvedSource] = []
        self._asked: list[ResolvedSource] = []
        self._outermost: list[ResolvedSource] = []
        self._resolved: dict[Range, ResolvedSource] = {}
        self._contents = sorted(
            (part, number) for number, claim in enumerate(claims) for part in claim.content
        )
        self._claims = claims

    def resolve(self, claim: ClaimDraft) -> list[ResolvedSource]:
        """Return who *claim* is attributed to; one source of type none where nobody is named."""
        if claim.link.continues:
            return [continued(source) for source in self._before] or [ResolvedSource(type="unresolved")]
        outer = self._outer(claim)
        sources = self._floating(claim) or self._told(claim, outer)
        self._before = sources
        if outer is None:
            self._asked = sources if self._cued(claim, _ASKS) else []
            self._outermost = sources
        if addressee := told_to(self._doc.text, claim.link.cues):
            self._persons.was_told(addressee, nested=outer is not None)
        for source in sources:
            self._persons.spoke(source, nested=outer is not None)
            self._bodies.spoke(source, nested=outer is not None)
        return sources

    def resolve_all(self) -> list[list[ResolvedSource]]:
        """Return who each of the document's claims is attributed to, in their order; a headline that names nobody, to
        who is the first to speak in the text.
        """
        found = {id(claim): self.resolve(claim) for claim in sorted(self._claims, key=said_at)}
        headlines = [
            claim for claim in self._claims if self._is_headline(claim) and found[id(claim)] == [NOBODY]
        ]
        if headlines:
            spoke = next((sources for sources in found.values() if sources != [NOBODY]), [])
            if spoke and all(source.name for source in spoke):
                said = [msgspec.structs.replace(continued(source), how="headline") for source in spoke]
                found |= {id(claim): said for claim in headlines}
        return [found[id(claim)] for claim in self._claims]

    def _is_headline(self, claim: ClaimDraft) -> bool:
        is_bare = not (claim.link.cues or claim.link.sources)
        return is_bare and claim.content[-1].end <= self._doc.text.find("\n\n")

    def _floating(self, claim: ClaimDraft) -> list[ResolvedSource]:
        """Return whose a quotation without attribution is: who was the last to speak, within reach, if nobody else is
        named in between.
        """
        if claim.link.cues or claim.link.sources or not _is_quoted(claim):
            return []
        first = claim.content[0]
        for source in self._outermost:
            place = next(iter(source.spans or source.antecedent), first)
            between = self._doc.before(first, max(place.start, self._doc.reach(first)))
            others = {entity for _, entity in between if self._doc.entities[entity].type == "person"}
            if not self._doc.reach(first) <= place.start < first.start or others - {source.entity}:
                return []
        return [continued(source) for source in self._outermost]

    def _told(self, claim: ClaimDraft, outer: ClaimDraft | None) -> list[ResolvedSource]:
        told = [part for at in claim.link.sources for part in speakers(self._doc, at)]
        return [self._once(at, claim, outer) for at in told] or [NOBODY]

    def _outer(self, claim: ClaimDraft) -> ClaimDraft | None:
        """Return the claim in whose content stands what *claim* is said by; the innermost of several."""
        if not claim.link.cues:
            return None
        cue = claim.link.cues[0]
        behind = bisect_right(self._contents, (Range(cue.start, len(self._doc.text) + 1), 0))
        for part, number in reversed(self._contents[max(0, behind - MAX_CONTENTS) : behind]):
            other = self._claims[number]
            if part.contains(cue) and other.content != claim.content and other.link.cues[:1] != [cue]:
                return other
        return None

    def _once(self, at: Range, claim: ClaimDraft, outer: ClaimDraft | None) -> ResolvedSource:
        """Resolve a source; one that says several things is the same each time."""
        if at not in self._resolved:
            self._resolved[at] = self._source(at, claim, outer)
        return self._resolved[at]

    def _cued(self, claim: ClaimDraft, by: re.Pattern[str]) -> bool:
        return any(by.search(self._doc.text, *cue) for cue in claim.link.cues)

    def _source(self, at: Range, claim: ClaimDraft, outer: ClaimDraft | None) -> ResolvedSource:
        # Whoever answers is not who has just asked.
        asked = self._asked if self._cued(claim, _ANSWERS) else []
        words = self._doc.words(at)
        lower = words.lower()
        if words == "I":
            return self._first_person(at, outer)
        if lower in _OWNERS and not _owns(self._doc.text, at, claim):
            return unresolved(at)
        if lower in PERSONAL:
            besides = [*self._quoted(at, outer), *asked]
            return self._persons.resolve(at, claim.content, nested=outer is not None, besides=besides)
        if lower in _THING:
            return self._bodies.thing(at, nested=outer is not None)
        if lower in _GROUP:
            return self._bodies.many(at)
        if lower in _UNRESOLVED:
            return unresolved(at)
        if (by_people := _PEOPLE.fullmatch(words)) and country_of_demonym(by_people[1]):
            return self._persons.in_focus(at, self._quoted(at, outer)) or ResolvedSource(
                spans=[at], type="role"
            )
        if found := named(self._doc, at) or by_form(self._doc, at):
            return found
        return self._descriptions.resolve(at, [*self._others(claim, outer), *asked])

    def _others(self, claim: ClaimDraft, outer: ClaimDraft | None) -> list[ResolvedSource]:
        """Return who is not described as the source of a claim: who says that it was said, and to whom it was said, as
        a pronoun right behind the cue tells.
        """
        reporting = self._told(outer, self._outer(outer)) if outer else []
        cue = claim.link.cues[-1] if claim.link.cues else None
        told = _TOLD.match(self._doc.text, cue.end) if cue else None
        return [*reporting, *([self._persons.resolve(Range(*told.span(1)))] if told else [])]

    def _first_person(self, at: Range, outer: ClaimDraft | None) -> ResolvedSource:
        """Resolve "I": whoever is quoted, and the writer where nobody is."""
        quoted = self._quoted(at, outer)
        if len(quoted) == 1 and quoted[0].type == "named_person":
            return again(quoted[0], at)
        return ResolvedSource(spans=[at], type="self")

    def _quoted(self, at: Range, outer: ClaimDraft | None) -> list[ResolvedSource]:
        """Return whose words *at* stands in: to them somebody else is "he", and they are "I"."""
        part = next((part for part in outer.verbatim if part.contains(at)), None) if outer else None
        if outer is None or part is None or _QUOTING.search(self._doc.text[part.start : at.start]):
            return []
        return self._told(outer, self._outer(outer))


def said_at(claim: ClaimDraft) -> tuple[Range, Range]:
    """Order claims as a reader meets who says them, for `sorted`."""
    return (claim.link.cues or claim.content)[0], claim.content[0]


def _is_quoted(claim: ClaimDraft) -> bool:
    """Tell whether a content stands in quotation marks, but for the marks and what parts its paragraphs."""
    content, verbatim = (sum(at.end - at.start for at in some) for some in (claim.content, claim.verbatim))
    return verbatim > 0 and verbatim >= QUOTED_SHARE * content


def _owns(text: str, at: Range, claim: ClaimDraft) -> bool:
    """Tell whether a possessive says who speaks: "his promise", "according to her", and not "his aunt said"."""
    return any(cue.end <= at.start or text[at.end : cue.start].isspace() for cue in claim.link.cues)

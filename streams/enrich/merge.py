"""Mentions merged into the entities of one document: "Zelensky" is "Volodymyr Zelensky".

The recogniser labels each mention by itself; here the document decides.  A surface form has one type, a
surname belongs to the last full name that ends in it, an acronym to its expansion, a demonym to its
country.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from schemas.vocabulary import EntityType, MentionForm
from streams.enrich.acronyms import defined_acronyms, looks_like_acronym, plain_acronym
from streams.enrich.countries import country_key, country_of_demonym, country_of_name
from streams.enrich.drafts import EntityDraft, Label, MentionDraft, Range
from streams.enrich.names import (
    HONORIFICS,
    TITLE_NOUNS,
    acronyms_of,
    name_key,
    name_words,
    one_line,
    trimmed,
    without_suffix,
)
from streams.enrich.repeats import find_repeats, lowered_words

__all__ = ["merge"]

MAX_NAME_CHARS: Final = 100
"""A longer mention is the recogniser's error."""
MAX_NAMESAKES: Final = 50
"""People of one surname that a full name is compared with."""
_LETTER: Final = re.compile(r"[^\W\d_]")
_OFFICE: Final = re.compile(rf"(?:{'|'.join(sorted(TITLE_NOUNS))})\s+(?:of|for)\b", re.IGNORECASE)
"""An office, not an organisation: "Minister of Foreign Affairs"."""


class _Mention:
    """One mention while it is being sorted."""

    __slots__ = ("at", "form", "name", "titles", "type", "words")

    def __init__(
        self,
        at: Range,
        name: str,
        type_: Label | EntityType,
        titles: tuple[str, ...] = (),
        form: MentionForm = "name",
    ) -> None:
        self.at = at
        self.name = name
        self.type: Label | EntityType = type_
        self.titles = titles
        self.form = form
        self.words = name_words(name)


class _Entity:
    """Mentions that are one entity."""

    __slots__ = ("country", "mentions", "type", "words")

    def __init__(self, type_: Label | EntityType, words: tuple[str, ...], country: str | None = None) -> None:
        # A people or party that is no country's is none of our types.
        self.type: EntityType = "other" if type_ == "group" else type_
        self.words = words
        self.country = country
        self.mentions: list[_Mention] = []

    def add(self, mention: _Mention) -> None:
        self.mentions.append(mention)
        if mention.form == "name" and len(mention.words) > len(self.words):
            self.words = mention.words

    def name(self) -> str:
        """Return the fullest form: a name before an acronym or demonym, most words, mixed case, longest."""
        order = {"name": 0, "acronym": 1, "demonym": 2}
        return min(
            self.mentions,
            key=lambda m: (order[m.form], -len(m.words), m.name.isupper(), -len(m.name), m.at),
        ).name


def merge(text: str, found: Sequence[MentionDraft]) -> list[EntityDraft]:
    """Merge the mentions of one document into its entities, in the order of their first mention.

    *text* is as the model saw it; labels are those of `MentionDraft`.
    """
    mentions = _agreed(_with_acronyms(text, [m for draft in found if (m := _cleaned(text, draft))]))
    entities = _clustered(mentions)
    _add_repeats(text, entities)
    drafts = [_draft(entity) for entity in entities]
    return sorted(drafts, key=lambda d: (d.mentions[0][0], d.name))


def _cleaned(text: str, draft: MentionDraft) -> _Mention | None:
    if draft.at.end - draft.at.start > 2 * MAX_NAME_CHARS:
        return None
    at = trimmed(text, draft.at)
    titles = list(draft.titles)
    name = text[at.start : at.end]
    if draft.label == "person":
        while (first := re.match(r"([^\W\d_]+)\.?\s+(?=\S)", name)) and first[1].lower() in HONORIFICS:
            titles.append(first[0].strip())
            at = Range(at.start + first.end(), at.end)
            name = text[at.start : at.end]
    if not _LETTER.search(name) or len(name) > MAX_NAME_CHARS or not name_words(name):
        return None
    if draft.label == "organisation" and _OFFICE.match(name):
        return None
    if draft.label == "person" and not any(c.isupper() for c in name):
        return None
    return _Mention(at, one_line(name), draft.label, tuple(titles))


def _with_acronyms(text: str, mentions: list[_Mention]) -> list[_Mention]:
    """Put the acronyms that the text defines, and what they stand for, in place of what overlaps them."""
    mentions = sorted(mentions, key=lambda m: m.at)
    kept: list[_Mention] = []
    following = 0
    for definition in defined_acronyms(text):
        whole = Range(definition.expansion.start, definition.acronym.end)
        while following < len(mentions) and mentions[following].at.end <= whole.start:
            kept.append(mentions[following])
            following += 1
        label: Label | EntityType | None = None
        while following < len(mentions) and mentions[following].at.start < whole.end:
            over = mentions[following]
            if label is None and over.type in {"organisation", "place", "event"}:
                label = over.type
            following += 1
        kept.extend(
            _Mention(at, one_line(text[at.start : at.end]), label or "organisation") for at in definition
        )
    return kept + mentions[following:]


def _agreed(mentions: list[_Mention]) -> list[_Mention]:
    """Give each surface form the type that most of its mentions have, the first one's on a tie."""
    votes: defaultdict[str, Counter[Label | EntityType]] = defaultdict(Counter)
    surnames: Counter[str] = Counter()
    for m in mentions:
        votes[" ".join(m.words)][m.type] += 1
        if m.type == "person" and len(m.words) > 1:
            surnames[m.words[-1]] += 1
    for m in mentions:
        counted = votes[" ".join(m.words)]
        if len(m.words) == 1:
            person = counted["person"] + surnames[m.words[0]]
            # A surname seen with its first name outvotes what the recogniser makes of it alone.
            if surnames[m.words[0]] and person >= max(counted.values()):
                m.type = "person"
                continue
        m.type = counted.most_common(1)[0][0]
        if country_of_demonym(m.name) and m.type in {"group", "place", "organisation"}:
            m.type, m.form = "place", "demonym"
        elif country_of_name(m.name) and m.type in {"group", "organisation"}:
            m.type = "place"
    return mentions


def _clustered(mentions: list[_Mention]) -> list[_Entity]:
    persons = [m for m in mentions if m.type == "person"]
    return [*_persons(persons), *_others([m for m in mentions if m.type != "person"])]


def _same_person(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    # "George Bush" and "George W. Bush": the same ends, or one within the other.
    short, long = sorted((one, other), key=len)
    if short[-1] != long[-1]:
        return False
    rest = iter(long)
    return short[0] == long[0] or all(word in rest for word in short)


def _persons(mentions: list[_Mention]) -> list[_Entity]:
    entities: list[_Entity] = []
    by_surname: defaultdict[str, list[_Entity]] = defaultdict(list)
    # Of each surname: where it stands in a full name, and whose, in text order.
    named: defaultdict[str, tuple[list[Range], list[_Entity]]] = defaultdict(lambda: ([], []))
    by_first: defaultdict[str, list[_Entity]] = defaultdict(list)
    for m in mentions:
        if len(m.words) > 1:
            namesakes = by_surname[m.words[-1]]
            recent = reversed(namesakes[-MAX_NAMESAKES:])
            entity = next((e for e in recent if _same_person(m.words, e.words)), None)
            if entity is None:
                entity = _Entity("person", m.words)
                entities.append(entity)
                namesakes.append(entity)
                by_first[m.words[0]].append(entity)
            entity.add(m)
            places, whose = named[m.words[-1]]
            places.append(m.at)
            whose.append(entity)
    alone: dict[str, _Entity] = {}
    for m in mentions:
        if len(m.words) > 1:
            continue
        word = m.words[0]
        if word in named:
            # The one named last before, else the one named first after.
            places, whose = named[word]
            whose[max(0, bisect_left(places, m.at) - 1)].add(m)
        elif len(by_first.get(word, ())) == 1:
            by_first[word][0].add(m)
        else:
            if word not in alone:
                alone[word] = _Entity("person", m.words)
                entities.append(alone[word])
            alone[word].add(m)
    return entities


def _others(mentions: list[_Mention]) -> list[_Entity]:
    entities: dict[tuple[str, str], _Entity] = {}
    acronyms: list[_Mention] = []
    for m in mentions:
        country = (country_of_demonym if m.form == "demonym" else country_of_name)(m.name)
        if m.type == "place" and country:
            key = ("place", country)
        elif looks_like_acronym(m.name):
            acronyms.append(m)
            continue
        else:
            country = None
            words = without_suffix(m.words) if m.type == "organisation" else m.words
            key = (m.type, " ".join(words))
        entities.setdefault(key, _Entity(m.type, m.words, country)).add(m)
    spelt: defaultdict[str, list[_Entity]] = defaultdict(list)
    for entity in entities.values():
        for initials in acronyms_of(entity.name()):
            spelt[initials].append(entity)
    for m in acronyms:
        m.form = "acronym"
        plain = plain_acronym(m.name)
        meant = [e for e in spelt[plain] if e.type in {m.type, "organisation"}]
        if len(meant) == 1:
            meant[0].add(m)
        else:
            entities.setdefault((m.type, plain), _Entity(m.type, m.words)).add(m)
    return list(entities.values())


def _add_repeats(text: str, entities: list[_Entity]) -> None:
    forms: dict[str, int] = {}
    shared: set[str] = set()
    form_of: dict[str, MentionForm] = {}
    for number, entity in enumerate(entities):
        known: list[tuple[str, MentionForm]] = [(m.name, m.form) for m in entity.mentions]
        if entity.type == "person" and len(entity.words) > 1:
            known.append((entity.name().split()[-1], "name"))
        for name, form in known:
            if forms.setdefault(name, number) != number:
                shared.add(name)
            form_of.setdefault(name, form)
    for name in shared:
        del forms[name]
    taken = [m.at for e in entities for m in e.mentions]
    for at, number in find_repeats(text, forms, taken, lowered_words(text)):
        entity = entities[number]
        name = one_line(text[at.start : at.end])
        entity.add(_Mention(at, name, entity.type, form=form_of[name]))


def _draft(entity: _Entity) -> EntityDraft:
    mentions = sorted(entity.mentions, key=lambda m: m.at)
    name = entity.name()
    return EntityDraft(
        name=name,
        name_key=country_key(entity.country) if entity.country else name_key(name),
        type=entity.type,
        mentions=[(m.at, m.form) for m in mentions],
        titles=list(dict.fromkeys(title for m in mentions for title in m.titles)),
        country=entity.country,
    )

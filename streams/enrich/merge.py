"""Mentions merged into the entities of one document: "Zelensky" is "Volodymyr Zelensky".

The recogniser labels each mention by itself; here the document decides.  A surface form has one type, a
surname belongs to the last full name that ends in it, an acronym to its expansion, a demonym to its
country.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from schemas.vocabulary import EntityType, MentionForm
from streams.enrich.acronyms import defined_acronyms, looks_like_acronym, plain_acronym
from streams.enrich.clusters import Entity, Mention
from streams.enrich.companies import with_short_names
from streams.enrich.countries import (
    country_key,
    country_name,
    country_of_demonym,
    country_of_name,
    region_of_demonym,
)
from streams.enrich.drafts import EntityDraft, Label, MentionDraft, Range
from streams.enrich.mending import mended
from streams.enrich.names import (
    HONORIFICS,
    TITLE_NOUNS,
    acronyms_of,
    misspelt,
    name_key,
    name_words,
    one_line,
    trimmed,
    without_generation,
    without_suffix,
)
from streams.enrich.places import state_in_full
from streams.enrich.repeats import find_repeats, lowered_words

__all__ = ["merge"]

MAX_NAME_CHARS: Final = 100
"""A longer mention is the recogniser's error."""
MAX_NAMESAKES: Final = 50
"""People of one surname that a full name is compared with."""
MAX_SURNAMES: Final = 200
"""Surnames of full names that one may be another spelling of."""
_FORMAL: Final = frozenset(("mr", "ms", "miss"))
"""Titles of whom a text has named in full before."""
_LETTER: Final = re.compile(r"[^\W\d_]")
_BEHIND_PERSON: Final = re.compile(
    r"(?<=\w),?\s+(?:[KQ]C|MPs?|MEP|MSP|TD|[KDCOM]BE|MD|PhD|JP)(?:,?\s+(?:[KQ]C|MP|[KDCOM]BE))*$"
)
"""Letters behind a name that are none of it: "Ada Quill KC"."""
_OF_PERSON: Final = re.compile(r"\w+\s\S*\w,?\s+(?:[KQ]C|MP|MEP|MSP)$")
"""Nobody but a person has these behind a name of two words."""
_OFFICE: Final = re.compile(rf"(?:{'|'.join(sorted(TITLE_NOUNS))})\s+(?:of|for)\b", re.IGNORECASE)
"""An office, not an organisation: "Minister of Foreign Affairs"."""


def merge(text: str, found: Sequence[MentionDraft]) -> list[EntityDraft]:
    """Merge the mentions of one document into its entities, in the order of their first mention.

    *text* is as the model saw it; labels are those of `MentionDraft`.
    """
    cleaned = _apart(m for draft in found if (m := _cleaned(text, draft)))
    mentions, defined = _with_acronyms(text, cleaned)
    entities = _clustered(_agreed(mentions), defined)
    _add_repeats(text, entities)
    drafts = [_draft(entity) for entity in entities]
    return sorted(drafts, key=lambda d: (d.mentions[0][0], d.name))


def _cleaned(text: str, draft: MentionDraft) -> Mention | None:
    if draft.at.end - draft.at.start > 2 * MAX_NAME_CHARS:
        return None
    whole = mended(text, draft.at, draft.label)
    if whole is None:
        return None
    at = trimmed(text, whole)
    titles = list(draft.titles)
    name = text[at.start : at.end]
    label: Label = "person" if _OF_PERSON.search(name) else draft.label
    if label == "person":
        while (first := re.match(r"([^\W\d_]+)\.?\s+(?=\S)", name)) and first[1].lower() in HONORIFICS:
            titles.append(first[0].strip())
            at = Range(at.start + first.end(), at.end)
            name = text[at.start : at.end]
        if letters := _BEHIND_PERSON.search(name):
            at = Range(at.start, at.start + letters.start())
            name = name[: letters.start()]
    if not _LETTER.search(name) or len(name) > MAX_NAME_CHARS or not name_words(name):
        return None
    if label == "organisation" and _OFFICE.match(name):
        return None
    if label == "person" and not any(c.isupper() for c in name):
        return None
    return Mention(at, one_line(name), label, tuple(titles))


def _apart(mentions: Iterable[Mention]) -> list[Mention]:
    """Put mentions in text order, and leave out what stands in another one before it."""
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (m.at.start, -m.at.end)):
        if not kept or mention.at.start >= kept[-1].at.end:
            kept.append(mention)
    return kept


def _with_acronyms(text: str, mentions: list[Mention]) -> tuple[list[Mention], dict[str, Mention]]:
    """Put the acronyms that the text defines, and what they stand for, in place of what overlaps them; and return
    what each of them stands for.
    """
    kept: list[Mention] = []
    defined: dict[str, Mention] = {}
    following = 0
    for definition in defined_acronyms(text):
        whole = Range(definition.expansion.start, definition.acronym.end)
        while following < len(mentions) and mentions[following].at.end <= whole.start:
            kept.append(mentions[following])
            following += 1
        over: list[Mention] = []
        while following < len(mentions) and mentions[following].at.start < whole.end:
            over.append(mentions[following])
            following += 1
        labels = [m.type for m in over if m.type in {"organisation", "place", "event"}]
        label: Label | EntityType = labels[0] if labels else "organisation"
        # "U.S. International Trade Commission (ITC)" is all of it.
        longer = [m.at for m in over if m.at.start < definition.expansion.start]
        expansion = Range(min(at.start for at in (*longer, definition.expansion)), definition.expansion.end)
        pair = [
            Mention(at, one_line(text[at.start : at.end]), label) for at in (expansion, definition.acronym)
        ]
        defined[plain_acronym(pair[1].name)] = pair[0]
        kept.extend(pair)
    return kept + mentions[following:], defined


def _agreed(mentions: list[Mention]) -> list[Mention]:
    """Give each surface form the type that most of its mentions have, the first one's on a tie."""
    votes: defaultdict[str, Counter[Label | EntityType]] = defaultdict(Counter)
    surnames: Counter[str] = Counter()
    for m in mentions:
        votes[" ".join(m.words)][m.type] += 1
        if m.type == "person" and len(m.words) > 1:
            surnames[without_generation(m.words)[-1]] += 1
    for m in mentions:
        counted = votes[" ".join(m.words)]
        if len(m.words) == 1:
            person = counted["person"] + surnames[m.words[0]]
            # A surname seen with its first name outvotes what the recogniser makes of it alone.
            if surnames[m.words[0]] and person >= max(counted.values()):
                m.type = "person"
                continue
        m.type = counted.most_common(1)[0][0]
        if _is_demonym(m.name) and m.type in {"group", "place", "organisation"}:
            m.type, m.form = "place", "demonym"
        elif country_of_name(m.name) and (m.type == "group" or counted["organisation"] == 1):
            # Once may be a slip; a team goes by its country's name throughout.
            m.type = "place"
    return mentions


def _is_demonym(name: str) -> bool:
    return (country_of_demonym(name) or region_of_demonym(name)) is not None


def _clustered(mentions: list[Mention], defined: Mapping[str, Mention]) -> list[Entity]:
    persons = [m for m in mentions if m.type == "person"]
    return [*_persons(persons), *_others([m for m in mentions if m.type != "person"], defined)]


def _same_person(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    # "George Bush" and "George W. Bush": the same ends, or one within the other.
    short, long = sorted((without_generation(one), without_generation(other)), key=len)
    if short[-1] != long[-1]:
        return False
    rest = iter(long)
    return short[0] == long[0] or all(word in rest for word in short)


def _persons(mentions: list[Mention]) -> list[Entity]:
    entities: list[Entity] = []
    by_surname: defaultdict[str, list[Entity]] = defaultdict(list)
    # Of each surname: where it stands in a full name, and whose, in text order.
    named: defaultdict[str, tuple[list[Range], list[Entity]]] = defaultdict(lambda: ([], []))
    by_first: defaultdict[str, list[Entity]] = defaultdict(list)
    for m in mentions:
        if len(m.words) > 1:
            surname = without_generation(m.words)[-1]
            namesakes = by_surname[surname]
            recent = reversed(namesakes[-MAX_NAMESAKES:])
            entity = next((e for e in recent if _same_person(m.words, e.words)), None)
            if entity is None:
                entity = Entity("person", m.words)
                entities.append(entity)
                namesakes.append(entity)
                by_first[m.words[0]].append(entity)
            entity.add(m)
            places, whose = named[surname]
            places.append(m.at)
            whose.append(entity)
    alone: dict[str, Entity] = {}
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
                titled = not _FORMAL.isdisjoint(title.lower().rstrip(".") for title in m.titles)
                before = (name for name in named if not titled or named[name][0][0] < m.at)
                if meant := misspelt(word, islice(before, MAX_SURNAMES), titled=titled):
                    alone[word] = named[meant][1][0]
                else:
                    alone[word] = Entity("person", m.words)
                    entities.append(alone[word])
            alone[word].add(m)
    return entities


def _others(mentions: list[Mention], defined: Mapping[str, Mention]) -> list[Entity]:
    entities: dict[tuple[str, str], Entity] = {}
    acronyms: list[Mention] = []
    for m in mentions:
        country = (country_of_demonym if m.form == "demonym" else country_of_name)(m.name)
        region = region_of_demonym(m.name) if m.form == "demonym" else None
        if m.type == "place" and country:
            key = ("place", country)
        elif region:
            key = ("place", " ".join(name_words(region)))
        elif looks_like_acronym(m.name) or plain_acronym(m.name) in defined:
            acronyms.append(m)
            continue
        else:
            country = None
            words = without_suffix(m.words) if m.type == "organisation" else m.words
            key = (m.type, " ".join(words))
            region = state_in_full(m.name) if m.type == "place" else None
            if region:
                key = ("place", " ".join(name_words(region)))
        entity = entities.setdefault(key, Entity(m.type, m.words, country))
        entity.home = entity.home or (country_name(country) if country else region)
        entity.add(m)
    spelt: defaultdict[str, list[Entity]] = defaultdict(list)
    for entity in entities.values():
        for initials in acronyms_of(entity.name()) | acronyms_of(_without_country(entity.name())):
            spelt[initials].append(entity)
    for plain, expansion in defined.items():
        # What the text says outdoes what only fits.
        spelt[plain] = [e for e in entities.values() if expansion in e.mentions] or spelt[plain]
    for m in acronyms:
        m.form = "acronym"
        plain = plain_acronym(m.name)
        # A place has the initials of places alone ("N.M." is no National Museum), all else may be mistaken.
        meant = [
            e for e in spelt[plain] if e.type == m.type or (e.type == "organisation" and m.type != "place")
        ]
        if len(meant) == 1:
            meant[0].add(m)
        else:
            entities.setdefault((m.type, plain), Entity(m.type, m.words)).add(m)
    return with_short_names(list(entities.values()))


def _without_country(name: str) -> str:
    """Return a name without the country or people that it begins with: the FBI is the "US Federal Bureau of …"."""
    first, _, rest = name.partition(" ")
    return rest if country_of_demonym(first) or country_of_name(first) else name


def _surname(name: str) -> str:
    """Return a full name's surname as it is written."""
    return next(
        word for word in reversed(name.split()) if len(without_generation(("", *name_words(word)))) > 1
    )


def _add_repeats(text: str, entities: list[Entity]) -> None:
    forms: dict[str, int] = {}
    shared: set[str] = set()
    form_of: dict[str, MentionForm] = {}
    surnames: set[str] = set()
    for number, entity in enumerate(entities):
        known: list[tuple[str, MentionForm]] = [(m.name, m.form) for m in entity.mentions]
        if entity.type == "person" and len(entity.words) > 1:
            surname = _surname(entity.name())
            surnames.add(surname)
            known.append((surname, "name"))
        for name, form in known:
            if forms.setdefault(name, number) != number:
                shared.add(name)
            form_of.setdefault(name, form)
    for name in shared:
        del forms[name]
    taken = [m.at for e in entities for m in e.mentions]
    seen = Counter(m.name for e in entities for m in e.mentions)
    missed: defaultdict[str, list[tuple[Range, int]]] = defaultdict(list)
    for at, number in find_repeats(text, forms, taken, lowered_words(text)):
        missed[one_line(text[at.start : at.end])].append((at, number))
    for name, places in missed.items():
        # A word that the recogniser passed over more often than not is no name.
        if " " in name or name in surnames or len(places) <= seen[name]:
            for at, number in places:
                entities[number].add(Mention(at, name, entities[number].type, form=form_of[name]))


def _draft(entity: Entity) -> EntityDraft:
    mentions = sorted(entity.mentions, key=lambda m: m.at)
    name = entity.name()
    return EntityDraft(
        name=name,
        name_key=country_key(entity.country) if entity.country else name_key(entity.home or name),
        type=entity.type,
        mentions=[(m.at, m.form) for m in mentions],
        titles=list(dict.fromkeys(title for m in mentions for title in m.titles)),
        country=entity.country,
    )

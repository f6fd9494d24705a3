"""Organisations by their full and their short names: "Hughes" is "Hughes Tool Co"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from streams.enrich.clusters import Entity
from streams.enrich.countries import country_of_demonym, country_of_name
from streams.enrich.names import without_suffix

__all__ = ["with_short_names"]

MAX_SHARING: Final = 50
"""Organisations of one word that a short name is compared with; what more have is short for none."""
_KNOWN_AS: Final[dict[tuple[str, ...], tuple[str, ...]]] = {("fed",): ("federal", "reserve")}
"""What English news calls by less than a name."""
_KINDS: Final = frozenset(("bank", "club", "group", "party"))
"""What a name may end in that is left out afterwards, as a legal form is."""


def with_short_names(entities: Sequence[Entity]) -> list[Entity]:
    """Merge organisations that one other's full name has as its short one: a company's by what it begins with or by
    one of its words ("Fluke" of "John Fluke Mfg Co"), a ministry's without its country.
    """
    by_word: defaultdict[str, list[Entity]] = defaultdict(list)
    for entity in entities:
        if entity.type == "organisation":
            for word in set(entity.words):
                by_word[word].append(entity)
    kept: list[Entity] = []
    # The shortest first: what is merged into another may be merged with it.
    for entity in sorted(entities, key=lambda e: len(e.words)):
        word = _KNOWN_AS.get(entity.words, entity.words)[0]
        sharing = by_word[word] if entity.type == "organisation" else []
        longer = [one for one in sharing[:MAX_SHARING] if _is_short_for(entity, one)]
        if len(longer) == 1 and len(sharing) <= MAX_SHARING:
            for mention in entity.mentions:
                longer[0].add(mention)
        else:
            kept.append(entity)
    return kept


def _is_short_for(short: Entity, full: Entity) -> bool:
    words = short.words
    if len(words) >= len(full.words):
        return False
    if _KNOWN_AS.get(words) == full.words[-len(words) - 1 :]:
        return True
    if full.words[1:] == words and len(words) > 1:
        country = full.name().split()[0]
        return (country_of_name(country) or country_of_demonym(country)) is not None
    company = _company(full.words)
    if not company:
        return False
    return company[: len(words)] == words or (len(words) == 1 and words[0] in company)


def _company(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return a company's words without its legal form, nothing for what has none."""
    bare = without_suffix(words)
    if bare == words and len(words) > 1 and words[-1] in _KINDS:
        bare = words[:-1]
    return bare if bare != words else ()

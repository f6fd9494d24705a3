"""Entities of whole documents, as names with types, from labels and answers that know places alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bench.evaluation.entity_tables import Names
from streams.enrich.countries import country_name, country_of_demonym, region_of_demonym

__all__ = ["fullest", "named", "plain"]


def named(text: str, mentions: Mapping[tuple[int, int], str]) -> Names:
    """Return the names of a text with their types, each once; nothing tells that two of them are one's."""
    return frozenset((" ".join(text[start:end].split()), kind) for (start, end), kind in mentions.items())


def fullest(text: str, mentions: Iterable[tuple[int, int]]) -> str:
    """Return the longest form of an entity in words, one in mixed case and with more letters first."""
    forms = [" ".join(text[start:end].split()) for start, end in mentions]
    return min(forms, key=lambda form: (-len(form.split()), form.isupper(), -len(form)))


def plain(names: Names) -> Names:
    """Return names as they are compared: without *the*, and a country by its own name where its people stands
    for it, so that *French* and *France* are one.
    """
    return frozenset((_plain(name, kind), kind) for name, kind in names)


def _plain(name: str, kind: str) -> str:
    bare = name.removeprefix("the ").removeprefix("The ")
    if kind != "place":
        return bare
    code = country_of_demonym(bare)
    return country_name(code) if code else region_of_demonym(bare) or bare

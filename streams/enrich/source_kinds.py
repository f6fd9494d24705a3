"""What kind of source somebody is: by what is named, or by the noun, from ``tables/source_nouns.tsv``."""

from __future__ import annotations

import re
from typing import Final

from schemas.vocabulary import SourceType
from streams.enrich.drafts import EntityDraft
from streams.enrich.names import TITLE_NOUNS
from streams.enrich.tables import read_table

__all__ = ["is_individual", "kind_of", "type_of"]

_NOUNS: Final = {row["noun"]: row["type"] for row in read_table("source_nouns")}
"""What kind of source a noun is; ``organisation`` is the one that the text names, "the company"."""
_BODIES: Final = frozenset(
    "administration affiliate army board cabinet committee council court government inquiry jury leadership management "
    "military navy opposition palace panel parliament presidency regime regulator senate treasury tribunal house".split()
)
"""Roles that no one person has."""
_SPEAKS_FOR: Final = frozenset("official spokesman spokeswoman spokesperson diplomat".split())
"""Who bears these is one of many, whom texts seldom name."""
_PERSON: Final = re.compile(
    r"(?:er|or|ist|ian|man|woman|star|ess|eer|ee|old|kid|champ|ace|veteran|teenager|youngster|president|[lr]ant)$"
)
"""How nouns for persons end."""
_THINGS: Final = frozenset(
    "paper newspaper newsletter letter banner poster order offer charter number answer tracker sensor monitor "
    "computer indicator factor calculator cluster register chapter folder".split()
)
"""So end these, which are nobody."""
_WITHHELD: Final = re.compile(
    r"anonymity|not (?:authori[sz]ed|named|identified)|unnamed|anonymous", re.IGNORECASE
)
_MEDIA: Final = re.compile(
    r"\b(?:news|times|post|journal|herald|tribune|telegraph|guardian|gazette|magazine|newspaper|reuters|"
    r"bbc|cnn|nbc|abc news|cbs|fox news|msnbc|npr|pbs|itv|sky news|afp|associated press|ap|bloomberg|xinhua|"
    r"interfax|tass|al jazeera|politico|buzzfeed|breitbart|le monde|der spiegel)\b",
    re.IGNORECASE,
)


def type_of(entity: EntityDraft) -> SourceType:
    """Return what kind of source an entity is."""
    if entity.type == "person":
        return "named_person"
    if entity.type == "organisation":
        return "media" if _MEDIA.search(entity.name) else "named_organisation"
    return "place_as_institution" if entity.type == "place" else "other"


def is_individual(noun: str) -> bool:
    """Tell whether a singular noun stands for one person, who may be named elsewhere."""
    if noun in _BODIES or noun in _SPEAKS_FOR or noun in _THINGS or noun == "prime":
        return False
    kind = _NOUNS.get(noun)
    if noun in TITLE_NOUNS or kind == "role":
        return kind is None or not noun.endswith("s") or noun.endswith("ss")
    return kind is None and _PERSON.search(noun) is not None


def kind_of(noun: str, words: str) -> str:
    """Return what the table says of the noun that a source is, or what its form does."""
    if _WITHHELD.search(words):
        return "anonymous"
    singular = noun.removesuffix("s")
    if (kind := _NOUNS.get(noun)) is not None:
        return kind
    if noun in TITLE_NOUNS or noun == "old":
        return "role"
    if (
        singular in TITLE_NOUNS
        or noun.endswith(("%", "percent"))
        or (noun.endswith("s") and not noun.endswith("ss"))
    ):
        return "collective"
    return "other"

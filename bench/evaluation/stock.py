"""The peer for entities: the stock spaCy model as it comes, its types mapped onto ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from bench.evaluation.samples import Sample
from bench.stock_spacy import MODEL, package_of

__all__ = ["MODEL", "stock_mentions"]

_TYPES: Final = {
    "PERSON": "person",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "NORP": "demonym",
    "EVENT": "event",
    "WORK_OF_ART": "other",
    "LAW": "other",
    "PRODUCT": "other",
}


def stock_mentions(samples: Sequence[Sample], *, demonyms: str | None) -> list[Mapping[tuple[int, int], str]]:
    """Return what the stock model names, without *the* before a name and *'s* behind it; nationalities and
    the like are of the type *demonyms*, or left out.
    """
    found: list[Mapping[tuple[int, int], str]] = []
    for doc in _stock().pipe(sample.text for sample in samples):
        types = {_bare(e.text, e.start_char): _TYPES.get(e.label_, "") for e in doc.ents}
        read = {span: demonyms if kind == "demonym" else kind for span, kind in types.items()}
        found.append({span: kind for span, kind in read.items() if kind})
    return found


@cache
def _stock() -> Any:
    import spacy

    return spacy.load(package_of(MODEL))


def _bare(text: str, start: int) -> tuple[int, int]:
    end = start + len(text)
    if text.endswith(("'s", "’s")):
        end -= 2
    if text.lower().startswith("the "):
        start += 4
    return start, end

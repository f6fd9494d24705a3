"""Placed labels in the form that claims and entities are scored in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from bench.gold.labels import ATTRIBUTES
from bench.gold.placing import Placed, PlacedClaim, PlacedEntity
from bench.scoring.claims import Attribution

__all__ = ["attribution", "entities", "mentions"]


_JOINT: Final = re.compile(r", and |, | and ")


def attribution(claim: PlacedClaim, named: Iterable[PlacedEntity] = ()) -> Attribution:
    """Return a labelled claim as one that can be matched; *named* are the entities that tell a joint
    originator, "X and Y", from a name that has an *and*.
    """
    label = claim.label
    return Attribution(
        content=claim.content,
        cue=claim.cue,
        source=claim.source,
        nested=label.parent is not None,
        values={name: getattr(label, name) for name in ATTRIBUTES},
        originators=_originators(label.originator, named) if label.originator else (),
    )


def _originators(originator: str, named: Iterable[PlacedEntity]) -> tuple[str, ...]:
    parts = _JOINT.split(originator)
    if len(parts) == 1:
        return (originator,)
    forms = {" ".join(form.split()) for e in named for form in (e.label.name, *e.label.mentions)}
    return tuple(parts) if originator not in forms and forms.issuperset(parts) else (originator,)


def mentions(placed: Placed) -> Mapping[tuple[int, int], str]:
    """Return the type of every place that names an entity."""
    return {span: entity.label.type for entity in placed.entities for span in entity.mentions}


def entities(placed: Placed) -> frozenset[tuple[str, str]]:
    """Return name and type of every entity."""
    return frozenset((" ".join(e.label.name.split()), e.label.type) for e in placed.entities)

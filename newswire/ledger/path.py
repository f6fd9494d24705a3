"""The way of one item, as data: its steps with times and places, its verdict, its claims."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from newswire.ledger.events import topic_of
from newswire.ledger.places import Place
from schemas.claim import Claim
from schemas.entity import Entity
from schemas.outcome import Hop, Times
from schemas.sighting import Sighting
from schemas.topics import ARTICLE, RAW, UNIQUE, Topic

__all__ = ["AttemptPath", "ItemPath", "Step", "milliseconds", "steps_of"]

_STEPS: Final[tuple[tuple[str, Topic | None], ...]] = (
    ("published", None),
    ("observed", None),
    ("raw", RAW),
    ("normalized", ARTICLE),
    ("judged", UNIQUE),
    ("enriched", None),
)
"""The moments of `Times`, and the topic where the record lies that a step wrote."""


class Step(msgspec.Struct, kw_only=True):
    """One step of the way."""

    name: str
    at: str | None = None
    """RFC 3339, UTC."""
    after_s: float | None = None
    """Seconds since the step before it whose time is known."""
    places: list[str] = []
    """The records that it wrote, as ``topic/partition/offset``."""
    gone: list[str] = []
    """Those of them that are not kept any more."""


class AttemptPath(msgspec.Struct, kw_only=True):
    """One attempt at an item."""

    attempt: int
    outcome: str | None = None
    """Null while it is under way."""
    reason: str | None = None
    stage: str | None = None
    requeued_from: str | None = None
    steps: list[Step] = []
    sighting: Sighting | None = None
    revision_kind: str | None = None
    claims: list[Claim] = []
    entities: list[Entity] = []


class ItemPath(msgspec.Struct, kw_only=True):
    """One item with every attempt at it that is known, the latest last."""

    item_id: str
    lane: str = "live"
    source_id: str | None = None
    native_id: str | None = None
    article_id: str | None = None
    revision_id: str | None = None
    title: str | None = None
    url: str | None = None
    attempts: list[AttemptPath] = []


def steps_of(times: Times, hops: list[Hop]) -> list[Step]:
    """Return the steps that an item has passed, each with the record that it wrote.

    A stage's input is a hop, so a step's record is the hop in the topic that the next stage reads.
    """
    places: dict[str, list[str]] = {}
    for hop in hops:
        declared = topic_of(hop.topic)
        if declared is not None:
            places.setdefault(declared.name, []).append(str(Place.of(hop)))
    steps = []
    before: str | None = None
    for name, topic in _STEPS:
        at: str | None = getattr(times, name)
        written = [] if topic is None else places.get(topic.name, [])
        if at is None and not written:
            continue
        steps.append(Step(name=name, at=at, after_s=_between(before, at), places=written))
        before = at or before
    return steps


def milliseconds(moment: str) -> int:
    """Return an RFC 3339 moment in milliseconds since 1970.

    Raises:
        ValueError: it is none.
    """
    return int(datetime.fromisoformat(moment).timestamp() * 1000)


def _between(before: str | None, at: str | None) -> float | None:
    if before is None or at is None:
        return None
    try:
        return round((milliseconds(at) - milliseconds(before)) / 1000, 3)
    except ValueError:  # what a publisher claims may be no moment at all
        return None

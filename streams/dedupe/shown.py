"""What a sighting tells the state: all that folding it needs, and none of what costs time to make out.

It is the same for a sighting just made and for one read back from the topic, where another process may make
it out ahead of the fold (`streams.dedupe.ahead`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from schemas.sighting import Sighting
from schemas.wire import DecodeError, decode
from streams.dedupe.compare import Shingles, shingles_of
from streams.dedupe.decision import Decision, decision_of, item_key
from streams.dedupe.entries import ARTICLE, EXACT, LINK, key_of
from streams.dedupe.item import check_signature
from streams.dedupe.limits import DAY_MS
from streams.dedupe.near_index import tags_of
from streams.dedupe.showings import raw_of, shown_by, title_of

__all__ = ["AHEAD_MS", "Appended", "SetAside", "Shown", "shown_of", "shown_of_all"]

AHEAD_MS: Final = DAY_MS
"""A sighting that was judged so much later than it was appended, and than all before it were judged, is set
aside: one wrong clock would make everything before it too old."""

_encode = msgspec.msgpack.Encoder().encode


class Shown(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=0):
    """One sighting, with the keys of the points that it shows."""

    offset: int
    """Of the sighting in its topic; -1 for one that has not left."""
    decision: Decision
    item: bytes
    article: bytes
    links: list[bytes]
    exact: bytes | None
    """Null under 30 words."""
    item_id: str
    observed_at: str
    extractor: str
    publisher: str | None
    text_basis: str
    title: bytes
    raw: bytes
    by: bytes
    """Source and text basis; of a withdrawal the source alone."""
    tags: bytes | None
    """Band hashes of the signature; null under 30 words."""
    sketch: bytes | None
    """What is kept of the sketch, encoded, where the sighting carries it."""
    sketch_size: int
    """How many different shingles it has."""
    appended_ms: int = 0
    """When it was appended, ms since 1970; 0 for one that has not left."""


class SetAside(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=1):
    """A sighting that cannot be folded, and why."""

    offset: int
    why: str


class Appended(msgspec.Struct, frozen=True, gc=False):
    """A record of the sightings topic."""

    value: bytes
    offset: int
    at_ms: int
    """When it was appended, ms since 1970."""


def shown_of(
    sighting: Sighting,
    decision: Decision,
    item: bytes,
    *,
    shingles: Shingles | None,
    tags: bytes | None,
    offset: int = -1,
    appended_ms: int = 0,
) -> Shown:
    """Make out what a sighting shows.

    *item* is its item's key, *shingles* those of the sketch that it carries or would carry, *tags* the band
    hashes of its signature.
    """
    links = [key_of(LINK, sighting.link_key)]
    # Whether the canonical URL is a link of the article was decided with the rest.
    if decision.standing.url_is_link and sighting.url not in {None, sighting.link_key}:
        links.append(key_of(LINK, str(sighting.url)))
    exact = sighting.fingerprints.exact
    carried = shingles if decision.sketched else None
    return Shown(
        offset=offset,
        decision=decision,
        item=item,
        article=key_of(ARTICLE, sighting.article_id),
        links=links,
        exact=None if exact is None else key_of(EXACT, exact),
        item_id=sighting.item_id,
        observed_at=sighting.observed_at,
        extractor=sighting.extractor,
        publisher=sighting.publisher.domain,
        text_basis=sighting.text_basis,
        title=title_of(sighting.title),
        raw=raw_of(sighting.raw_hash),
        by=shown_by(sighting.source_id, None if sighting.verdict == "withdrawn" else sighting.text_basis),
        tags=tags,
        sketch=None if carried is None else _encode(carried.kept()),
        sketch_size=0 if carried is None else len(carried.unique),
        appended_ms=appended_ms,
    )


def shown_of_all(records: Sequence[Appended]) -> list[Shown | SetAside]:
    """Make out what sightings read back from the topic show; of those that cannot be folded, why.

    Many at once, because arrays like that.
    """
    read: list[tuple[Sighting, Decision, Shingles | None] | SetAside] = []
    signatures: list[bytes] = []
    for record in records:
        try:
            sighting = decode(record.value, Sighting)
            read.append(_checked(sighting))
        except (DecodeError, ValueError) as error:
            read.append(SetAside(record.offset, str(error)))
        else:
            if sighting.fingerprints.minhash is not None:
                signatures.append(sighting.fingerprints.minhash)
    tags = iter(tags_of(signatures))
    shown: list[Shown | SetAside] = []
    for record, one in zip(records, read, strict=True):
        if isinstance(one, SetAside):
            shown.append(one)
            continue
        sighting, decision, shingles = one
        item = item_key(sighting.item_id, sighting.extractor, sighting.content_hash)
        own = None if sighting.fingerprints.minhash is None else next(tags).tobytes()
        shown.append(
            shown_of(
                sighting,
                decision,
                item,
                shingles=shingles,
                tags=own,
                offset=record.offset,
                appended_ms=record.at_ms,
            )
        )
    return shown


def _checked(sighting: Sighting) -> tuple[Sighting, Decision, Shingles | None]:
    decision = decision_of(sighting)
    fingerprints = sighting.fingerprints
    check_signature(fingerprints.minhash)
    return sighting, decision, None if fingerprints.sketch is None else shingles_of(fingerprints.sketch)

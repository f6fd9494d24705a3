"""Outcome, the event of ``news.outcomes``: how an item ended.  Every item has exactly one."""

from __future__ import annotations

from typing import Annotated

from schemas.base import Count, Event, Timestamp, Uuid, Value, doc
from schemas.limits import NATIVE_ID_CHARS
from schemas.vocabulary import Lane, OutcomeName, StageName

__all__ = ["Hop", "Outcome", "Times"]


class Hop(Value, kw_only=True, frozen=True):
    """Where an item's record lies in one topic."""

    topic: Annotated[str, doc("topic", "news.raw.v1")]
    partition: Annotated[Count, doc("partition")]
    offset: Annotated[Count, doc("offset")]


class Times(Value, kw_only=True, frozen=True):
    """When an item passed each step; null for a step it did not reach.  RFC 3339, UTC."""

    published: Annotated[Timestamp | None, doc("as the publisher claims")] = None
    observed: Annotated[Timestamp | None, doc("seen by a connector (fetched_at)")] = None
    raw: Annotated[Timestamp | None, doc("append time in news.raw")] = None
    normalized: Annotated[Timestamp | None, doc("normalize was done")] = None
    judged: Annotated[Timestamp | None, doc("dedupe was done")] = None
    enriched: Annotated[Timestamp | None, doc("enrich was done")] = None


class Outcome(Event, kw_only=True, frozen=True):
    """How an item ended, where and why.  After a requeue the highest attempt counts."""

    item_id: Annotated[Uuid, doc("the item; of bytes that do not decode the hash of the bytes: the key")]
    article_id: Annotated[Uuid | None, doc("null where it never became one")] = None
    revision_id: Annotated[Uuid | None, doc("null where it never became one")] = None
    source_id: Annotated[str | None, doc("null where the record does not decode")] = None
    native_id: Annotated[
        str | None,
        doc("the source's own identity of it; null where unknown", max_chars=NATIVE_ID_CHARS),
    ] = None
    outcome: Annotated[OutcomeName, doc("how it ended")]
    reason: Annotated[
        str | None, doc("of rejected and dead_letter: low-cardinality", "empty", "unfetched:403")
    ] = None
    stage: Annotated[StageName, doc("the stage that ended it")]
    attempt: Annotated[Count, doc("1, and one more for each requeue")] = 1
    requeued_from: Annotated[Hop | None, doc("the dead letter that this attempt repeats")] = None
    lane: Annotated[Lane, doc("live or backfill")] = "live"
    synthetic: Annotated[bool, doc("a canary")] = False
    times: Annotated[Times, doc("when it passed each step")] = Times()
    hops: Annotated[list[Hop], doc("where its records lie, in order")] = []

"""How items end: the Outcome event, and the dead letter with the original bytes."""

from __future__ import annotations

import os
import socket

import msgspec

from newswire.telemetry.secrets import without_secrets
from schemas import topics
from schemas.dead_letter import (
    CUT_HEADER,
    MESSAGE_CHARS,
    STACKTRACE_CHARS,
    DeadLetterHeaders,
    write_headers,
)
from schemas.ids import is_uuid, item_id_of_bytes, outcome_event_id
from schemas.limits import DEAD_LETTER_RECORD_BYTES, MIB, NATIVE_ID_CHARS
from schemas.outcome import Hop, Outcome, Times
from schemas.vocabulary import OutcomeName, StageName
from schemas.wire import Headers, Progress, WireRecord, encode, event_headers, header_bytes
from streams.engine.clock import from_ms, is_moment
from streams.engine.records import Facts, Failed, Record

__all__ = ["advance", "dead_letter", "facts_of_bytes", "outcome"]

WORKER = f"{socket.gethostname()}/{os.getpid()}"


class _Head(msgspec.Struct):
    """The least that a record must hold for its item to be named."""

    item_id: str
    native_id: str | None = None
    source_id: str | None = None
    article_id: str | None = None
    fetched_at: str | None = None
    synthetic: bool = False
    lane: str = "live"


class _Nested(msgspec.Struct):
    article: _Head


_heads = msgspec.json.Decoder(_Head)
_nested = msgspec.json.Decoder(_Nested)


def _head(value: bytes) -> _Head | None:
    try:
        return _heads.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # Not an event with an item of its own: perhaps one that holds an article.
    try:
        return _nested.decode(value).article
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def facts_of_bytes(value: bytes | None) -> Facts:
    """Name the item of a record that could not be handled: by its own id where that can be read and is an
    id, else by the hash of its bytes.  What is too long for a fact is cut.
    """
    head = _head(value or b"")
    if head is None:
        return Facts(item_id=item_id_of_bytes(value))
    return Facts(
        item_id=head.item_id if is_uuid(head.item_id) else item_id_of_bytes(value),
        native_id=head.native_id and head.native_id[:NATIVE_ID_CHARS],
        source_id=head.source_id and head.source_id[:NATIVE_ID_CHARS],
        article_id=head.article_id if head.article_id and is_uuid(head.article_id) else None,
        observed=head.fetched_at if head.fetched_at and is_moment(head.fetched_at) else None,
        synthetic=head.synthetic,
        lane="backfill" if head.lane == "backfill" else "live",
    )


def advance(progress: Progress, stage: StageName, record: Record, facts: Facts, at: str) -> Progress:
    """Add this stage's hop and time to what an item has behind it."""
    past = progress.times
    first = stage == "normalize"
    return Progress(
        times=Times(
            published=past.published or facts.published,
            observed=past.observed or facts.observed,
            raw=from_ms(record.timestamp_ms) if first else past.raw,
            normalized=at if first else past.normalized,
            judged=at if stage == "dedupe" else past.judged,
            enriched=at if stage == "enrich" else past.enriched,
        ),
        hops=[*progress.hops, Hop(topic=record.topic, partition=record.partition, offset=record.offset)],
        attempt=progress.attempt,
        requeued_from=progress.requeued_from,
    )


def outcome(
    name: OutcomeName,
    reason: str | None,
    *,
    stage: StageName,
    facts: Facts,
    progress: Progress,
    at: str,
    record: Record,
) -> WireRecord:
    """Build the Outcome of an item."""
    event = Outcome(
        item_id=facts.item_id,
        native_id=facts.native_id and without_secrets(facts.native_id),
        article_id=facts.article_id,
        revision_id=facts.revision_id,
        source_id=facts.source_id,
        outcome=name,
        reason=reason,
        stage=stage,
        attempt=progress.attempt,
        requeued_from=progress.requeued_from,
        lane=facts.lane,
        synthetic=facts.synthetic,
        times=progress.times,
        hops=progress.hops,
    )
    return WireRecord(
        topic=topics.OUTCOMES.name,
        key=facts.item_id.encode(),
        value=encode(event),
        headers=event_headers(
            id=outcome_event_id(facts.item_id, progress.attempt),
            type=topics.OUTCOMES.ce_type,
            source=f"/newswire/{stage}",
            subject=facts.item_id,
            time=at,
            passed_on=record.headers,
        ),
    )


def dead_letter(
    failed: Failed, *, stage: StageName, facts: Facts, record: Record, attempt: int, at: str
) -> WireRecord:
    """Wrap the original record, untouched, in Kafka Connect's error headers.

    Only a record over the limit of ``news.raw``, which a foreign producer may have compressed past the
    broker, does not fit: its value is cut, and a header says of how many bytes.
    """
    headers = DeadLetterHeaders(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        stage=stage,
        task_id=WORKER,
        exception_class=failed.error,
        exception_message=without_secrets(failed.message)[:MESSAGE_CHARS],
        exception_stacktrace=without_secrets(failed.trace)[-STACKTRACE_CHARS:],
        reason=failed.reason,
        item_id=facts.item_id,
        attempt=attempt,
        failed_at=at,
    )
    return _fitting(record, write_headers(headers))


def _fitting(record: Record, added: Headers) -> WireRecord:
    key, value, headers = record.key, record.value, list(record.headers)
    room = DEAD_LETTER_RECORD_BYTES - header_bytes(added)
    if record.size + header_bytes(headers) > room:
        headers = [*(headers if header_bytes(headers) <= MIB else ()), (CUT_HEADER, b"%d" % record.size)]
        key = key and key[:MIB]
        value = value and value[: room - len(key or b"") - header_bytes(headers)]
    return WireRecord(topic=topics.DEAD_LETTER.name, key=key, value=value, headers=[*headers, *added])

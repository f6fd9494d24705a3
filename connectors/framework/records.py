"""The records that a connector's readings become: raw items, dead letters and their outcomes."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Final

import msgspec

from connectors.framework.connector import Broken
from connectors.framework.errors import Skippable
from connectors.framework.items import cut_body, short_id, utc
from newswire.telemetry.secrets import without_secrets
from schemas import ids, links
from schemas.base import Event
from schemas.dead_letter import CUT_HEADER, MESSAGE_CHARS, STACKTRACE_CHARS, DeadLetterHeaders, write_headers
from schemas.limits import DEAD_LETTER_RECORD_BYTES, RAW_RECORD_BYTES
from schemas.outcome import Hop, Outcome, Times
from schemas.raw_item import RawItem
from schemas.topics import DEAD_LETTER, OUTCOMES, RAW, Topic
from schemas.vocabulary import Lane
from schemas.wire import Headers, WireRecord, encode, event_headers

__all__ = ["CUT_HEADER", "DeadItem", "dead_item", "raw_record"]

STAGE: Final = "connect"


def raw_record(item: RawItem) -> tuple[RawItem, WireRecord]:
    """Encode an item for ``news.raw``; one that is too large has its body cut and flagged.

    Returns the item as it is sent, which is another than *item* where its body was cut.

    Raises:
        Skippable: it is too large even without a body or holds what JSON cannot, neither of which is so
            for an item that `items.raw_item` made.
    """
    record = _record_of(item)
    if record.size <= RAW_RECORD_BYTES:
        return item, record
    bare = _record_of(cut_body(item, 0)) if item.body is not None else record
    room = RAW_RECORD_BYTES - bare.size
    if room < 0:
        raise Skippable(f"the item takes {record.size:,} bytes beside its body", reason="too_large")
    item = cut_body(item, room)
    return item, _record_of(item)


def _record_of(item: RawItem) -> WireRecord:
    try:
        return _event(RAW, item, id=item.item_id, key=item.link_key, subject=item.item_id, lane=item.lane)
    except (UnicodeEncodeError, TypeError) as error:
        raise Skippable(f"the item holds what JSON cannot: {error}", reason="not_encodable") from error


def _as_it_is(item: RawItem) -> bytes:
    """Encode an item that our own encoder may refuse: lone surrogates become escapes, what is no JSON
    becomes its representation.
    """
    return json.dumps(msgspec.to_builtins(item, enc_hook=repr)).encode()


def _event(topic: Topic, event: Event, *, id: str, key: str, subject: str, lane: Lane = "live") -> WireRecord:
    return WireRecord(
        topic=topic.of(lane),
        key=key.encode(),
        value=encode(event),
        headers=event_headers(
            id=id,
            type=topic.ce_type,
            source=f"/newswire/{STAGE}",
            subject=subject,
            time=utc(datetime.now(UTC)),
        ),
    )


class DeadItem(msgspec.Struct, kw_only=True, frozen=True):
    """Something that ends here: a dead letter and, once that lies in its topic, an outcome."""

    letter: WireRecord
    outcome: Outcome

    def outcome_record(self, hop: Hop) -> WireRecord:
        """Return the outcome's record; *hop* is where the dead letter lies."""
        outcome = msgspec.structs.replace(self.outcome, hops=[hop])
        item_id = outcome.item_id
        return _event(OUTCOMES, outcome, id=ids.outcome_event_id(item_id, 1), key=item_id, subject=item_id)


def dead_item(what: Broken | RawItem, error: Skippable, refused: WireRecord | None = None) -> DeadItem:
    """Make a dead letter of what a connector could not read, or of an item's record that was *refused*.

    Its id is that of the item, or of the bytes where there are any, or else of the place and time.  What is
    said of it holds no secrets; an item's own key and bytes stay as they are.
    """
    native_id = without_secrets(short_id(what.native_id))
    if isinstance(what, RawItem):
        observed_at, item_id, key = what.fetched_at, what.item_id, what.link_key
        data = _as_it_is(what) if refused is None else refused.value or b""
    else:
        observed_at, data = what.observed_at, what.data
        key = links.link_key(None, what.source_id, native_id)
        item_id = (
            ids.item_id_of_bytes(data) if data else ids.item_id(what.source_id, native_id, "", observed_at)
        )
    headers = DeadLetterHeaders(
        topic=RAW.of(what.lane),
        partition=-1,
        offset=-1,
        stage=STAGE,
        task_id=f"{STAGE}/{os.getpid()}",
        exception_class=f"{type(error).__module__}.{type(error).__qualname__}",
        exception_message=without_secrets(f"{native_id}: {error.message}")[:MESSAGE_CHARS],
        exception_stacktrace=without_secrets(error.detail)[:STACKTRACE_CHARS],
        reason=error.reason,
        item_id=item_id,
        failed_at=utc(datetime.now(UTC)),
    )
    original: Headers = refused.headers if refused else []
    return DeadItem(
        letter=_letter(key.encode("utf-8", "replace"), data, [*original, *write_headers(headers)]),
        outcome=Outcome(
            item_id=item_id,
            source_id=what.source_id,
            native_id=native_id,
            outcome="dead_letter",
            reason=error.reason,
            stage=STAGE,
            lane=what.lane,
            synthetic=isinstance(what, RawItem) and what.synthetic,
            times=Times(observed=observed_at),
        ),
    )


def _letter(key: bytes, data: bytes, headers: Headers) -> WireRecord:
    letter = WireRecord(topic=DEAD_LETTER.name, key=key, value=data, headers=headers)
    if letter.size <= DEAD_LETTER_RECORD_BYTES:
        return letter
    letter = msgspec.structs.replace(letter, headers=[*headers, (CUT_HEADER, b"%d" % len(data))])
    return msgspec.structs.replace(letter, value=data[: DEAD_LETTER_RECORD_BYTES - letter.size])

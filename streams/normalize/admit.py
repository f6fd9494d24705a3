"""What an item must be before it is read: everything later rests on its ids, its time and its lane.

The wire's readers are tolerant, so the fields that are copied into every later event, or that dedupe orders
by, are looked at once, here.  `connectors` make no item that is refused; other producers may.
"""

from __future__ import annotations

from typing import Final

import msgspec

from schemas.ids import is_uuid
from schemas.limits import LIST_ENTRY_CHARS, NATIVE_ID_CHARS
from schemas.raw_item import RawItem
from schemas.vocabulary import Lane
from streams.engine.clock import is_moment
from streams.engine.endings import facts_of_bytes
from streams.engine.records import Failed, Input

__all__ = ["LINK_KEY_CHARS", "refusal"]

LINK_KEY_CHARS: Final = 16_384
"""A link has at most 4,096, and a source and a native id have as many together; quoting may triple them."""


def refusal(item: RawItem, one: Input, lane: Lane | None) -> Failed | None:
    """Return why *item* cannot be taken, null where it can; *lane* is that of the topic, null for any.

    Reasons are ``wrong_schema`` (an id that is none, a time that is none, an identity that is empty or too
    long) and ``wrong_lane`` (it would be judged where nobody sent it).
    """
    wrong = _wrong(item)
    if wrong is not None:
        return _refused("wrong_schema", wrong, one, lane)
    if lane is not None and item.lane != lane:
        return _refused("wrong_lane", f"the topic's lane is {lane}, the item's {item.lane[:40]!r}", one, lane)
    return None


def _wrong(item: RawItem) -> str | None:
    if not is_uuid(item.item_id):
        return f"item_id is no UUID in lower case: {item.item_id[:100]!r}"
    if not is_moment(item.fetched_at):
        return f"fetched_at is not RFC 3339 in UTC with Z: {item.fetched_at[:100]!r}"
    if not item.native_id or len(item.native_id) > NATIVE_ID_CHARS:
        return f"native_id has {len(item.native_id):,} characters"
    if not item.source_id or len(item.source_id) > NATIVE_ID_CHARS:
        return f"source_id has {len(item.source_id):,} characters"
    if not item.link_key or len(item.link_key) > LINK_KEY_CHARS:
        return f"link_key has {len(item.link_key):,} characters"
    if len(item.source_kind) > LIST_ENTRY_CHARS:
        return f"source_kind has {len(item.source_kind):,} characters"
    return None


def _refused(reason: str, message: str, one: Input, lane: Lane | None) -> Failed:
    facts = facts_of_bytes(one.value)
    if lane is not None:
        facts = msgspec.structs.replace(facts, lane=lane)
    return Failed(reason=reason, error="Refused", message=message, facts=facts)

"""Decode a record of any topic into the event that the topic carries."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import msgspec

from schemas.base import Event
from schemas.topics import Topic, topic_named
from schemas.wire import DecodeError, decode
from streams.engine.clock import in_calendar
from streams.engine.records import Record

__all__ = ["as_json", "event_of", "topic_of"]


def topic_of(name: str) -> Topic | None:
    """Return the declaration of a topic of ours, null of any other."""
    try:
        return topic_named(name)
    except KeyError:
        return None


def event_of(record: Record) -> Event | None:
    """Return a record's event, or null where it is none: a dead letter, or bytes that do not decode."""
    topic = topic_of(record.topic)
    if topic is None or topic.event is None:
        return None
    try:
        return decode(record.value, topic.event)
    except DecodeError:
        return None


def as_json(record: Record) -> dict[str, Any]:
    """Return a record as plain data: where it lies, its key, headers and value.

    Headers that are no UTF-8 have their bytes' escapes.  ``value`` is the parsed JSON; ``value_base64`` is
    there instead where the value is no JSON.
    """
    written: dict[str, Any] = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": datetime.fromtimestamp(in_calendar(record.timestamp_ms) / 1000, UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z"),
        "key": None if record.key is None else record.key.decode("utf-8", "backslashreplace"),
        "headers": {
            name: (value or b"").decode("utf-8", "backslashreplace") for name, value in record.headers
        },
    }
    if record.value is None:
        return written | {"value": None}
    try:
        return written | {"value": msgspec.json.decode(record.value)}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return written | {"value_base64": base64.b64encode(record.value).decode("ascii")}

"""A source's state as a checkpoint: the builtins of a `schemas.source.SourceState`, made when they are wanted.

A poll of a large feed yields thousands of readings, each with its own cursor, of which the framework keeps
the last confirmed one.  So a cursor holds what it is made of, and is made when somebody looks.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal

import msgspec

from connectors.feeds.dates import moment, stamp
from connectors.feeds.health import from_health, to_health
from connectors.feeds.state import FeedState
from connectors.feeds.window import HASH, PAIR
from newswire.telemetry.logs import log
from schemas.source import Seen, SourceHealth

__all__ = ["SourceCursor", "state_of", "to_builtins"]

FORMAT: Final = 1
"""Of ``cursor``: what another one wrote is not read, but for what every connector has."""


class SourceCursor(Mapping[str, Any]):
    """The checkpoint of one source at one moment."""

    __slots__ = ("_made", "_source_id", "_state")

    def __init__(self, source_id: str, state: Callable[[], FeedState]) -> None:
        self._source_id = source_id
        self._state: Callable[[], FeedState] | None = state
        self._made: dict[str, Any] = {}

    def _builtins(self) -> dict[str, Any]:
        if self._state is not None:
            self._made = to_builtins(self._source_id, self._state())
            self._state = None
        return self._made

    def __getitem__(self, key: str) -> Any:
        return self._builtins()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._builtins())

    def __len__(self) -> int:
        return len(self._builtins())


def to_builtins(source_id: str, state: FeedState) -> dict[str, Any]:
    """Return a state as `schemas.source.SourceState` has it, but for who wrote it, when and by what right."""
    return {
        "source_id": source_id,
        "etag": state.validators.etag,
        "last_modified": state.validators.last_modified,
        "current_url": state.address.adopted,
        "seen": msgspec.to_builtins(_seen(state.window)),
        "interval_s": round(state.interval_s) or None,
        "next_poll_at": stamp(state.next_poll_at),
        "health": msgspec.to_builtins(to_health(state.standing)),
        "cursor": {
            "format": FORMAT,
            "polls": state.polls,
            "polled_at": stamp(state.polled_at),
            "asked_s": state.asked_s,
            "hints": msgspec.to_builtins(state.hints),
            "validators": msgspec.to_builtins(state.validators)[2:],
            "address": msgspec.to_builtins(state.address)[1:],
            "largest": state.largest,
            "body": base64.b64encode(state.body).decode(),
            "missed": state.missed,
            "missed_at": stamp(state.missed_at),
            "pages": msgspec.to_builtins(state.pages),
            "visits": msgspec.to_builtins(state.visits),
            "learned": msgspec.to_builtins(state.learned),
        },
    }


def state_of(given: Mapping[str, Any]) -> FeedState:
    """Read a checkpoint back.

    What cannot be read (another version's cursor) is left out and said: the source is then polled as if
    for the first time, and what it shows again is judged ``unchanged``.
    """
    cursor = given.get("cursor") or {}
    try:
        msgspec.convert(cursor.get("format", FORMAT), Literal[1])
        return FeedState(
            polls=cursor.get("polls", 0),
            polled_at=moment(cursor.get("polled_at")),
            next_poll_at=moment(given.get("next_poll_at")),
            interval_s=float(given.get("interval_s") or 0.0),
            asked_s=cursor.get("asked_s", 0.0),
            standing=from_health(msgspec.convert(given.get("health") or {}, SourceHealth)),
            window=_window(msgspec.convert(given.get("seen") or {}, Seen)),
            missed_at=moment(cursor.get("missed_at")),
            **_converted(given, cursor),
        )
    except (msgspec.ValidationError, ValueError, TypeError, AttributeError) as error:
        log.warning(
            "a source's checkpoint cannot be read: it is polled as if it were new",
            source_id=str(given.get("source_id"))[:64],
            error=str(error)[:200],
        )
        return FeedState()


def _converted(given: Mapping[str, Any], cursor: Mapping[str, Any]) -> dict[str, Any]:
    """Read the parts that have types of their own."""
    fields = {field.name: field.type for field in msgspec.structs.fields(FeedState)}
    parts = {
        "hints": cursor.get("hints", []),
        "validators": [given.get("etag"), given.get("last_modified"), *cursor.get("validators", [])],
        "address": [given.get("current_url"), *cursor.get("address", [])],
        "largest": cursor.get("largest", 0),
        "body": cursor.get("body", ""),
        "missed": cursor.get("missed", 0),
        "pages": cursor.get("pages", []),
        "visits": cursor.get("visits", []),
        "learned": cursor.get("learned", []),
    }
    return {name: msgspec.convert(value, fields[name]) for name, value in parts.items()}


def _seen(window: bytes) -> Seen:
    ids: list[str] = []
    words: list[str] = []
    for at in range(0, len(window), PAIR):
        ids.append(_text(window[at : at + HASH]))
        words.append(_text(window[at + HASH : at + PAIR]))
    return Seen(native_ids=ids, body_hashes=words)


def _window(seen: Seen) -> bytes:
    pairs = zip(seen.native_ids, seen.body_hashes, strict=True)
    return b"".join(_hash(ident) + _hash(words) for ident, words in pairs)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _hash(text: str) -> bytes:
    data = base64.urlsafe_b64decode(text + "=")
    if len(data) != HASH:
        raise ValueError(f"{text[:32]!r} is no hash of a window")
    return data

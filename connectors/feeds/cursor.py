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
from connectors.feeds.state import FeedState, unpacked
from connectors.feeds.window import HASH, PAIR
from newswire.telemetry.logs import log
from schemas.source import Seen, SourceState

__all__ = ["SourceCursor", "state_from", "stored_of", "to_builtins"]

FORMAT: Final = 1
"""Of ``cursor``: what another one wrote is not read, but for what every connector has."""


class SourceCursor(Mapping[str, Any]):
    """The checkpoint of one source at one moment."""

    __slots__ = ("_made", "_source_id", "_state")

    def __init__(self, source_id: str, state: bytes | Callable[[], FeedState]) -> None:
        """*state* is `packed`, or made when somebody looks."""
        self._source_id = source_id
        self._state: bytes | Callable[[], FeedState] | None = state
        self._made: dict[str, Any] = {}

    def _builtins(self) -> dict[str, Any]:
        state = self._state
        if state is not None:
            made = unpacked(state) if isinstance(state, bytes) else state()
            self._made, self._state = to_builtins(self._source_id, made), None
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


def stored_of(given: Mapping[str, Any]) -> SourceState | None:
    """Return a checkpoint as the state that it would be in ``news.source-state``; null where it is none."""
    written = {"generation": 0, "worker": "", "written_at": "", "source_id": "", **given}
    try:
        return msgspec.convert(written, SourceState)
    except msgspec.ValidationError as error:
        _unreadable(written["source_id"], error)
        return None


def state_from(stored: SourceState) -> FeedState:
    """Read back what was written to ``news.source-state``.

    What cannot be read (another version's cursor) is left out and said: the source is then polled as if
    for the first time, and what it shows again is judged ``unchanged``.
    """
    cursor = stored.cursor
    try:
        msgspec.convert(cursor.get("format", FORMAT), Literal[1])
        return FeedState(
            polled_at=moment(cursor.get("polled_at")),
            next_poll_at=moment(stored.next_poll_at),
            interval_s=float(stored.interval_s or 0.0),
            standing=from_health(stored.health),
            window=_window(stored.seen),
            missed_at=moment(cursor.get("missed_at")),
            **_converted(stored),
        )
    except (msgspec.ValidationError, ValueError, TypeError, AttributeError) as error:
        return _unreadable(stored.source_id, error)


def _unreadable(source_id: object, error: Exception) -> FeedState:
    log.warning(
        "a source's checkpoint cannot be read: it is polled as if it were new",
        source_id=str(source_id)[:64],
        error=str(error)[:200],
    )
    return FeedState()


_FIELDS: Final = {field.name: field.type for field in msgspec.structs.fields(FeedState)}


def _converted(stored: SourceState) -> dict[str, Any]:
    """Read the parts that have types of their own."""
    cursor = stored.cursor
    parts = {
        "polls": cursor.get("polls", 0),
        "asked_s": cursor.get("asked_s", 0.0),
        "hints": cursor.get("hints", []),
        "validators": [stored.etag, stored.last_modified, *cursor.get("validators", [])],
        "address": [stored.current_url, *cursor.get("address", [])],
        "largest": cursor.get("largest", 0),
        "body": cursor.get("body", ""),
        "missed": cursor.get("missed", 0),
        "pages": cursor.get("pages", []),
        "visits": cursor.get("visits", []),
        "learned": cursor.get("learned", []),
    }
    return {name: msgspec.convert(value, _FIELDS[name]) for name, value in parts.items()}


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

"""The wire form: CloudEvents 1.0, Kafka binding, binary mode.

Headers carry the attributes (``ce_id``, ``ce_type`` …), the value is the data: one plain JSON object.
Beside them travel ours: ``newswire-progress`` (times and hops so far), ``newswire-attempt`` and, through
every hop untouched, W3C ``traceparent`` and ``tracestate``.  Everything that may differ between two
deliveries of one item (processing time, hops) is in a header, so that values are byte-identical.

Headers are written here rather than by the ``cloudevents`` package, which the contract tests read and
write the same records with: its event objects cost more than the rest of a pass-through.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, TypeVar

import msgspec

from schemas.base import Count, Event, doc
from schemas.outcome import Hop, Times

__all__ = [
    "ATTEMPT_HEADER",
    "PROGRESS_HEADER",
    "REQUEUED_HEADER",
    "DecodeError",
    "Headers",
    "Progress",
    "WireRecord",
    "decode",
    "encode",
    "event_headers",
    "header",
    "header_bytes",
    "read_progress",
]

Headers = list[tuple[str, bytes]]
E = TypeVar("E", bound=Event)

PROGRESS_HEADER: Final = "newswire-progress"
ATTEMPT_HEADER: Final = "newswire-attempt"
REQUEUED_HEADER: Final = "newswire-requeued-from"
PASSED_ON: Final = ("traceparent", "tracestate")
PASSED_ON_BYTES: Final = 4_096
"""A longer trace context is no trace context, and is not passed on: W3C asks for 512 characters of state."""
PROGRESS_BYTES: Final = 16_384
"""A longer progress header is not ours: three stages write less than a kibibyte."""
MOST_ATTEMPTS: Final = 10_000

_encoder = msgspec.json.Encoder()
_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}
_FIXED: Final[Headers] = [("ce_specversion", b"1.0"), ("content-type", b"application/json")]


class DecodeError(ValueError):
    """A record's bytes are not the event that its topic promises; ``reason`` is low-cardinality."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Progress(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What an item has behind it: carried in a header from hop to hop, written out by its Outcome."""

    times: Annotated[Times, doc("when it passed each step so far")] = Times()
    hops: Annotated[list[Hop], doc("where its records lie, in order")] = []
    attempt: Annotated[Count, doc("1, and one more for each requeue")] = 1
    requeued_from: Annotated[Hop | None, doc("the dead letter that this attempt repeats")] = None


class WireRecord(msgspec.Struct, kw_only=True, frozen=True, gc=False):
    """One record ready to be sent.  ``partition`` is null where the key decides, or ``route_by`` in its
    place: the key of another topic whose partitions this one's must match.  ``counted`` says whether metrics
    count it once it is delivered: a canary's records are in nobody's counts.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = []
    partition: int | None = None
    route_by: bytes | None = None
    counted: bool = True

    @property
    def size(self) -> int:
        """Bytes of key and value.  Headers have room beside a topic's limit (`topics.RECORD_OVERHEAD`)."""
        return len(self.key or b"") + len(self.value or b"")


def header(headers: Sequence[tuple[str, bytes]], name: str) -> bytes | None:
    """Return the last header called *name*, as Kafka's readers do."""
    for key, value in reversed(headers):
        if key == name:
            return value
    return None


def header_bytes(headers: Sequence[tuple[str, bytes | None]]) -> int:
    """Return how many bytes *headers* take of a record at most.

    A name has up to four bytes a character; it and a value, which may be null, have a length of at most five
    bytes each.
    """
    return sum(len(name) * 4 + len(value or b"") + 10 for name, value in headers)


def event_headers(
    *,
    id: str,
    type: str,
    source: str,
    subject: str,
    time: str,
    progress: Progress | None = None,
    passed_on: Sequence[tuple[str, bytes]] = (),
) -> Headers:
    """Build the headers of one event.

    *source* is ``/newswire/`` and the stage that writes it, *subject* the id that the event is about,
    *time* that of processing (RFC 3339, UTC); *passed_on* are the headers of the record that it was made
    of, of which only the trace context goes on.
    """
    headers: Headers = [
        *_FIXED,
        ("ce_id", id.encode()),
        ("ce_type", type.encode()),
        ("ce_source", source.encode()),
        ("ce_time", time.encode()),
    ]
    if subject:  # CloudEvents forbids an empty one
        headers.append(("ce_subject", subject.encode("utf-8", "replace")))
    if progress is not None:
        headers.append((PROGRESS_HEADER, _encoder.encode(progress)))
        if progress.attempt > 1:
            headers.append((ATTEMPT_HEADER, b"%d" % progress.attempt))
    # The last of each name counts, as for Kafka's readers; a header of a record may be null.
    trace = {name: value for name, value in passed_on if name in PASSED_ON}
    headers.extend(pair for pair in trace.items() if pair[1] and len(pair[1]) <= PASSED_ON_BYTES)
    return headers


def encode(event: Event) -> bytes:
    """Encode an event's data as JSON.

    Lone surrogates, which JSON cannot carry, must have been replaced where text enters the pipeline.
    """
    return _encoder.encode(event)


def decode(value: bytes | None, event_type: type[E]) -> E:
    """Decode a record's value, tolerantly: unknown fields and unknown values of closed lists pass.

    Raises:
        DecodeError: the value is null, no JSON, or lacks what the event must have.

    """
    if value is None:
        raise DecodeError("null_value", "the record has no value")
    decoder = _decoders.get(event_type)
    if decoder is None:
        decoder = _decoders[event_type] = msgspec.json.Decoder(event_type)
    try:
        event: E = decoder.decode(value)
    except msgspec.ValidationError as error:
        raise DecodeError("wrong_schema", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError("not_json", str(error)) from error
    return event


_progress_decoder = msgspec.json.Decoder(Progress)


def read_progress(headers: Sequence[tuple[str, bytes]]) -> Progress:
    """Read the progress that a record carries; a header that is missing, broken, too long or impossible is
    an empty one, since what it says is for tracing and must not cost the item.
    """
    found = header(headers, PROGRESS_HEADER)
    if found is None or len(found) > PROGRESS_BYTES:
        return Progress()
    try:
        progress = _progress_decoder.decode(found)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Progress()
    return progress if 1 <= progress.attempt <= MOST_ATTEMPTS else Progress()

"""What all events share: the struct's settings, field descriptions, spans and the common value types."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from schemas.vocabulary import FieldName, Precision

__all__ = [
    "Count",
    "Country",
    "Dated",
    "Event",
    "LanguageTag",
    "Publisher",
    "Rights",
    "Sha256",
    "Share",
    "Span",
    "Timestamp",
    "Uri",
    "Uuid",
    "Value",
    "doc",
]


def _promise(**schema: Any) -> msgspec.Meta:
    # Only the JSON Schemas hold a value to it: at run time readers stay tolerant and decoding cheap.
    return msgspec.Meta(extra_json_schema=schema)


Uuid = Annotated[str, _promise(format="uuid")]
"""A UUIDv5 in lower case, of `schemas.ids`."""
Sha256 = Annotated[str, _promise(pattern="^[0-9a-f]{64}$")]
"""A SHA-256, 64 hexadecimal digits."""
Timestamp = Annotated[str, _promise(format="date-time", pattern="Z$")]
"""A moment as RFC 3339, UTC, with Z."""
Uri = Annotated[str, _promise(format="uri")]
"""A whole URI."""
Country = Annotated[str, _promise(pattern="^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""
Share = Annotated[float, _promise(minimum=0, maximum=1)]
"""A part of a whole or a probability, 0 to 1."""
Count = Annotated[int, _promise(minimum=0)]
"""How many, or a position counted from 0."""


def doc(
    description: str, *examples: object, unit: str | None = None, max_chars: int | None = None
) -> msgspec.Meta:
    """Describe a field for its readers; goes into the JSON Schema as it stands.

    *unit* is that of a number; *max_chars* the most code points that a writer puts into a text.
    """
    extra: dict[str, Any] = {}
    if unit is not None:
        extra["x-unit"] = unit
    if max_chars is not None:
        extra["maxLength"] = max_chars
    return msgspec.Meta(
        description=description, examples=list(examples) or None, extra_json_schema=extra or None
    )


class Value(msgspec.Struct, kw_only=True, frozen=True):
    """A part of an event.  Unknown fields are passed over when it is read."""


class Event(msgspec.Struct, kw_only=True, frozen=True):
    """The data of one CloudEvent.  Unknown fields are passed over when it is read."""


class Span(Value, kw_only=True, frozen=True):
    """A piece of an article: offsets count Unicode code points of the stored field (W3C Web Annotation's
    TextPositionSelector), and the piece itself stands beside them so that any reader can check.
    """

    field: Annotated[FieldName, doc("the field of the article that the offsets are in")]
    start: Annotated[Count, doc("first code point, from 0", unit="code points")]
    end: Annotated[Count, doc("the code point after the last", unit="code points")]
    exact: Annotated[str, doc("field[start:end], exactly")]


class Dated(Value, kw_only=True, frozen=True):
    """A moment in time with where it was read and how far it can be trusted."""

    value: Annotated[
        Timestamp | None,
        doc("RFC 3339, UTC, with Z; what is finer than the precision is zero", "2026-11-24T09:30:00Z"),
    ] = None
    from_: Annotated[
        str | None,
        doc("where it was read: feed, page, url, http, item, text", "page"),
    ] = msgspec.field(default=None, name="from")
    precision: Annotated[Precision, doc("the unit it is known to")] = "unknown"
    flags: Annotated[
        list[str], doc("what is wrong with it: future, missing, implausible, no_timezone, disagrees")
    ] = []


class LanguageTag(Value, kw_only=True, frozen=True):
    """A language with where it was read."""

    tag: Annotated[str | None, doc("BCP 47; null where nobody can tell", "en")] = None
    from_: Annotated[str | None, doc("detected, page, feed, source", "detected")] = msgspec.field(
        default=None, name="from"
    )
    confidence: Annotated[Share | None, doc("0 to 1; null where declared, not detected")] = None


class Publisher(Value, kw_only=True, frozen=True):
    """Who published it, apart from whom it quotes."""

    domain: Annotated[str | None, doc("registrable domain", "example.org")] = None
    name: Annotated[str | None, doc("as it calls itself")] = None
    family: Annotated[str | None, doc("owner or group that shares its copy")] = None
    country: Annotated[Country | None, doc("ISO 3166-1 alpha-2", "GB")] = None


class Rights(Value, kw_only=True, frozen=True):
    """What the publisher asks of readers by machine, recorded and never interpreted."""

    robots_allowed: Annotated[bool | None, doc("what robots.txt says of this URL to our agent")] = None
    x_robots_tag: Annotated[list[str], doc("X-Robots-Tag headers, as received")] = []
    meta_robots: Annotated[list[str], doc("robots meta elements, as received")] = []
    tdm_reservation: Annotated[bool | None, doc("TDM Reservation Protocol: true is reserved")] = None
    ai_training: Annotated[bool | None, doc("false where an AI-training opt-out was found")] = None
    license: Annotated[str | None, doc("licence URL or text that the page declares")] = None
    copyright: Annotated[str | None, doc("copyright notice that the source declares")] = None

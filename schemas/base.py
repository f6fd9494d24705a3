"""What all events share: the struct's settings, field descriptions, spans and the common value types."""

from __future__ import annotations

from typing import Annotated

import msgspec

from schemas.vocabulary import FieldName, Precision

__all__ = ["Dated", "Event", "LanguageTag", "Publisher", "Rights", "Span", "Value", "doc"]


def doc(description: str, *examples: object) -> msgspec.Meta:
    """Describe a field for its readers; goes into the JSON Schema as it stands."""
    return msgspec.Meta(description=description, examples=list(examples) or None)


class Value(msgspec.Struct, kw_only=True, frozen=True):
    """A part of an event.  Unknown fields are passed over when it is read."""


class Event(msgspec.Struct, kw_only=True, frozen=True):
    """The data of one CloudEvent.  Unknown fields are passed over when it is read."""


class Span(Value, kw_only=True, frozen=True):
    """A piece of an article: offsets count Unicode code points of the stored field (W3C Web Annotation's
    TextPositionSelector), and the piece itself stands beside them so that any reader can check.
    """

    field: Annotated[FieldName, doc("the field of the article that the offsets are in")]
    start: Annotated[int, doc("first code point, from 0")]
    end: Annotated[int, doc("the code point after the last")]
    exact: Annotated[str, doc("field[start:end], exactly")]


class Dated(Value, kw_only=True, frozen=True):
    """A moment in time with where it was read and how far it can be trusted."""

    value: Annotated[str | None, doc("RFC 3339, UTC, with Z", "2026-11-24T09:30:00Z")] = None
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
    confidence: Annotated[float | None, doc("0 to 1; null where declared, not detected")] = None


class Publisher(Value, kw_only=True, frozen=True):
    """Who published it, apart from whom it quotes."""

    domain: Annotated[str | None, doc("registrable domain", "example.org")] = None
    name: Annotated[str | None, doc("as it calls itself")] = None
    family: Annotated[str | None, doc("owner or group that shares its copy")] = None
    country: Annotated[str | None, doc("ISO 3166-1 alpha-2", "GB")] = None


class Rights(Value, kw_only=True, frozen=True):
    """What the publisher asks of readers by machine, recorded and never interpreted."""

    robots_allowed: Annotated[bool | None, doc("what robots.txt says of this URL to our agent")] = None
    x_robots_tag: Annotated[list[str], doc("X-Robots-Tag headers, as received")] = []
    meta_robots: Annotated[list[str], doc("robots meta elements, as received")] = []
    tdm_reservation: Annotated[bool | None, doc("TDM Reservation Protocol: true is reserved")] = None
    ai_training: Annotated[bool | None, doc("false where an AI-training opt-out was found")] = None
    license: Annotated[str | None, doc("licence URL or text that the page declares")] = None
    copyright: Annotated[str | None, doc("copyright notice that the source declares")] = None

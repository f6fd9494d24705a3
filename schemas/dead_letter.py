"""Dead letters: the original key, headers and bytes, with Kafka Connect's error headers around them."""

from __future__ import annotations

from typing import Annotated

import msgspec

from schemas.base import Count, Timestamp, Uuid, doc
from schemas.vocabulary import StageName

__all__ = [
    "CUT_HEADER",
    "HEADER_PREFIX",
    "MESSAGE_CHARS",
    "STACKTRACE_CHARS",
    "DeadLetterHeaders",
    "read_headers",
    "write_headers",
]

HEADER_PREFIX = "__connect.errors."
CUT_HEADER = "newswire-cut-from-bytes"
"""On a dead letter whose original was over the limit: how many bytes that had."""
MESSAGE_CHARS = 2_000
STACKTRACE_CHARS = 8_000


class DeadLetterHeaders(msgspec.Struct, kw_only=True, frozen=True, rename="kebab"):
    """Headers of a record of ``news.dead-letter``; each is named ``__connect.errors.<field>``."""

    topic: Annotated[str, doc("topic of the original record")]
    partition: Annotated[int, doc("partition of the original record; -1 where there was none")]
    offset: Annotated[int, doc("offset of the original record; -1 where there was none")]
    connector_name: Annotated[str, doc("always newswire")] = msgspec.field(
        name="connector.name", default="newswire"
    )
    stage: Annotated[StageName, doc("stage that gave up")]
    task_id: Annotated[str, doc("worker that gave up")] = msgspec.field(name="task.id", default="")
    exception_class: Annotated[str, doc("class of the error")] = msgspec.field(name="exception.class.name")
    exception_message: Annotated[str, doc("what it said", max_chars=MESSAGE_CHARS)] = msgspec.field(
        name="exception.message"
    )
    exception_stacktrace: Annotated[str, doc("where", max_chars=STACKTRACE_CHARS)] = msgspec.field(
        name="exception.stacktrace", default=""
    )
    reason: Annotated[str, doc("low-cardinality code, as in the Outcome")]
    item_id: Annotated[Uuid, doc("as in the Outcome")]
    attempt: Annotated[Count, doc("the attempt that failed")] = 1
    failed_at: Annotated[Timestamp, doc("RFC 3339, UTC")]


def write_headers(headers: DeadLetterHeaders) -> list[tuple[str, bytes]]:
    """Return Kafka headers: every value is UTF-8 text."""
    return [
        (HEADER_PREFIX + name, str(value).encode("utf-8", "replace"))
        for name, value in msgspec.to_builtins(headers).items()
    ]


def read_headers(headers: list[tuple[str, bytes]]) -> DeadLetterHeaders:
    """Read them back.

    Raises:
        msgspec.ValidationError: a header is missing or is no number where one belongs.

    """
    found = {
        name.removeprefix(HEADER_PREFIX): value.decode("utf-8", "replace")
        for name, value in headers
        if name.startswith(HEADER_PREFIX)
    }
    return msgspec.convert(found, DeadLetterHeaders, strict=False)

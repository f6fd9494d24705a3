"""The AsyncAPI 3.0 document of all topics, made from `schemas.topics`.

Payloads refer to the readers' JSON Schemas beside it; each message names its writers' schema as well.
"""

from __future__ import annotations

from typing import Any, Final

from schemas.json_schema import event_name, schema_id
from schemas.topics import TOPICS, Topic
from schemas.vocabulary import Lane
from schemas.wire import ATTEMPT_HEADER, PROGRESS_HEADER, REQUEUED_HEADER

__all__ = ["BINDING_VERSION", "channel_name", "document", "event_headers_schema"]

BINDING_VERSION: Final = "0.5.0"

_FLOW: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "connect": (("sources", "source-state"), ("raw", "source-state")),
    "normalize": (("raw",), ("article", "outcomes", "dead-letter")),
    "dedupe": (("article", "sightings"), ("sightings", "unique", "outcomes", "dead-letter")),
    "enrich": (("unique",), ("enriched", "claims", "entities", "outcomes", "dead-letter")),
    "operate": (("dead-letter", "outcomes"), ("sources", "raw")),
}
"""Who reads and who writes which topics; *operate* is the operator's command."""

_PURPOSE: Final = {
    "connect": "Connectors: fetch, identify, checkpoint.",
    "normalize": "Stage 1: makes items readable and comparable.",
    "dedupe": "Stage 2: judges every article in one total order.",
    "enrich": "Stage 3: entities and claims.",
    "operate": "The command: defines sources, audits, puts dead letters back.",
}

_TRACE: Final[dict[str, Any]] = {
    "traceparent": {"type": "string", "description": "W3C trace context, passed through every hop"},
    "tracestate": {"type": "string", "description": "W3C trace context, passed through every hop"},
}


def channel_name(topic: Topic, lane: Lane) -> str:
    """Return a topic's name in the document: ``raw``, ``rawBackfill``, ``sourceState``."""
    first, *rest = topic.name.removeprefix("news.").removesuffix(".v1").split("-")
    name = first + "".join(word.capitalize() for word in rest)
    return f"{name}Backfill" if lane == "backfill" else name


def event_headers_schema(ce_type: str | None) -> dict[str, Any]:
    """Return the schema of an event's Kafka headers, each as the text that its bytes hold.

    With *ce_type* null the type is left open.
    """
    kind: dict[str, Any] = {"type": "string", "description": "the event's type and major version"}
    return {
        "type": "object",
        "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "content-type"],
        "properties": {
            "ce_specversion": {"type": "string", "const": "1.0"},
            "ce_id": {
                "type": "string",
                "format": "uuid",
                "description": "a repetition has the same one: drop what was seen",
            },
            "ce_type": kind if ce_type is None else kind | {"const": ce_type},
            "ce_source": {
                "type": "string",
                "format": "uri-reference",
                "description": "/newswire/ and the stage that wrote it",
                "examples": ["/newswire/enrich"],
            },
            "ce_subject": {"type": "string", "description": "the id that the event is about"},
            "ce_time": {
                "type": "string",
                "format": "date-time",
                "description": "time of processing, RFC 3339, UTC; the one thing that a repetition changes",
            },
            "content-type": {"type": "string", "const": "application/json"},
            PROGRESS_HEADER: {
                "type": "string",
                "description": f"times and hops so far, as JSON: {schema_id('progress_header', 'reader')}",
            },
            ATTEMPT_HEADER: {"type": "string", "description": "2 and more: the item was requeued"},
            REQUEUED_HEADER: {
                "type": "string",
                "description": "topic, partition and offset of the dead letter, as JSON",
            },
            **_TRACE,
        },
    }


def document() -> dict[str, Any]:
    """Build the document."""
    lanes: list[tuple[Topic, Lane]] = [(topic, "live") for topic in TOPICS]
    lanes += [(topic, "backfill") for topic in TOPICS if topic.in_lanes]
    return {
        "asyncapi": "3.0.0",
        "id": "urn:newswire",
        "info": {
            "title": "newswire",
            "version": "1.0.0",
            "description": (
                "Raw articles in, deduplicated articles, entities and attributed claims out. Events are "
                "CloudEvents 1.0 in binary mode: attributes in headers, one plain JSON object as value, "
                "UTF-8 text as key. Delivery is at least once with deterministic ids: a reader that keys "
                "by ce_id holds each event once. Readers pass over unknown fields and read an unknown "
                'value of a closed list as "other".'
            ),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
            "tags": [{"name": name, "description": text} for name, text in _PURPOSE.items()],
        },
        "defaultContentType": "application/json",
        "servers": {
            "development": {
                "host": "127.0.0.1:9092",
                "protocol": "kafka",
                "description": "The development broker; another one is a setting.",
            }
        },
        "channels": {channel_name(topic, lane): _channel(topic, lane) for topic, lane in lanes},
        "operations": _operations(),
        "components": {
            "messages": {_message_name(topic): _message(topic) for topic in TOPICS},
            "schemas": {"eventHeaders": event_headers_schema(None)},
        },
    }


def _message_name(topic: Topic) -> str:
    return event_name(topic.ce_type) if topic.event else "dead_letter"


def _channel(topic: Topic, lane: Lane) -> dict[str, Any]:
    config: dict[str, Any] = dict(topic.config())
    config["cleanup.policy"] = config["cleanup.policy"].split(",")
    for name, value in config.items():
        if isinstance(value, str) and value.lstrip("-").isdigit():
            config[name] = int(value)
    kafka: dict[str, Any] = {"topic": topic.of(lane), "topicConfiguration": config}
    if topic.partitions:
        kafka["partitions"] = topic.partitions
    note = " Archives and history, apart from what is live." if lane == "backfill" else ""
    return {
        "address": topic.of(lane),
        "title": topic.of(lane),
        "description": topic.description + note,
        "messages": {_message_name(topic): {"$ref": f"#/components/messages/{_message_name(topic)}"}},
        "bindings": {"kafka": kafka | {"bindingVersion": BINDING_VERSION}},
    }


def _message(topic: Topic) -> dict[str, Any]:
    name = _message_name(topic)
    message: dict[str, Any] = {"name": name}
    if topic.event is None:
        message |= {
            "title": "DeadLetter",
            "summary": topic.description,
            "contentType": "application/octet-stream",
            "headers": {"$ref": "./v1/dead_letter_headers.reader.schema.json"},
            "payload": {"description": "the original value, byte for byte"},
            "x-writer-schema": "./v1/dead_letter_headers.writer.schema.json",
        }
    else:
        message |= {
            "title": topic.event.__name__,
            "summary": topic.description,
            "contentType": "application/json",
            "headers": event_headers_schema(topic.ce_type),
            "payload": {"$ref": f"./v1/{name}.reader.schema.json"},
            "x-writer-schema": f"./v1/{name}.writer.schema.json",
        }
    message["x-max-record-bytes"] = topic.record_bytes
    key = {"type": "string", "description": topic.key}
    message["bindings"] = {"kafka": {"key": key, "bindingVersion": BINDING_VERSION}}
    return message


def _operations() -> dict[str, Any]:
    by_name = {topic.name.removeprefix("news.").removesuffix(".v1"): topic for topic in TOPICS}
    operations = {}
    for actor, (reads, writes) in _FLOW.items():
        for action, verb, names in (("receive", "Reads", reads), ("send", "Writes", writes)):
            for name in names:
                topic = by_name[name]
                for lane in ("live", "backfill") if topic.in_lanes else ("live",):
                    channel = channel_name(topic, lane)
                    operations[f"{actor}{verb}{channel[0].upper()}{channel[1:]}"] = {
                        "action": action,
                        "channel": {"$ref": f"#/channels/{channel}"},
                        "summary": f"{actor} {verb.lower()} {topic.of(lane)}.",
                        "tags": [{"name": actor}],
                    }
    return operations

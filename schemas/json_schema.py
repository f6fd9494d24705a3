"""JSON Schema 2020-12 of the contracts, in two flavours made from the structs.

The **writer**'s schema is strict, for tests and for whoever produces events: every field is there, nothing
else is, closed lists are closed, formats and limits hold.  The **reader**'s is tolerant, for whoever
consumes them: only what version 1 promises for ever is required, unknown fields and unknown values of
closed lists pass (`schemas.vocabulary.known` reads such a value as ``"other"``), and limits are left out
because a later minor version may widen them.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from schemas.base import Event
from schemas.dead_letter import HEADER_PREFIX, DeadLetterHeaders
from schemas.topics import TOPICS
from schemas.wire import Progress

__all__ = [
    "DIALECT",
    "EVENTS",
    "EXAMPLES",
    "FLAVOURS",
    "STRUCTS",
    "Flavour",
    "event_name",
    "examples_of",
    "schema",
    "schema_id",
]

Flavour = Literal["writer", "reader"]
FLAVOURS: Final[tuple[Flavour, ...]] = ("writer", "reader")
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
EXAMPLES: Final = Path(__file__).parent / "examples"

_READERS_TEXT: Final = {
    "writer": "What a writer of version 1 puts out: all fields, no others.",
    "reader": "What a reader of version 1 may rely on: unknown fields and unknown values pass.",
}
_LIMITS: Final = ("pattern", "minimum", "maximum", "maxLength")
"""Keywords that only writers are held to."""


def event_name(ce_type: str) -> str:
    """Return ``raw_item`` for ``newswire.raw_item.v1``."""
    return ce_type.removeprefix("newswire.").removesuffix(".v1")


EVENTS: Final[dict[str, type[Event]]] = {
    event_name(topic.ce_type): topic.event for topic in TOPICS if topic.event is not None
}
"""Every event by name, in the order of their topics."""
STRUCTS: Final[dict[str, type[msgspec.Struct]]] = {
    **EVENTS,
    "progress_header": Progress,
    "dead_letter_headers": DeadLetterHeaders,
}
"""Every contract by name: the events, then what travels in headers."""


def schema_id(name: str, flavour: Flavour) -> str:
    """Return a schema's ``$id``: a name, not an address."""
    return f"urn:newswire:schema:v1:{name}:{flavour}"


def examples_of(name: str) -> dict[str, Any]:
    """Read a contract's examples, by file name in sorted order."""
    files = sorted(EXAMPLES.glob(f"{name}.*.json"))
    return {file.name: json.loads(file.read_text(encoding="utf-8")) for file in files}


def schema(name: str, flavour: Flavour) -> dict[str, Any]:
    """Build one schema.

    Raises:
        KeyError: there is no contract called *name*.

    """
    struct = STRUCTS[name]
    _, components = msgspec.json.schema_components([struct], ref_template="#/$defs/{name}")
    omitted = struct.__struct_config__.omit_defaults
    defs = {
        title: _finish(component, flavour, all_written=not (omitted and title == struct.__name__))
        for title, component in components.items()
    }
    root = defs.pop(struct.__name__)
    if name == "dead_letter_headers":
        root = _as_headers(root, flavour)
    head = {"$schema": DIALECT, "$id": schema_id(name, flavour), "title": root.pop("title")}
    text = root.pop("description")
    built: dict[str, Any] = head | {"description": f"{text} {_READERS_TEXT[flavour]}"} | root
    if examples := list(examples_of(name).values()):
        built["examples"] = examples[:1]
    if defs:
        built["$defs"] = defs
    return built


def _finish(node: Any, flavour: Flavour, *, all_written: bool = True) -> Any:
    """Turn msgspec's schema of a struct, or any part of it, into one flavour's."""
    if isinstance(node, list):
        return [_finish(part, flavour) for part in node]
    if not isinstance(node, dict):
        return node
    done = {key: _finish_entry(key, value, flavour) for key, value in node.items()}
    if "description" in done:
        done["description"] = _one_line(done["description"])
    if flavour == "writer":
        done.pop("default", None)
    else:
        for keyword in _LIMITS:
            done.pop(keyword, None)
        if "x-closed-list" in done:
            # The name that API guidelines use for a list of values that may grow.
            done["x-extensible-enum"] = done.pop("enum")
    if "properties" in done and flavour == "writer":
        done["additionalProperties"] = False
        if all_written:
            done["required"] = list(done["properties"])
    if not done.get("required", True):
        done.pop("required")
    return done


def _finish_entry(key: str, value: Any, flavour: Flavour) -> Any:
    if key == "properties":
        return {name: _finish(part, flavour) for name, part in value.items()}
    if key in {"default", "examples", "enum", "required", "description"}:
        return value
    return _finish(value, flavour)


def _one_line(text: str) -> str:
    return " ".join(inspect.cleandoc(text).split())


def _as_headers(root: dict[str, Any], flavour: Flavour) -> dict[str, Any]:
    """Describe the struct as it travels: one prefixed header for each field, every value UTF-8 text.

    The original record's headers stand beside them, so only names with the prefix are ours to close.
    """
    properties = {
        HEADER_PREFIX + field: _as_text(part, flavour) for field, part in root["properties"].items()
    }
    done = root | {
        "properties": properties,
        "required": [HEADER_PREFIX + field for field in root["required"]],
    }
    done.pop("additionalProperties", None)
    if flavour == "writer":
        known = "|".join(root["properties"])
        pattern = f"^{HEADER_PREFIX}(?!(?:{known})$)".replace(".", r"\.")
        done["patternProperties"] = {pattern: False}
    return done


def _as_text(part: dict[str, Any], flavour: Flavour) -> dict[str, Any]:
    if part.get("type") != "integer":
        return part
    text = {key: value for key, value in part.items() if key != "minimum"} | {"type": "string"}
    if flavour == "writer":
        text["pattern"] = "^[0-9]+$" if "minimum" in part else "^-?[0-9]+$"
    if "default" in text:
        text["default"] = str(text["default"])
    return text

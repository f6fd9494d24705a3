"""What the contract tests share: validators, and ways to walk and to spoil an event's data."""

from __future__ import annotations

import copy
import re
import uuid
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker

from schemas.json_schema import Flavour, schema

__all__ = ["FORMATS", "Path", "at", "closed_fields", "objects", "problems", "spans", "spoilt", "validator"]

Path = tuple[str | int, ...]
"""The way from the root of an event's data to a part of it."""


def _uuid(value: object) -> bool:
    return not isinstance(value, str) or str(uuid.UUID(value)) == value


def _date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    shape = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value)
    return shape is not None and datetime.fromisoformat(value).tzinfo is not None


def _uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return bool(urlsplit(value).scheme) and value.isascii() and not re.search(r'[\s<>"{}|\\^`]', value)


FORMATS = FormatChecker(formats=())
for _name, _check in (("uuid", _uuid), ("date-time", _date_time), ("uri", _uri)):
    FORMATS.checks(_name, raises=ValueError)(_check)


@cache
def validator(name: str, flavour: Flavour) -> Draft202012Validator:
    return Draft202012Validator(schema(name, flavour), format_checker=FORMATS)


def problems(found: Draft202012Validator, data: object) -> list[str]:
    """Return what a validator finds, each with its place."""
    return [f"{error.json_path}: {error.message}" for error in found.iter_errors(data)]


def objects(node: Any, path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield every object in an event's data."""
    if isinstance(node, dict):
        yield path, node
        for key, part in node.items():
            yield from objects(part, (*path, key))
    elif isinstance(node, list):
        for index, part in enumerate(node):
            yield from objects(part, (*path, index))


def spans(data: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield every Span in an event's data."""
    for path, node in objects(data):
        if {"field", "start", "end", "exact"} <= set(node):
            yield path, node


def closed_fields(data: Any, node: dict[str, Any], root: dict[str, Any], path: Path = ()) -> Iterator[Path]:
    """Yield the path of every value in *data* that a closed list of the schema *node* holds."""
    if "$ref" in node:
        node = root["$defs"][node["$ref"].rpartition("/")[2]]
    if "anyOf" in node:
        for choice in node["anyOf"]:
            yield from closed_fields(data, choice, root, path)
    elif "x-closed-list" in node:
        if isinstance(data, str):
            yield path
    elif isinstance(data, dict) and "properties" in node:
        for key, part in data.items():
            yield from closed_fields(part, node["properties"][key], root, (*path, key))
    elif isinstance(data, list) and "items" in node:
        for index, part in enumerate(data):
            yield from closed_fields(part, node["items"], root, (*path, index))


def at(data: Any, path: Path) -> Any:
    """Return the part of *data* that *path* leads to."""
    for step in path:
        data = data[step]
    return data


def spoilt(data: dict[str, Any], path: Path, value: object) -> dict[str, Any]:
    """Return a copy of *data* with another value at *path*."""
    changed = copy.deepcopy(data)
    at(changed, path[:-1])[path[-1]] = value
    return changed

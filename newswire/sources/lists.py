"""Source lists in files: OPML as every feed reader has it, and TOML as people write it.

A list in TOML is a table ``[[source]]`` for each source.  ``url`` must be there; ``name``, ``tags``,
``language``, ``country`` (of the publisher), ``follow`` and every other field of a definition may be.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

import msgspec

from connectors.feeds.opml import OpmlError, read_opml, write_opml
from connectors.framework.items import utc
from connectors.sharing.definitions import WrongSource, define
from schemas.base import Publisher
from schemas.links import registrable_domain
from schemas.source import SourceDefinition

__all__ = ["BadList", "Listed", "read_list", "write_list"]

_FIELDS: Final = tuple(
    field.name
    for field in msgspec.structs.fields(SourceDefinition)
    if field.name not in {"source_id", "url", "publisher", "added_at", "updated_at"}
)
_DEFAULTS: Final = define("https://example.org/")
_TOML_HEAD: Final = "# Sources of newswire: newswire sources import reads this.\n"


class BadList(Exception):
    """A file is no list of sources.  The message is one line that says why."""


class Listed(msgspec.Struct, frozen=True):
    """What a file holds."""

    definitions: list[SourceDefinition]
    """Each address once, the first of its kind."""
    skipped: list[tuple[str, str]]
    """What is no source, and why: for people."""


def read_list(data: bytes, *, tags: Iterable[str] = ()) -> Listed:
    """Read a list, whichever of both it is; *tags* are added to every source.

    Raises:
        BadList: it is neither.
    """
    now = utc(datetime.now(UTC))
    found: dict[str, SourceDefinition] = {}
    is_markup = data.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith((b"<", b"\0<"))
    drafts, skipped = _opml(data) if is_markup else _toml(data)
    for url, fields in drafts:
        try:
            fields["tags"] = list(dict.fromkeys([*fields.get("tags", []), *tags]))
            definition = define(url, now=now, **fields)
        except (WrongSource, TypeError) as error:
            skipped.append((url[:80], str(error)))
            continue
        if definition.source_id in found:
            skipped.append((url[:80], "it stands there twice"))
        else:
            found[definition.source_id] = definition
    return Listed(list(found.values()), skipped)


def write_list(definitions: Iterable[SourceDefinition], form: str) -> bytes:
    """Write a list as ``opml`` or ``toml``."""
    if form == "opml":
        created = format_datetime(datetime.now(UTC), usegmt=True)
        return write_opml(definitions, title="newswire sources", created=created)
    return (_TOML_HEAD + "".join(map(_table, definitions))).encode()


Draft = tuple[str, dict[str, Any]]


def _opml(data: bytes) -> tuple[list[Draft], list[tuple[str, str]]]:
    try:
        file = read_opml(data)
    except OpmlError as error:
        raise BadList(f"it is no OPML: {error}") from error
    drafts: list[Draft] = [
        (
            source.url,
            {
                "name": source.name,
                "language": source.language,
                "tags": source.tags,
                "attributes": source.attributes,
                "publisher": Publisher(domain=registrable_domain(source.url), name=source.name),
            },
        )
        for source in file.sources
    ]
    return drafts, list(file.skipped)


def _toml(data: bytes) -> tuple[list[Draft], list[tuple[str, str]]]:
    try:
        tables = tomllib.loads(data.decode()).get("source")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadList(f"it is neither OPML nor TOML: {str(error).splitlines()[0]}") from error
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise BadList("it is TOML without a [[source]]")
    drafts: list[Draft] = []
    skipped: list[tuple[str, str]] = []
    for table in tables:
        try:
            drafts.append(_draft(table))
        except WrongSource as error:
            skipped.append((str(table.get("url", "a source"))[:80], str(error)))
    return drafts, skipped


def _draft(table: dict[str, Any]) -> Draft:
    url = table.get("url")
    if not isinstance(url, str):
        raise WrongSource("it has no url")
    fields = {name: value for name, value in table.items() if name not in {"url", "country", "publisher"}}
    wrong = sorted(fields.keys() - set(_FIELDS))
    if wrong:
        raise WrongSource(f"there is no {', '.join(wrong)}; a source has: url, country, {', '.join(_FIELDS)}")
    name = table.get("publisher", table.get("name"))
    country = table.get("country")
    if not isinstance(name, str | None) or not isinstance(country, str | None):
        raise WrongSource("publisher and country are texts")
    if not isinstance(fields.get("tags", []), list):
        raise WrongSource("tags are a list")
    fields["publisher"] = Publisher(domain=registrable_domain(url), name=name, country=country)
    return url, fields


def _table(definition: SourceDefinition) -> str:
    return "\n[[source]]\n" + "".join(f"{name} = {_value(value)}\n" for name, value in _said(definition))


def _said(definition: SourceDefinition) -> Iterator[tuple[str, Any]]:
    """Yield what a table says of a source: what is not the default."""
    yield "url", definition.url
    publisher = definition.publisher
    for name in _FIELDS:
        value = getattr(definition, name)
        if value != getattr(_DEFAULTS, name):
            yield name, value
        if name == "name" and publisher.name not in {None, value}:
            yield "publisher", publisher.name
        if name == "language" and publisher.country is not None:
            yield "country", publisher.country


def _value(value: Any) -> str:
    """Write a value as TOML, whose texts and numbers are those of JSON but for one control character."""
    if isinstance(value, dict):
        pairs = (f"{_value(str(key))} = {_value(each)}" for key, each in value.items() if each is not None)
        return "{ " + ", ".join(pairs) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(each) for each in value if each is not None) + "]"
    return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")

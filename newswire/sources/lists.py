"""Source lists in files: OPML as every feed reader has it, and TOML as people write it.

A list in TOML is a table ``[[source]]`` for each source.  ``url`` must be there; ``name``, ``tags``,
``language``, ``country`` (of the publisher), ``follow`` and every other field of a definition may be.  Both
forms keep every field; OPML also keeps what other programs wrote there of sources and folders.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

import msgspec
import tomli_w

from connectors.feeds.opml import OpmlError, read_opml
from connectors.framework.items import utc
from connectors.sharing.definitions import WrongSource, define
from newswire.sources.fields import Draft, drafted, said
from newswire.sources.outlines import drafts_of, written
from newswire.telemetry.secrets import without_secrets
from schemas.source import SourceDefinition

__all__ = ["BadList", "Listed", "read_list", "without_private", "write_list"]

_TOML_HEAD: Final = "# Sources of newswire: newswire sources import reads this.\n\n"


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
            skipped.append((_shown(url), str(error)))
            continue
        if definition.source_id in found:
            skipped.append((_shown(url), "it stands there twice"))
        else:
            found[definition.source_id] = definition
    return Listed(list(found.values()), skipped)


def without_private(listed: Listed) -> Listed:
    """Pass over what asks for more than anybody's list may: to reach hosts with private addresses."""
    kept = [each for each in listed.definitions if not each.allow_hosts]
    passed = [
        (
            _shown(each.url),
            f"it names hosts with private addresses ({', '.join(each.allow_hosts)}): --allow-private",
        )
        for each in listed.definitions
        if each.allow_hosts
    ]
    return Listed(kept, [*listed.skipped, *passed])


def write_list(definitions: Iterable[SourceDefinition], form: str) -> bytes:
    """Write a list as ``opml`` or ``toml``."""
    if form == "opml":
        return written(definitions)
    tables = [_without_nulls(dict(said(definition))) for definition in definitions]
    return (_TOML_HEAD + tomli_w.dumps({"source": tables})).encode()


def _opml(data: bytes) -> tuple[list[Draft], list[tuple[str, str]]]:
    try:
        return drafts_of(read_opml(data))
    except OpmlError as error:
        raise BadList(f"it is no OPML: {error}") from error


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
            drafts.append(drafted(table))
        except WrongSource as error:
            skipped.append((_shown(str(table.get("url", "a source"))), str(error)))
    return drafts, skipped


def _shown(url: str) -> str:
    return without_secrets(url)[:80]


def _without_nulls(value: object) -> object:
    """Leave out what TOML cannot say: a null of the connector's options says what its absence says."""
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_without_nulls(each) for each in value if each is not None]
    return value

"""Sources as outlines of OPML: what feed readers know in its own attributes, the rest in a namespace of ours.

Texts stand there as they are, everything else as JSON: ``newswire:min_interval_s="60"``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

import msgspec

from connectors.feeds.opml import OpmlFile, OpmlSource, write_opml
from connectors.sharing.definitions import WrongSource
from newswire.sources.fields import FIELDS, Draft, drafted, said
from newswire.telemetry.secrets import without_secrets
from schemas.source import SourceDefinition

__all__ = ["NAMESPACE", "drafts_of", "written"]

NAMESPACE: Final = "urn:newswire:sources:v1"
_OURS: Final = f"{{{NAMESPACE}}}"
_OUTLINES_OWN: Final = frozenset({"url", "name", "language", "tags", "attributes", "folders"})
_TEXTS: Final = frozenset({"kind", "lane", "follow", "publisher", "country"})


def written(definitions: Iterable[SourceDefinition]) -> bytes:
    """Write sources as OPML."""
    created = format_datetime(datetime.now(UTC), usegmt=True)
    return write_opml(
        map(_outline, definitions),
        title="newswire sources",
        created=created,
        prefixes={"newswire": NAMESPACE},
    )


def drafts_of(file: OpmlFile) -> tuple[list[Draft], list[tuple[str, str]]]:
    """Return what definitions are made of, and of what none can be, with the reason."""
    drafts: list[Draft] = []
    skipped = list(file.skipped)
    for source in file.sources:
        try:
            drafts.append(_draft(source))
        except WrongSource as error:
            skipped.append((without_secrets(source.url)[:80], str(error)))
    return drafts, skipped


def _outline(definition: SourceDefinition) -> OpmlSource:
    ours = {
        f"{_OURS}{name}": value if name in _TEXTS else msgspec.json.encode(value).decode()
        for name, value in said(definition)
        if name not in _OUTLINES_OWN
    }
    return OpmlSource(
        url=definition.url,
        name=definition.name,
        language=definition.language,
        tags=definition.tags,
        attributes=definition.attributes | ours,
        folders=definition.folders,
    )


def _draft(source: OpmlSource) -> Draft:
    table: dict[str, Any] = {
        "url": source.url,
        "name": source.name,
        "language": source.language,
        "tags": source.tags,
        "folders": source.folders,
        "attributes": {
            name: value for name, value in source.attributes.items() if not name.startswith(_OURS)
        },
    }
    for attribute, value in source.attributes.items():
        if not attribute.startswith(_OURS):
            continue
        name = attribute.removeprefix(_OURS)
        try:
            table[name] = value if name in _TEXTS or name not in FIELDS else msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError) as error:
            raise WrongSource(f"newswire:{name} is no JSON: {error}") from error
    return drafted(table)

"""What a list says of a source, in whatever form: the fields of its definition that are not as by default."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from connectors.sharing.definitions import WrongSource, define
from schemas.base import Publisher
from schemas.links import registrable_domain
from schemas.source import SourceDefinition

__all__ = ["FIELDS", "Draft", "drafted", "said"]

Draft = tuple[str, dict[str, Any]]
"""An address, and the fields that a definition is made of."""
FIELDS: Final = tuple(
    field.name
    for field in msgspec.structs.fields(SourceDefinition)
    if field.name not in {"source_id", "url", "publisher", "added_at", "updated_at"}
)
_DEFAULTS: Final = define("https://example.org/")


def said(definition: SourceDefinition) -> Iterator[tuple[str, Any]]:
    """Yield what a list says of a source, as builtins: what is not the default.

    ``publisher`` is the publisher's name where that is another than the source's, ``country`` its country.
    """
    yield "url", definition.url
    publisher = definition.publisher
    for name in FIELDS:
        value = getattr(definition, name)
        if value != getattr(_DEFAULTS, name):
            yield name, msgspec.to_builtins(value)
        if name == "name" and publisher.name not in {None, value}:
            yield "publisher", publisher.name
        if name == "language" and publisher.country is not None:
            yield "country", publisher.country


def drafted(table: dict[str, Any]) -> Draft:
    """Return what a definition is made of, from what `said` yields or a person wrote.

    Raises:
        WrongSource: there is no such field, or the address is none.
    """
    url = table.get("url")
    if not isinstance(url, str):
        raise WrongSource("it has no url")
    fields = {name: value for name, value in table.items() if name not in {"url", "country", "publisher"}}
    wrong = sorted(fields.keys() - set(FIELDS))
    if wrong:
        raise WrongSource(f"there is no {', '.join(wrong)}; a source has: url, country, {', '.join(FIELDS)}")
    name = table.get("publisher", table.get("name"))
    country = table.get("country")
    if not isinstance(name, str | None) or not isinstance(country, str | None):
        raise WrongSource("publisher and country are texts")
    if not isinstance(fields.get("tags", []), list):
        raise WrongSource("tags are a list")
    fields["publisher"] = Publisher(domain=registrable_domain(url), name=name, country=country)
    return url, fields

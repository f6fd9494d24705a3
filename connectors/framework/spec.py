"""The declared spec of a connector: what its validation, its reference page and its listing come from.

A connector declares its options as one `Options` struct whose fields carry `option` metadata, and a
`Spec` around it; nothing about an option is written anywhere else.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from connectors.framework.errors import ConfigError
from schemas.vocabulary import SourceKind

__all__ = ["Option", "Options", "Spec", "option"]


class Options(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Base of every connector's options."""


C = TypeVar("C", bound=Options)


def option(
    description: str,
    *examples: object,
    advanced: bool = False,
    **bounds: Any,
) -> msgspec.Meta:
    """Describe one option of a connector.

    It annotates a field: ``pause_s: Annotated[float, option("seconds to wait", ge=0)] = 5.0``.  *bounds* are those of `msgspec.Meta`: ``ge``, ``le``, ``min_length`` …
    """
    meta: msgspec.Meta = msgspec.Meta(
        description=description, examples=list(examples) or None, extra={"advanced": advanced}, **bounds
    )
    return meta


class Option(msgspec.Struct, kw_only=True, frozen=True):
    """One option as readers see it."""

    name: str
    type: str
    description: str
    required: bool
    default: Any = None
    advanced: bool = False
    examples: list[Any] = []


@dataclass(frozen=True, kw_only=True)
class Spec(Generic[C]):
    """What a connector says of itself."""

    name: str
    kind: SourceKind
    """Value of ``source_kind`` on its items."""
    summary: str
    """One line."""
    description: str
    """Paragraphs in Markdown."""
    options: type[C]

    def validate(self, given: Mapping[str, Any]) -> C:
        """Check *given* options and fill in the defaults.

        Raises:
            ConfigError: an option is unknown, missing or wrong; the message names it and says what fits.
        """
        known = {one.name: one for one in self.fields()}
        for name in given:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"it has: {', '.join(known)}"
                raise ConfigError(f"{self.name} has no option {name}; {hint}")
        for one in known.values():
            if one.required and one.name not in given:
                raise ConfigError(f"{self.name} needs the option {one.name}: {one.description}")
        try:
            return msgspec.convert(dict(given), self.options)
        except msgspec.ValidationError as error:
            raise ConfigError(f"{self.name}: {_readable(error, known)}") from error

    def fields(self) -> list[Option]:
        """Return the options in the order of their declaration."""
        hints = get_type_hints(self.options, include_extras=True)
        return [_describe(field, hints[field.name]) for field in msgspec.structs.fields(self.options)]

    def json_schema(self) -> dict[str, Any]:
        """Return the options' JSON Schema (2020-12), for editors and forms."""
        return msgspec.json.schema(self.options)


def _describe(field: msgspec.structs.FieldInfo, hint: Any) -> Option:
    metas = [part for part in get_args(hint) if isinstance(part, msgspec.Meta)]
    meta = metas[0] if metas else msgspec.Meta()
    default = field.default
    if default is msgspec.NODEFAULT and field.default_factory is not msgspec.NODEFAULT:
        default = field.default_factory()
    return Option(
        name=field.name,
        type=_type_name(hint),
        description=meta.description or "",
        required=field.required,
        default=None if default is msgspec.NODEFAULT else default,
        advanced=bool((meta.extra or {}).get("advanced")),
        examples=list(meta.examples or []),
    )


_NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false", type(None): "nothing"}


def _type_name(hint: Any) -> str:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _type_name(args[0])
    if origin is Literal:
        return " or ".join(str(value) for value in args)
    if origin is list:
        return f"list of {_type_name(args[0])}"
    if origin is dict:
        return f"table of {_type_name(args[1])}"
    if args:
        return " or ".join(_type_name(part) for part in args if part is not type(None))
    return _NAMES.get(hint, getattr(hint, "__name__", str(hint)))


def _readable(error: msgspec.ValidationError, known: Mapping[str, Option]) -> str:
    """Say which option is wrong in the words of the spec, not in those of the decoder."""
    said = str(error)
    found = re.search(r" - at `\$\.(\w+)", said)
    if found is None or found[1] not in known:
        return said
    one = known[found[1]]
    return f"option {one.name} must be {one.type} ({said[: found.start()].lower()})"

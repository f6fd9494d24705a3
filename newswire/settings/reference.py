"""The page that lists every setting, made of `Settings` itself."""

from __future__ import annotations

import json
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Literal, get_args, get_origin

import annotated_types
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from newswire.settings.load import CONFIG_FILE, PREFIX
from newswire.settings.model import Settings

__all__ = ["is_secret", "page", "written"]

_SECTIONS: Final = {
    "kafka_bootstrap": "Kafka",
    "partitions": "Topics",
    "lane": "Process",
    "window_events": "Engine",
    "normalize_children": "Stages",
    "connect_unacked_mib": "Connectors",
    "audit_interval_s": "Audit",
    "canary_interval_s": "Canary",
}
"""The setting with which each section begins."""
_BOUNDS: Final = (
    (annotated_types.Ge, "≥", "ge"),
    (annotated_types.Gt, ">", "gt"),
    (annotated_types.Le, "≤", "le"),
)
_HEAD: Final = f"""\
# Settings

<!-- Made by `python -m newswire.reference`; do not edit. -->

One table configures every process, and Faust, aiokafka and kafka-python alike. A setting is given

- in the environment, as `{PREFIX}` and its name in capitals: `{PREFIX}KAFKA_BOOTSTRAP=kafka-1:9092,kafka-2:9092`;
- or in a TOML file, under its own name: `kafka_bootstrap = "kafka-1:9092"`. The file is `{CONFIG_FILE}` in the
  working directory, or the one that `{PREFIX}CONFIG` names.

The environment wins over the file, and an option of a command over both. A name that is no setting is
refused, in either place, and so is a value that does not fit: the process ends with one line and exit code 2.

Numbers whose name ends in `_s` are seconds, in `_days` days, in `_mib` MiB. A table is a TOML table in the file
and a JSON object in the environment. Settings of the type *secret* are shown as `{SecretStr("x")}` wherever
settings are shown: in `newswire settings`, in logs, in errors.

`newswire settings` prints the settings in effect, and where each of them comes from.
"""


def page() -> str:
    """Return the page, in Markdown."""
    parts = [_HEAD]
    for name, field in Settings.model_fields.items():
        if name in _SECTIONS:
            parts.append(
                f"\n## {_SECTIONS[name]}\n\n| setting | type | default | meaning |\n|---|---|---|---|\n"
            )
        cells = (
            f"`{name}`<br>`{PREFIX}{name.upper()}`",
            _type(field),
            _default(field),
            field.description or "",
        )
        parts.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    return "".join(parts)


def is_secret(name: str) -> bool:
    """Tell whether a setting's value is never shown."""
    return SecretStr in _kinds(Settings.model_fields[name].annotation)


def written(settings: Settings, name: str) -> str:
    """Return a setting's value for people; a secret that is set is stars."""
    value = getattr(settings, name)
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, dict) else str(value)


def _type(field: FieldInfo) -> str:
    kinds = _kinds(field.annotation)
    (kind,) = kinds - {NoneType}
    text = _name(kind)
    bounds = [
        f"{sign} {getattr(bound, attribute):,}"
        for bound in field.metadata
        for class_, sign, attribute in _BOUNDS
        if isinstance(bound, class_)
    ]
    return ", ".join([text, *bounds])


def _kinds(annotation: Any) -> set[Any]:
    return set(get_args(annotation)) if isinstance(annotation, UnionType) else {annotation}


def _name(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " or ".join(f"`{value}`" for value in get_args(kind))
    if get_origin(kind) is dict:
        key, value = get_args(kind)
        return f"table: {_name(key)} to {_name(value)}"
    return {
        str: "text",
        int: "whole number",
        float: "number",
        bool: "`true` or `false`",
        Path: "path",
        SecretStr: "secret",
    }[kind]


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is None or value == {}:
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"

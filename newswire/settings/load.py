"""Read settings from the environment and a file, and refuse what is not a setting."""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_origin

from pydantic import ValidationError

from newswire.settings.model import Settings

__all__ = ["CONFIG_FILE", "PREFIX", "ConfigError", "given_settings", "load_settings"]

CONFIG_FILE = "newswire.toml"
PREFIX = "NEWSWIRE_"
NOT_SETTINGS = frozenset({"NEWSWIRE_CONFIG", "NEWSWIRE_SHARED"})
"""Names with our prefix that are no settings: where the file is, and where tests find research data."""


class ConfigError(Exception):
    """A setting is unknown, missing or wrong.  The message is one line that says what to do."""


def load_settings(
    overrides: Mapping[str, Any] | None = None, *, environ: Mapping[str, str] | None = None
) -> Settings:
    """Load settings: *overrides* win over the environment, which wins over the file.

    The file is ``$NEWSWIRE_CONFIG``, or ``newswire.toml`` in the working directory where there is one.

    Raises:
        ConfigError: a name is unknown or a value is wrong.
    """
    values = {field: value for field, (value, _origin) in given_settings(environ).items()}
    for field, value in (overrides or {}).items():
        _check_known(field, field)
        values[field] = value
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "settings"
        raise ConfigError(f"setting {where}: {first['msg']}") from None


def given_settings(environ: Mapping[str, str] | None = None) -> dict[str, tuple[Any, str]]:
    """Return what the file and the environment set, unchecked, each with where it is from: the path of the
    file, or the name of the variable.

    Raises:
        ConfigError: a name is unknown or the file cannot be read.
    """
    environ = os.environ if environ is None else environ
    values = _from_file(environ)
    for name in environ:
        if name.startswith(PREFIX) and name not in NOT_SETTINGS:
            field = name.removeprefix(PREFIX).lower()
            _check_known(field, name)
            values[field] = _parsed(field, environ[name]), name
    return values


def _from_file(environ: Mapping[str, str]) -> dict[str, tuple[Any, str]]:
    named = environ.get("NEWSWIRE_CONFIG")
    path = Path(named or CONFIG_FILE)
    if not path.is_file():
        if named:
            raise ConfigError(f"NEWSWIRE_CONFIG names {path}, which is no file")
        return {}
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    for field in values:
        _check_known(field, f"{field} in {path}")
    return {field: (value, str(path)) for field, value in values.items()}


def _parsed(field: str, text: str) -> Any:
    if get_origin(Settings.model_fields[field].annotation) is not dict:
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise ConfigError(f"setting {field}: not JSON: {error}") from error


def _check_known(field: str, name: str) -> None:
    if field not in Settings.model_fields:
        near = difflib.get_close_matches(field, Settings.model_fields, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ConfigError(f"unknown setting {name}{hint} (all are in docs/settings.md)")

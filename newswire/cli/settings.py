"""``newswire settings``: the settings in effect, and where each of them comes from."""

from __future__ import annotations

from typing import Annotated

import typer

from newswire.cli.output import print_json
from newswire.settings import load_settings
from newswire.settings.load import given_settings
from newswire.settings.reference import written

__all__ = ["app"]

DEFAULT = "default"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(
    "settings", epilog="Examples: newswire settings · newswire settings --json | jq .kafka_bootstrap.value"
)
def settings_(
    changed: Annotated[bool, typer.Option("--changed", help="Only those that are not defaults.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print the settings in effect and where each comes from: the environment, a file, or the default.

    Secrets are never printed, only whether they are set.  All settings are in docs/settings.md.
    """
    settings = load_settings()
    origins = {field: origin for field, (_value, origin) in given_settings().items()}
    names = [name for name in type(settings).model_fields if name in origins or not changed]
    if json:
        values = settings.model_dump(mode="json")
        print_json({name: {"value": values[name], "from": origins.get(name, DEFAULT)} for name in names})
        return
    width = max(map(len, names), default=0)
    for name in names:
        origin = f"  ({origins[name]})" if name in origins else ""
        print(f"{name:<{width}}  {written(settings, name)}{origin}".rstrip())

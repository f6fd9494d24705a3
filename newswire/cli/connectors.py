"""``newswire connectors``: what there is to read from, and how each is set up."""

from __future__ import annotations

import sys
from typing import Annotated

import msgspec
import typer

from connectors.framework.docs import reference
from connectors.registry import CONNECTORS, connector_named
from newswire.cli.output import print_json

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="List the connectors, and describe one with its options.",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list", epilog="Example: newswire connectors list")
def list_(json: Json = False) -> None:
    """List every connector with a line on what it reads."""
    specs = [connector.spec for connector in CONNECTORS.values()]
    if json:
        print_json([{"name": spec.name, "kind": spec.kind, "summary": spec.summary} for spec in specs])
        return
    width = max(len(spec.name) for spec in specs)
    for spec in specs:
        print(f"{spec.name:<{width}}  {spec.summary}")


@app.command(epilog="Example: newswire connectors describe files")
def describe(
    name: Annotated[str, typer.Argument(help="A connector of the list.")],
    json: Json = False,
) -> None:
    """Say what a connector reads, and what its options are."""
    spec = connector_named(name).spec
    if json:
        print_json(
            {
                "name": spec.name,
                "kind": spec.kind,
                "summary": spec.summary,
                "description": spec.description,
                "options": [msgspec.to_builtins(one) for one in spec.fields()],
                "schema": spec.json_schema(),
            }
        )
    elif sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(reference(spec)))
    else:
        print(reference(spec), end="")

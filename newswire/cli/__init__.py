"""The command ``newswire``.  Each of its commands is a module here, imported when it is called."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from newswire.cli.lazy import LazyGroup

__all__ = ["app", "main"]

app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(version("newswire"))
        raise typer.Exit


@app.callback()
def newswire(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A streaming news-ingest pipeline on Kafka: raw articles in, enriched events out, nothing lost.

    Settings come from newswire.toml and from environment variables that begin with NEWSWIRE_.
    """


def main() -> None:
    """Run the command; what the user can mend is told in one line, with exit code 2."""
    try:
        app()
    except Exception as error:
        from newswire.cli.errors import explain

        message = explain(error)
        if message is None:
            raise
        print(f"newswire: {message}", file=sys.stderr)
        sys.exit(2)

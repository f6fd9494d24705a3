"""The command ``newswire``.  Each of its commands is a module here, imported when it is called."""

from __future__ import annotations

import sys
from traceback import format_exception
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
    """Run the command; what the user can mend is told in one line, with exit code 2, and of what is ours to
    mend the trace.  Neither holds secrets of addresses.
    """
    try:
        _run()
    except KeyboardInterrupt:
        # Who watches our rights interrupts us, too, perhaps just before we ask ourselves why we have failed.
        if not _told_what_it_lacks(failed=False):
            raise
        sys.exit(2)


def _run() -> None:
    try:
        app()
    except SystemExit as end:
        if not _told_what_it_lacks(failed=bool(end.code)):
            raise
        sys.exit(2)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - told, without secrets; Faust may leave by CancelledError
        from newswire.cli.errors import explain
        from newswire.telemetry.secrets import without_secrets

        if _told_what_it_lacks(failed=True):
            sys.exit(2)
        message = explain(error) if isinstance(error, Exception) else None
        if message is None:
            print(without_secrets("".join(format_exception(error))), end="", file=sys.stderr)
            sys.exit(1)
        print(f"newswire: {without_secrets(message)}", file=sys.stderr)
        sys.exit(2)


def _told_what_it_lacks(*, failed: bool) -> bool:
    """Tell what this process lacks on a secured cluster, where it was held to it: see `newswire.access.hold`."""
    module = sys.modules.get("newswire.access.hold")  # a command that did not need it need not load it
    return module is not None and bool(module.told_why(failed=failed))

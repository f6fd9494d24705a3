"""``newswire doctor``: what is missing or wrong, and what to do."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
import typer

from newswire.cli.output import print_json, quiet_kafka
from newswire.doctor import Check, diagnose

__all__ = ["app"]

ILL: Final = 1
SIGNS: Final = {True: "✓", False: "✗", None: "–"}

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(epilog="Examples: newswire doctor · newswire doctor --json | jq 'select(.ok == false)'")
def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print each check as one line of JSON.")] = False,
) -> None:
    """Check settings, schemas, model, broker, topics, clock, and the stages' groups and lag: a line each.

    ✓ it is well, ✗ it is not and what to do, – it does not matter now or could not be checked.  To compare
    the clocks a topic is made on the cluster and deleted at once.  Exit code 1 where there is a ✗.
    """
    quiet_kafka()
    ill = False
    for check in diagnose():
        ill = ill or check.ok is False
        if json:
            print_json(msgspec.to_builtins(check))
        else:
            print(_line(check), flush=True)
    if ill:
        raise typer.Exit(ILL)


def _line(check: Check) -> str:
    advice = f" → {check.advice}" if check.advice else ""
    return f"{SIGNS[check.ok]} {check.name:<18} {check.found}{advice}"

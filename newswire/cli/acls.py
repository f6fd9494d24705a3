"""``newswire topics acls``: the least that each process must be allowed to do on a secured cluster."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import typer

from newswire.access.commands import commands_for
from newswire.access.rights import PROCESSES, Process, process_named, rights_of
from newswire.access.strimzi import kafka_user
from newswire.cli.errors import CommandError
from newswire.cli.output import print_json
from newswire.settings import load_settings
from schemas.vocabulary import Lane

__all__ = ["acls"]


def acls(
    processes: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PROCESS]...", help="Of these alone.  [default: all]", show_default=False),
    ] = None,
    *,
    lane: Annotated[
        Literal["live", "backfill"],
        typer.Option(help="Which run of the pipeline normalize, dedupe and enrich belong to."),
    ] = "live",
    user: Annotated[
        str | None,
        typer.Option(help="One user for all.  [default: newswire- and the process]", show_default=False),
    ] = None,
    strimzi: Annotated[
        str | None,
        typer.Option(metavar="CLUSTER", help="Print users of this Strimzi cluster.", show_default=False),
    ] = None,
    admin_config: Annotated[
        str, typer.Option(metavar="FILE", help="In commands: properties of who may alter the cluster.")
    ] = "admin.properties",
    json: Annotated[bool, typer.Option("--json", help="Print one line of JSON for each right.")] = False,
) -> None:
    """Print the least rights that each process needs, as commands of kafka-acls.sh or as Strimzi's users.

    Nothing is asked of the cluster, and nothing is changed there.  Every process has a user of its own, whose
    name is newswire- and that of the process, unless --user names one.
    """
    if strimzi and json:
        raise CommandError("--strimzi goes without --json")
    chosen = [_named(name) for name in processes] if processes else list(PROCESSES)
    owners: dict[str, list[Process]] = {}
    for process in chosen:
        owners.setdefault(user or user_of(process, lane), []).append(process)
    bootstrap = load_settings().kafka_bootstrap
    for number, (name, own) in enumerate(owners.items()):
        rights = list(dict.fromkeys(right for process in own for right in rights_of(process, lane)))
        if json:
            for right in rights:
                print_json({"user": name, **msgspec.to_builtins(right)})
            continue
        if strimzi:
            print("---" if number else f"# newswire {', '.join(each.command for each in own)}")
            print(kafka_user(name, rights, strimzi), end="")
            continue
        print("\n" * bool(number) + f"# newswire {', '.join(each.command for each in own)}")
        for command in commands_for(name, rights, bootstrap, admin_config):
            print(command)


def user_of(process: Process, lane: Lane) -> str:
    """Return the user that a process has unless told otherwise."""
    return f"newswire-{process.name}" + (f"-{lane}" if process.lanes == "own" and lane != "live" else "")


def _named(name: str) -> Process:
    try:
        return process_named(name)
    except KeyError:
        known = ", ".join(each.name for each in PROCESSES)
        raise CommandError(f"{name!r} is no process: they are {known}") from None

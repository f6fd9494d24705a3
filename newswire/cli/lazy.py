"""Commands that are imported only when they are called, so that help and typing errors are quick."""

from __future__ import annotations

import gc
import importlib
from types import ModuleType
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

__all__ = ["COMMANDS", "LazyGroup", "imported"]

COMMANDS: Final = {
    "demo": "Run sample articles through the whole pipeline on a Kafka of its own, and show what came of them.",
    "up": "Run all stages on this machine, and Kafka where none is configured.",
    "worker": "Run a worker of one stage.",
    "sources": "Say what is read, and see how it does.",
    "connect": "Poll the sources that are this worker's.",
    "ingest": "Put articles from files into the pipeline.",
    "connectors": "List and describe what can be read from.",
    "tail": "Follow a topic: a readable line for each event.",
    "trace": "Tell the way of an item, by a link or any id.",
    "explain": "Show an article with its claims and entities marked: a file's, a link's or one of the topics.",
    "top": "Show the pipeline at a glance: rates, what waits, outcomes, the slowest stage, sources by health.",
    "dlq": "Look at dead letters, and send them again.",
    "audit": "Check that every item ended once, and nothing is lost or double.",
    "canary": "Send an article with a known claim through everything, and look for the claim.",
    "pipe": "Run stages as a Unix filter over JSON lines, without a broker.",
    "kafka": "Run the development broker: one node of Apache Kafka.",
    "doctor": "Check what newswire needs, and say what to do: a line each.",
    "settings": "Print the settings in effect, and where each comes from.",
    "topics": "Create the topics, and compare them with the cluster.",
}
"""Name and first line of help of each command; it is ``app`` in the module of that name beside this one.

A module whose ``app`` has one command without a name of its own is that command.
"""


class LazyGroup(TyperGroup):
    """A group whose commands are those of `COMMANDS`."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Name every command, in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command: itself once it was called, before that a name with a line of help."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        return self.commands.get(cmd_name) or TyperCommand(cmd_name, help=COMMANDS[cmd_name])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Import the command that is called."""
        name = args[0] if args else ""
        if name in COMMANDS and name not in self.commands:
            module = imported(f"newswire.cli.{name}")
            app: typer.Typer = module.app
            self.add_command(get_command(app), name)
        return super().resolve_command(ctx, args)


def imported(name: str) -> ModuleType:
    """Import a module without looking for garbage meanwhile: there is none, and to look takes a seventh of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return importlib.import_module(name)
    finally:
        if was_enabled:
            gc.enable()

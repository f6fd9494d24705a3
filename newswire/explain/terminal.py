"""An explained article on a terminal: colours for parts, numbers for claims."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from newswire.console import plain_table, section
from newswire.explain.explained import Explained, ExplainedClaim, ExplainedEntity, usual
from newswire.explain.marks import Piece, beginnings

__all__ = ["print_explained"]

STYLES: Final = {
    "content": "cyan",
    "verbatim": "bright_cyan",
    "cue": "yellow italic",
    "source": "green bold",
    "entity": "underline",
}
"""Later ones stand over earlier ones."""
# As in newswire.ledger.text, but for line feeds, which the text keeps.
_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def print_explained(console: Console, shown: Explained) -> None:
    """Print an article, its claims and its entities."""
    console.print(Text.assemble(_marked(shown.title), style="bold") if shown.title else Text("(no title)"))
    for name, value in shown.facts:
        console.print(Text.assemble((f"  {name:<10}", "dim"), value))
    if shown.state != "done":
        console.print(Text(f"  {shown.state}", style="red"))
    legend = Text("colours: ")
    for role, style in STYLES.items():
        legend.append(role, style=style).append("  ")
    console.print()
    for pieces in (shown.description, shown.text):
        if pieces:
            console.print(_marked(pieces))
            console.print()
    console.print(legend)
    if shown.claims:
        section(
            console,
            f"{len(shown.claims)} claims",
            "who said what, and how",
            Group(*map(_claim, shown.claims)),
        )
    if shown.entities:
        section(console, f"{len(shown.entities)} entities", "", _entities(shown.entities))


def _marked(pieces: list[Piece]) -> Text:
    """Colour the pieces; a claim's number stands before the first piece of its content."""
    text = Text()
    begin = beginnings(pieces)
    for piece in pieces:
        for number in begin.get(piece.start, ()):
            text.append(f"[{number}]", style="dim")
        roles = {mark.role for mark in piece.marks}
        style = " ".join(STYLES[role] for role in STYLES if role in roles)
        text.append(_CONTROL.sub(" ", piece.text), style=style or None)
    return text


def _claim(claim: ExplainedClaim) -> RenderableType:
    indent = 2 * claim.depth
    head = Text.assemble(
        (f"{claim.number}  ", "dim"),
        (claim.who, "green bold"),
        (f" — {claim.cue} — " if claim.cue else " — ", "yellow"),
        (claim.what, "cyan"),
    )
    how = "; ".join(
        [claim.kind, *(f"{name} {value}" for name, value in claim.attributes if not usual(name, value))]
    )
    lines: list[RenderableType] = [head, Padding(Text(how, style="dim"), (0, 0, 0, 3))]
    if len(claim.links) > 1:
        lines.append(Padding(Text(" › ".join(claim.links), style="dim"), (0, 0, 0, 3)))
    return Padding(Group(*lines), (0, 0, 0, indent))


def _entities(entities: Iterable[ExplainedEntity]) -> RenderableType:
    table = plain_table(0, 0, 0, 1)
    for entity in entities:
        also = [f"also {', '.join(entity.forms)}"] if entity.forms else []
        table.add_row(
            Text(entity.name, style="underline"),
            entity.type,
            f"×{entity.count}",
            Text("; ".join([*also, *entity.notes]), style="dim"),
        )
    return table

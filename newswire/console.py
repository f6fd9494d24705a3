"""How longer commands print: sections and tables without lines, for 80 to 100 columns."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

__all__ = ["console_for", "plain_table", "relative", "section"]

WIDEST: Final = 100
PLAIN_WIDTH: Final = 96
"""Where no terminal tells its width."""


def console_for(*, stderr: bool = False) -> Console:
    """Return a console of at most 100 columns."""
    console = Console(highlight=False, stderr=stderr)
    console.width = min(console.width, WIDEST) if console.is_terminal else PLAIN_WIDTH
    return console


def section(console: Console, title: str, note: str, body: RenderableType) -> None:
    """Print one section under its heading."""
    console.print()
    console.print(Text.assemble((title.upper(), "bold cyan"), ("  " + note if note else "", "dim")))
    console.print(_trimmed(console, Padding(body, (0, 0, 0, 2))), end="")


def plain_table(*ratios: int) -> Table:
    """Return a table without lines: a column for each ratio, 0 for one as wide as its contents.

    The others share what is left, and their lines wrap.
    """
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False, expand=any(ratios))
    for ratio in ratios:
        table.add_column(ratio=ratio or None, no_wrap=not ratio, overflow="fold")
    return table


def relative(path: Path) -> str:
    """Return a path as it is typed from here."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _trimmed(console: Console, body: RenderableType) -> Segments:
    """Render without the blanks that fill lines up: they show where the text is pasted."""
    segments: list[Segment] = []
    for line in console.render_lines(body, pad=False):
        while line and not line[-1].text.strip():
            line.pop()
        if line:
            line[-1] = line[-1]._replace(text=line[-1].text.rstrip())
        segments += (*line, Segment.line())
    return Segments(segments)

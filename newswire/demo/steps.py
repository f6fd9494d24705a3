"""Show what is being done, and how long each step took: a moving line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.columns import Columns
from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
)
from rich.table import Table
from rich.text import Text

__all__ = ["Step", "Steps"]

PLAIN_EVERY_S: Final = 5.0
"""Without a terminal, a step with a count says how far it is this often."""


class Step:
    """One step under way."""

    def __init__(self, steps: Steps, doing: str, progress: Progress) -> None:
        self.done = ""
        """What to say when it is over; the step's own words where it stays empty."""
        self._steps = steps
        self._doing = doing
        self._progress = progress
        self._task = progress.add_task(doing, total=None)
        self._said = time.monotonic()

    def update(self, count: int, total: int) -> None:
        """Tell how far it is."""
        self._progress.update(self._task, completed=count, total=total)
        now = time.monotonic()
        if not self._steps.console.is_terminal and now - self._said >= PLAIN_EVERY_S:
            self._said = now
            self._steps.say(f"{self._doing} {count} of {total}")


class Steps:
    """Runs steps one after the other and keeps their times."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.seconds: dict[str, float] = {}
        """What each step took, by its name."""
        self._begun = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the first step."""
        return time.monotonic() - self._begun

    def say(self, line: str) -> None:
        """Print a line by the way."""
        self.console.print(Text(f"  · {line}", style="dim"))

    @contextmanager
    def step(self, name: str, doing: str) -> Iterator[Step]:
        """Time a step, and print its line when it is over without an error."""
        begun = time.monotonic()
        columns = (SpinnerColumn(style="cyan"), TextColumn("{task.description}"), _Far())
        with Progress(
            *columns, console=self.console, transient=True, disable=not self.console.is_terminal
        ) as progress:
            step = Step(self, doing, progress)
            yield step
        self.seconds[name] = seconds = time.monotonic() - begun
        line = Table.grid(expand=True, padding=(0, 1))
        line.add_column(ratio=1, overflow="fold")
        line.add_column(justify="right")
        line.add_row(
            Text.assemble(("  ✓ ", "green"), step.done or doing), Text(f"{seconds:.1f} s", style="dim")
        )
        self.console.print(line)


class _Far(ProgressColumn):
    """A bar and a count, for a task whose total is known."""

    def __init__(self) -> None:
        super().__init__()
        self._bar, self._count = BarColumn(bar_width=30), MofNCompleteColumn()

    def render(self, task: Task) -> RenderableType:
        return Columns([self._bar(task), self._count(task)]) if task.total is not None else ""

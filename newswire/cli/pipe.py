"""``newswire pipe``: the stages as a Unix filter."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from stat import S_ISREG
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def pipe(
    stages: Annotated[
        list[str], typer.Argument(help="normalize, dedupe, enrich: any run of them, in this order.")
    ],
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress and no summary on standard error.")
    ] = False,
) -> None:
    """Run stages over JSON lines from standard input to standard output, without a broker.

    One line out for each line in, in order: the event of the last stage it reached, with the input's `id`
    as `native_id`. The first stage named says what is read: for normalize items with at least `text` or
    `html`, and `id`, `url`, `title`, `published_at`, `source`, `language`, `fetched_at` where known.

    Examples:
      newswire pipe normalize dedupe < items.jsonl > sightings.jsonl

      newswire pipe normalize enrich < items.jsonl | jq -c '.claims[]'
    """
    from newswire.cli.errors import CommandError
    from newswire.pipe import run_pipe
    from newswire.pipe.lines import limited_lines
    from newswire.settings import load_settings
    from newswire.telemetry.logs import configure_logs
    from streams.engine.errors import Fatal

    settings = load_settings()
    configure_logs("warning", settings.log_format)
    out = sys.stdout.buffer

    try:
        with _progress(quiet=quiet) as count:

            def write(line: bytes) -> None:
                out.write(line + b"\n")
                count()

            counts = asyncio.run(run_pipe(stages, limited_lines(sys.stdin.buffer), write, settings))
        out.flush()
    except BrokenPipeError:
        # Whoever read our lines has enough; what is buffered has nowhere to go.
        sys.stderr.close()
        raise typer.Exit(0) from None
    except (ValueError, Fatal) as error:
        raise CommandError(str(error)) from error
    if not quiet:
        total = sum(counts.values())
        parts = ", ".join(f"{count} {name}" for name, count in counts.most_common())
        print(f"{total} lines: {parts}", file=sys.stderr)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[], None]]:
    """Count lines on a terminal, nowhere else, while they go to a file: those that go through a program, such as
    jq, may end on the same terminal.
    """
    if quiet or not sys.stderr.isatty() or not S_ISREG(os.fstat(sys.stdout.fileno()).st_mode):
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.completed:,.0f} lines"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=None)
        yield lambda: shown.advance(task)

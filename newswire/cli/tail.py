"""``newswire tail``: follow any topic."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import Annotated, Any, Literal

import typer

from newswire.access.hold import hold
from newswire.cli.errors import CommandError
from newswire.cli.output import print_json, quiet_kafka
from newswire.ledger.events import as_json, topic_of
from newswire.ledger.lines import line_of
from newswire.ledger.reader import TopicReader
from newswire.ledger.selection import Selection
from newswire.ledger.tail import followed
from newswire.settings import load_settings
from schemas.topics import TOPICS
from schemas.vocabulary import Lane
from streams.engine.records import Record

__all__ = ["app"]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
SHORT = ", ".join(topic.name.removeprefix("news.").removesuffix(".v1") for topic in TOPICS)


@app.command(
    epilog="Examples: newswire tail claims --from -20 · newswire tail claims --entity Zelensky · "
    "newswire tail sightings --lane backfill --from beginning --no-follow --json | jq .value.verdict"
)
def tail(
    topic: Annotated[str, typer.Argument(help=f"A topic's name, whole or short: {SHORT}.")],
    *,
    start: Annotated[
        str,
        typer.Option(
            "--from", metavar="beginning|end|-N", help="Where to begin; -N is the last N, before filters."
        ),
    ] = "end",
    entity: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Events that name it: an entity, a claim's source; before enrichment, title or text.",
        ),
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="ID|OUTLET", help="Of this source, or outlet by name or domain.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="TAG", help="In this language: en takes en-GB, too.")
    ] = None,
    lane: Annotated[
        Literal["live", "backfill"] | None,
        typer.Option(help="Of this lane.  [default: live where each lane has a topic]", show_default=False),
    ] = None,
    canaries: Annotated[bool, typer.Option("--canaries", help="Canaries' events, too.")] = False,
    limit: Annotated[int | None, typer.Option("--limit", "-n", min=1, help="Stop after so many.")] = None,
    follow: Annotated[bool, typer.Option(help="Wait for what comes.")] = True,
    json: Annotated[bool, typer.Option("--json", help="Print each record as one line of JSON.")] = False,
) -> None:
    """Follow a topic: a readable line for each event, or with --json the whole record.

    In claims, quotation marks stand around what the article itself quotes, and around nothing else.
    """
    settings = load_settings()
    quiet_kafka()
    name = _topic(topic, lane)
    hold("tail", settings, stays=follow, only=name, ended_by=signal.SIGINT)
    selection = Selection(entity=entity, source=source, language=language, lane=lane, canaries=canaries)
    show = _printer(json=json)
    try:
        with TopicReader(settings) as reader:
            left = limit
            for record in followed(reader, name, start, follow=follow):
                if record is None:
                    sys.stdout.flush()
                elif selection.meets(record):
                    show(record)
                    left = None if left is None else left - 1
                if left == 0:
                    break
        sys.stdout.flush()
    except ValueError as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt:
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our lines has enough; what is buffered has nowhere to go.
        sys.stderr.close()
        raise typer.Exit(0) from None


def _topic(name: str, lane: Lane | None) -> str:
    topic = topic_of(name)
    if topic is None:
        raise CommandError(f"{name!r} is no topic of newswire: they are {SHORT}")
    # A whole name of the backfill lane says its lane itself.
    return name if lane is None and name == topic.of("backfill") else topic.of(lane or "live")


def _printer(*, json: bool) -> Callable[[Record], None]:
    if json:
        return lambda record: print_json(as_json(record))
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)

    def show(record: Record) -> None:
        line: Any = Text.assemble(*line_of(record))
        line.rstrip()
        console.print(line)

    return show

"""``newswire trace``: the way of one item."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated, Final

import msgspec
import typer

from newswire.access.hold import hold
from newswire.cli.errors import CommandError
from newswire.cli.moments import span_of
from newswire.cli.output import print_json, quiet_kafka
from newswire.ledger.claim_words import claim_words
from newswire.ledger.find import NotALink
from newswire.ledger.lines import relation_words
from newswire.ledger.path import AttemptPath, ItemPath
from newswire.ledger.reader import TopicReader
from newswire.ledger.text import clean
from newswire.ledger.trace import trace
from newswire.settings import load_settings

__all__ = ["app", "path_lines"]

NOT_FOUND: Final = 1

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(
    "trace",
    epilog="Examples: newswire trace https://news.example/a-story · "
    "newswire trace 5f0c3c0e-6d7b-5b0e-9c57-6f1a2f1f4b21 · newswire trace news.claims.v1/2/17 --json",
)
def trace_(
    target: Annotated[
        str,
        typer.Argument(
            help="A link; an id of an item, article, revision, claim, entity or event; or "
            "topic/partition/offset.",
            show_default=False,
        ),
    ],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Items at most, the newest first.")] = 5,
    json: Annotated[bool, typer.Option("--json", help="Print each item as one line of JSON.")] = False,
) -> None:
    """Tell the way of an item: when it passed each step and where its records lie, its verdict and claims.

    Exit code 1 where nothing is found.
    """
    settings = load_settings()
    quiet_kafka()
    hold("trace", settings)
    try:
        with TopicReader(settings) as reader:
            paths = trace(reader, target, limit=limit, say=_say)
    except NotALink as error:
        raise CommandError(str(error)) from error
    if not paths:
        print(f"newswire: nothing is known of {clean(target)}", file=sys.stderr)
        raise typer.Exit(NOT_FOUND)
    for number, path in enumerate(paths):
        if json:
            print_json(msgspec.to_builtins(path))
        else:
            print("\n" * bool(number) + "\n".join(path_lines(path)))


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(text, file=sys.stderr)


def path_lines(path: ItemPath) -> Iterator[str]:
    """Yield the lines that tell an item's way."""
    head = [f"item {clean(path.item_id)}", clean(path.title), clean(path.url)]
    yield "  ".join(part for part in head if part)
    facts = {
        "source": f"{clean(path.source_id)} {clean(path.native_id)}".strip(),
        "article": path.article_id,
        "revision": path.revision_id,
        "lane": path.lane if path.lane != "live" else None,
    }
    for name, value in facts.items():
        if value:
            yield f"  {name:<11} {value}"
    for attempt in path.attempts:
        yield from _attempt_lines(attempt)


def _attempt_lines(attempt: AttemptPath) -> Iterator[str]:
    why = f"({clean(attempt.reason)})" if attempt.reason else ""
    ended = f"{attempt.outcome}{why} by {attempt.stage}" if attempt.outcome else "under way"
    number = f"attempt {attempt.attempt}: " if attempt.attempt > 1 or attempt.requeued_from else ""
    requeued = f", requeued from {attempt.requeued_from}" if attempt.requeued_from else ""
    yield f"  {number}{ended}{requeued}"
    for step in attempt.steps:
        places = [f"{place} (not kept)" if place in step.gone else place for place in step.places]
        after = "" if step.after_s is None else f"+{span_of(step.after_s)}"
        yield f"    {step.name:<12}{step.at or '':<29}{after:>10}  {'  '.join(places)}".rstrip()
    if attempt.sighting is not None:
        seen = attempt.sighting
        kind = f", {attempt.revision_kind}" if attempt.revision_kind else ""
        reverts = f", back to {seen.reverts_to}" if seen.reverts_to else ""
        flags = f", {', '.join(seen.flags)}" if seen.flags else ""
        yield f"    verdict     {seen.verdict}, revision {seen.revision_number}{kind}{reverts}{flags}"
        for relation in seen.relations:
            first = f", first seen {relation.first_seen_at}" if relation.first_seen_at else ""
            yield f"      {clean(relation_words(relation))}{first}"
            yield f"      article {relation.article_id} revision {relation.revision_id} item {relation.item_id}"
    if attempt.entities:
        names = [f"{clean(entity.name, 60)} ×{entity.count}" for entity in attempt.entities]
        yield f"    entities    {', '.join(names)}"
    for number_of, claim in enumerate(attempt.claims):
        words = claim_words(claim)
        label = "claims" if number_of == 0 else ""
        yield f"    {label:<12}{words.who} — {words.cue} — {words.what} ({', '.join(words.how)})"

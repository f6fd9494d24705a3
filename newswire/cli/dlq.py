"""``newswire dlq``: dead letters, looked at and sent again."""

from __future__ import annotations

import json as json_module
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Final, Literal

import msgspec
import typer

from newswire.access.hold import hold
from newswire.cli.errors import CommandError
from newswire.cli.output import print_json, quiet_kafka
from newswire.ledger.groups import Groups, opened
from newswire.ledger.letters import Letter, letters, original_headers, with_states
from newswire.ledger.places import Place
from newswire.ledger.reader import TopicReader
from newswire.ledger.requeue import requeue as requeue_letters
from newswire.ledger.text import clean
from newswire.settings import load_settings
from streams.engine.records import Record

__all__ = ["app"]

NOT_ALL: Final = 1
MOST_SHOWN: Final = 4096
"""Bytes of a value that are shown unless all are asked for."""
HEX_WIDTH: Final = 16

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Look at dead letters, and send them again.\n\n"
    "A dead letter holds a record's original key, bytes and headers, and why its stage gave up on it.",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Reason = Annotated[str | None, typer.Option(metavar="REASON", help="Only those with this reason.")]
Stage = Annotated[str | None, typer.Option(metavar="STAGE", help="Only those of this stage.")]
Target = Annotated[
    str,
    typer.Argument(
        help="An item's id, or topic/partition/offset of the dead letter or of the record that it was.",
        show_default=False,
    ),
]


@app.command(
    "list", epilog="Examples: newswire dlq list · newswire dlq list --reason not_json --state open --json"
)
def list_(
    *,
    reason: Reason = None,
    stage: Stage = None,
    state: Annotated[
        Literal["open", "requeued", "resolved", "failed_again", "refused"] | None,
        typer.Option(help="Only those in this state.", show_default=False),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, help="So many at most, the newest.")
    ] = None,
    json: Json = False,
) -> None:
    """List dead letters, the oldest first, each with what became of its item since.

    open: nothing was done; requeued: on its way again; resolved: a later attempt ended well; failed_again: a
    later attempt is a dead letter, too; refused: a connector could not read it, there is nothing to requeue.
    """
    settings = load_settings()
    quiet_kafka()
    hold("dlq", settings)
    with opened(settings) as (reader, groups):
        found = with_states(reader, groups, letters(reader, reason=reason, stage=stage))
    found = [letter for letter in found if state is None or letter.state == state]
    shown = found[-limit:] if limit else found
    if json:
        for letter in shown:
            print_json(letter)
        return
    for letter in shown:
        again = f" ×{letter.redelivered + 1}" if letter.redelivered else ""
        print(
            f"{letter.failed_at[:19]}Z  {letter.state:<12}  {letter.stage}: {clean(letter.reason)}{again}  "
            f"{letter.place}  item {clean(letter.item_id)}  {clean(letter.message, 120)}"
        )
    counts = Counter(letter.state for letter in found)
    states = ", ".join(f"{number:,} {name}" for name, number in counts.most_common())
    print(f"{len(found):,} dead letters" + (f": {states}" if states else ""), file=sys.stderr)


@app.command(epilog="Examples: newswire dlq show news.dead-letter.v1/0/17 · newswire dlq show ITEM_ID --hex")
def show(
    target: Target,
    *,
    hex: Annotated[bool, typer.Option("--hex", help="Show the bytes in hexadecimal.")] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="Write the original bytes to standard output, and nothing else.")
    ] = False,
    whole: Annotated[bool, typer.Option("--all", help=f"Show more than {MOST_SHOWN} bytes.")] = False,
    json: Json = False,
) -> None:
    """Show dead letters: why, the original headers, and the original bytes.

    Of several of one item the newest is shown; --json shows them all.
    """
    settings = load_settings()
    quiet_kafka()
    hold("dlq", settings)
    with opened(settings) as (reader, groups):
        found = _find(reader, groups, target)
        if json:
            for letter in found:
                print_json(letter)
            return
        record = reader.one(found[-1].at)
    if record is None:
        raise CommandError(f"{found[-1].place} is not kept any more")
    if raw:
        sys.stdout.buffer.write(record.value or b"")
        return
    for line in _letter_lines(found[-1], record, hex=hex, most=None if whole else MOST_SHOWN):
        print(line)


@app.command(
    epilog="Examples: newswire dlq requeue ITEM_ID · newswire dlq requeue --reason child_timeout --yes"
)
def requeue(
    targets: Annotated[
        list[str] | None,
        typer.Argument(help="Item ids, or topic/partition/offset of dead letters.", show_default=False),
    ] = None,
    *,
    reason: Reason = None,
    stage: Stage = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Send dead letters to their stages again, as the next attempt at their items.

    Original key, bytes and headers go back to the original topic.  Only what is open is sent.  The item's
    next outcome counts: newswire dlq list then shows the dead letter as resolved.

    Exit code 1 where one of those named was not sent.
    """
    if not targets and not reason and not stage:
        raise typer.BadParameter("name dead letters, or a --reason or --stage")
    settings = load_settings()
    quiet_kafka()
    hold("dlq-requeue", settings)
    with opened(settings) as (reader, groups):
        if targets:
            wanted = [_find(reader, groups, target)[-1] for target in targets]
        else:
            every = with_states(reader, groups, letters(reader, reason=reason, stage=stage))
            wanted = [letter for letter in every if letter.state == "open"]
            _confirm(wanted, yes=yes)
        not_sent = 0
        for done in requeue_letters(settings, reader, wanted):
            not_sent += done.sent_to is None
            if json:
                print_json(done)
            elif done.sent_to is None:
                print(f"not sent: {done.letter.place} of item {clean(done.letter.item_id)}: {done.why_not}")
            else:
                attempt = done.letter.attempt + 1
                print(
                    f"{done.letter.place} → {done.sent_to}  item {clean(done.letter.item_id)}, attempt {attempt}"
                )
    if not json:
        print(f"{len(wanted) - not_sent:,} of {len(wanted):,} requeued", file=sys.stderr)
    if not_sent:
        raise typer.Exit(NOT_ALL)


def _confirm(wanted: list[Letter], *, yes: bool) -> None:
    if yes or not wanted:
        return
    if not sys.stdin.isatty():
        raise CommandError(f"{len(wanted):,} dead letters are open: say --yes to requeue them")
    typer.confirm(f"Requeue {len(wanted):,} dead letters?", abort=True, err=True)


def _find(reader: TopicReader, groups: Groups, target: str) -> list[Letter]:
    """Return the dead letters that somebody means, the newest last.

    Raises:
        CommandError: there is none.
    """
    place = Place.parse(target)
    every = letters(reader)
    found = [
        letter
        for letter in every
        if (target in {letter.place, letter.original} if place else letter.item_id == target)
    ]
    if not found:
        raise CommandError(f"there is no dead letter {clean(target)}: newswire dlq list")
    return with_states(reader, groups, found)


def _letter_lines(letter: Letter, record: Record, *, hex: bool, most: int | None) -> Iterator[str]:
    facts = {
        "place": letter.place,
        "original": letter.original or "none",
        "state": letter.state,
        "item": letter.item_id,
        "attempt": letter.attempt,
        "stage": letter.stage,
        "reason": letter.reason,
        "failed at": letter.failed_at,
        "worker": letter.worker,
        "error": f"{letter.error}: {letter.message}",
        "key": (record.key or b"").decode("utf-8", "backslashreplace"),
    }
    for name, value in facts.items():
        yield f"{name:<10} {clean(str(value), 2000)}"
    for name, value in original_headers(record):
        yield f"header     {clean(name)}: {clean(value.decode('utf-8', 'backslashreplace'), 2000)}"
    value = record.value or b""
    cut = value if most is None else value[:most]
    yield f"value      {len(value):,} bytes" + (
        f", of which the first {len(cut):,}" if len(cut) < len(value) else ""
    )
    yield from _hex_lines(cut) if hex else _pretty_lines(value, cut)


def _pretty_lines(value: bytes, cut: bytes) -> Iterator[str]:
    """Yield JSON indented; text as it is, without control characters; else hexadecimal."""
    try:
        text = json_module.dumps(msgspec.json.decode(value), ensure_ascii=False, indent=2)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            text = cut.decode("utf-8")
        except UnicodeDecodeError:
            yield from _hex_lines(cut)
            return
    else:
        text = text if len(cut) == len(value) else text[: len(cut)]
    for line in text.splitlines():
        yield "  " + "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line)


def _hex_lines(value: bytes) -> Iterator[str]:
    for start in range(0, len(value), HEX_WIDTH):
        row = value[start : start + HEX_WIDTH]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        yield f"  {start:08x}  {row.hex(' '):<{3 * HEX_WIDTH - 1}}  {text}"

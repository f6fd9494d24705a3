"""``newswire sources``: what is read, and how it does."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import typer

from connectors.framework.items import utc
from connectors.sharing.definitions import WrongSource, define
from newswire.access.hold import hold
from newswire.cli.errors import CommandError
from newswire.cli.output import print_json, quiet_kafka
from newswire.cli.sources_view import print_entries, print_skipped
from newswire.ledger.reader import TopicReader
from newswire.ledger.text import clean
from newswire.settings import Settings, load_settings
from newswire.sources.catalogue import Entry, Wanted, find, read_sources
from newswire.sources.editing import editing
from newswire.sources.lists import BadList, read_list, without_private, write_list
from newswire.telemetry.secrets import without_secrets
from schemas.source import SourceDefinition
from schemas.vocabulary import CLOSED_LISTS

__all__ = ["app"]

NOT_ALL: Final = 1
LARGEST_LIST: Final = 256 * 1024 * 1024

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Say what is read, and see how it does.\n\n"
    "Workers (newswire connect, newswire up) follow every change at once.",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Health = Annotated[
    list[str] | None,
    typer.Option(help=f"Only those that are so: {', '.join(CLOSED_LISTS['Health'])}.", show_default=False),
]
Tags = Annotated[
    list[str] | None, typer.Option("--tag", help="Only those with this tag, or in a folder below it.")
]
Text = Annotated[
    str, typer.Argument(help="Only those with this in address, name, tags or reason.", show_default=False)
]
Targets = Annotated[list[str], typer.Argument(help="Addresses or ids.", show_default=False)]


@app.command(
    "list",
    epilog="Examples: newswire sources list · newswire sources list --health failing --health blocked · "
    "newswire sources list --tag World reuters --json",
)
def list_(text: Text = "", *, health: Health = None, tag: Tags = None, json: Json = False) -> None:
    """List sources with their health: since when, why, the last item and the next poll."""
    entries = _selected(load_settings(), _wanted(text, health, tag))
    if json:
        for entry in entries:
            print_json(_as_builtins(entry))
        return
    print_entries(entries, datetime.now(UTC))


@app.command(
    epilog="Examples: newswire sources add https://example.org/feed --tag World · newswire sources add "
    "http://wiki.intranet/feed --allow-host wiki.intranet --min-interval 60 · "
    "newswire sources add https://example.org/feed --update --disable"
)
def add(
    urls: Annotated[list[str], typer.Argument(metavar="URL...", help="Addresses.", show_default=False)],
    *,
    name: Annotated[str | None, typer.Option(help="For people.")] = None,
    tag: Annotated[
        list[str] | None, typer.Option(help="A folder or label; as often as there are.", show_default=False)
    ] = None,
    language: Annotated[str | None, typer.Option(help="Where all of it is in one: en, pt-BR.")] = None,
    country: Annotated[str | None, typer.Option(help="Of the publisher: ISO 3166-1, as GB.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Who publishes it.  [default: --name]")] = None,
    follow: Annotated[
        Literal["always", "teaser", "never"] | None,
        typer.Option(help="Whether pages behind entries are fetched.  [default: teaser]", show_default=False),
    ] = None,
    lane: Annotated[
        Literal["live", "backfill"] | None,
        typer.Option(help="Where its items go.  [default: live]", show_default=False),
    ] = None,
    min_interval: Annotated[
        int | None, typer.Option(min=1, help="Never polled more often, seconds.  [default: 600]")
    ] = None,
    max_interval: Annotated[
        int | None, typer.Option(min=1, help="Never polled less often, seconds.  [default: 86400]")
    ] = None,
    revisit_after: Annotated[
        list[int] | None,
        typer.Option(min=1, help="Seconds after which a page is fetched again; as often as there are."),
    ] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A host that may have a private address.", show_default=False)
    ] = None,
    disable: Annotated[bool | None, typer.Option("--disable/--enable", help="Keep it, and rest.")] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Change what is given of sources that are there.")
    ] = False,
    json: Json = False,
) -> None:
    """Add sources; with --update change some.

    Nothing is fetched: newswire sources check tells what an address holds.  Exit code 1 where one was there
    already, or with --update was not.
    """
    given = {
        "name": name,
        "tags": tag,
        "language": language,
        "follow": follow,
        "lane": lane,
        "min_interval_s": min_interval,
        "max_interval_s": max_interval,
        "revisit_after_s": revisit_after,
        "allow_hosts": allow_host,
        "enabled": None if disable is None else not disable,
    }
    fields = {field: value for field, value in given.items() if value is not None}
    who = {"name": publisher or name, "country": country}
    settings = load_settings()
    entries = _selected(settings, Wanted(), edits=True)
    done: list[SourceDefinition] = []
    left: list[tuple[str, str]] = []
    for url in urls:
        known = find(entries, url)
        if update and known is None:
            left.append((url, "it is not there"))
        elif not update and known is not None:
            left.append((url, f"it is there already, {known.health.status}"))
        else:
            done.append(_defined(url, None if known is None else known.definition, fields, who))
    _write(settings, put=done)
    _tell(done, left, "changed" if update else "added", json=json)


@app.command(epilog="Example: newswire sources remove https://example.org/feed")
def remove(targets: Targets, *, json: Json = False) -> None:
    """Remove sources: they are polled no more, and their state is forgotten.

    What came of them stays.  newswire sources add URL --update --disable keeps a source and rests it.  Exit
    code 1 where one was not there.
    """
    settings = load_settings()
    entries = _selected(settings, Wanted(), edits=True)
    done: dict[str, SourceDefinition] = {}
    left: list[tuple[str, str]] = []
    for target in targets:
        known = find(entries, target)
        if known is None:
            left.append((target, "it is not there"))
        else:
            done[known.definition.source_id] = known.definition
    _write(settings, remove=done.values())
    _tell(list(done.values()), left, "removed", json=json)


@app.command(epilog="Example: newswire sources check https://example.org/feed")
def check(
    url: Annotated[str, typer.Argument(help="An address: a feed, or a page that names one.")],
    *,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A host that may have a private address.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Explain one source: what it is, how often it publishes, how it would be polled, what is wrong with it.

    It is fetched as it would be polled, once or twice; nothing is written.  Exit code 1 where it is no feed
    that can be read.
    """
    from connectors.clock import SystemClock
    from connectors.feeds.check import check_source
    from connectors.feeds.parsing import FeedParser
    from connectors.feeds.survey_view import render
    from connectors.web.make import polite_fetcher
    from newswire.telemetry.logs import configure_logs

    settings = load_settings()
    configure_logs("error", settings.log_format)
    try:
        address = define(url).url
    except WrongSource as error:
        raise CommandError(str(error)) from error

    async def look() -> Any:
        fetcher, parser = polite_fetcher(settings), FeedParser(children=1)
        try:
            return await check_source(
                address,
                fetcher=fetcher,
                parser=parser,
                clock=SystemClock(),
                allow_hosts=tuple(allow_host or ()),
            )
        finally:
            await asyncio.gather(fetcher.close(), parser.close())

    found = asyncio.run(look())
    if json:
        print_json(found)
    else:
        from newswire.console import console_for

        console_for().print(render(found))
    if found.verdict not in {"good", "usable"}:
        raise typer.Exit(NOT_ALL)


@app.command(
    "import",
    epilog="Examples: newswire sources import feeds.opml · newswire sources import seeds/sources.toml --tag "
    "Starter · curl -s https://example.org/list.opml | newswire sources import -",
)
def import_(
    file: Annotated[
        str, typer.Argument(help="OPML, or TOML with a [[source]] for each; - is standard input.")
    ],
    *,
    tag: Annotated[list[str] | None, typer.Option(help="Added to every source.", show_default=False)] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Replace sources that are there already, too.")
    ] = False,
    allow_private: Annotated[
        bool,
        typer.Option("--allow-private", help="Believe the list where it names hosts with private addresses."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing, say what would be.")] = False,
    json: Json = False,
) -> None:
    """Add the sources of a list; those that are there already stay as they are.

    A list may come from anybody: a source of it that names hosts with private addresses (allow_hosts) is
    added with --allow-private alone.  Exit code 1 where something in the list is not added, or not as it stands.
    """
    try:
        listed = read_list(_read(file), tags=tag or ())
    except BadList as error:
        raise CommandError(f"{file}: {error}") from error
    if not allow_private:
        listed = without_private(listed)
    settings = load_settings()
    entries = _selected(settings, Wanted(), edits=not dry_run)
    known = {entry.definition.source_id: entry.definition for entry in entries}
    new = [each for each in listed.definitions if each.source_id not in known]
    replaced = [
        msgspec.structs.replace(each, added_at=known[each.source_id].added_at)
        for each in listed.definitions
        if update and each.source_id in known
    ]
    if not dry_run:
        _write(settings, put=[*new, *replaced])
    there = len(listed.definitions) - len(new) - len(replaced)
    if json:
        print_json(
            {
                "added": len(new),
                "replaced": len(replaced),
                "there_already": there,
                "skipped": [{"what": what, "why": why} for what, why in listed.skipped],
            }
        )
    else:
        print_skipped(listed.skipped)
        words = [f"{len(new):,} {'would be ' if dry_run else ''}added"]
        words += [f"{len(replaced):,} replaced"] if update else []
        words += [f"{there:,} there already"] if there else []
        words += [f"{len(listed.skipped):,} skipped"] if listed.skipped else []
        print(", ".join(words))
    if listed.skipped:
        raise typer.Exit(NOT_ALL)


@app.command(
    epilog="Examples: newswire sources export > feeds.opml · newswire sources export --format toml --health ok"
)
def export(
    text: Text = "",
    *,
    format: Annotated[
        Literal["opml", "toml"],
        typer.Option(help="OPML for every feed reader, TOML for people; both keep every field."),
    ] = "opml",
    health: Health = None,
    tag: Tags = None,
) -> None:
    """Write sources as a list to standard output: all of them, or those that list would show."""
    entries = _selected(load_settings(), _wanted(text, health, tag))
    sys.stdout.buffer.write(write_list((entry.definition for entry in entries), format))


def _wanted(text: str, health: list[str] | None, tags: list[str] | None) -> Wanted:
    for status in health or ():
        if status not in CLOSED_LISTS["Health"]:
            raise typer.BadParameter(f"{status!r} is none of {', '.join(CLOSED_LISTS['Health'])}")
    return Wanted(text=text, health=tuple(health or ()), tags=tuple(tags or ()))


def _selected(settings: Settings, wanted: Wanted, *, edits: bool = False) -> list[Entry]:
    quiet_kafka()
    hold("sources-edit" if edits else "sources", settings)
    with TopicReader(settings) as reader:
        return [entry for entry in read_sources(reader) if wanted.takes(entry)]


def _defined(
    url: str, known: SourceDefinition | None, fields: dict[str, Any], publisher: dict[str, str | None]
) -> SourceDefinition:
    try:
        if known is None:
            definition = define(url, **fields)
        else:
            now = utc(datetime.now(UTC))
            before = msgspec.structs.asdict(known)
            for name in ("source_id", "url", "updated_at"):
                del before[name]
            definition = msgspec.structs.replace(define(known.url, **before | fields), updated_at=now)
    except WrongSource as error:
        raise CommandError(str(error)) from error
    said = {name: value for name, value in publisher.items() if value is not None}
    return msgspec.structs.replace(
        definition, publisher=msgspec.structs.replace(definition.publisher, **said)
    )


def _write(
    settings: Settings, *, put: Iterable[SourceDefinition] = (), remove: Iterable[SourceDefinition] = ()
) -> None:
    put, remove = list(put), list(remove)
    if put or remove:
        with editing(settings) as editor:
            editor.put(put)
            editor.remove(remove)


def _tell(done: list[SourceDefinition], left: list[tuple[str, str]], how: str, *, json: bool) -> None:
    if json:
        print_json(
            {
                how: done,
                "left": [{"what": what, "why": why} for what, why in left],
            }
        )
    else:
        for definition in done:
            print(f"{how}  {without_secrets(definition.url)}  {definition.source_id}")
        print_skipped(left)
    if left:
        raise typer.Exit(NOT_ALL)


def _as_builtins(entry: Entry) -> dict[str, Any]:
    state = entry.state
    return {
        **msgspec.to_builtins(entry.definition),
        "health": msgspec.to_builtins(entry.health),
        "interval_s": state and state.interval_s,
        "next_poll_at": state and state.next_poll_at,
        "current_url": state and state.current_url,
        "state_written_at": state and state.written_at,
    }


def _read(file: str) -> bytes:
    try:
        if file == "-":
            data = sys.stdin.buffer.read(LARGEST_LIST + 1)
        else:
            with Path(file).open("rb") as opened:
                data = opened.read(LARGEST_LIST + 1)
    except OSError as error:
        raise CommandError(f"{clean(file)}: {error.strerror}") from error
    if len(data) > LARGEST_LIST:
        raise CommandError(f"{clean(file)} is larger than {LARGEST_LIST:,} bytes")
    return data

"""How sources are shown to people."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from newswire.cli.moments import span_of
from newswire.console import console_for
from newswire.ledger.text import clean
from newswire.sources.catalogue import Entry
from newswire.telemetry.secrets import without_secrets

__all__ = ["print_entries", "print_skipped"]

COLOURS: Final = {
    "ok": "green",
    "stale": "yellow",
    "dimmed": "yellow",
    "failing": "red",
    "blocked": "red",
    "gone": "red",
}
LINE_CHARS: Final = 200


def print_entries(entries: list[Entry], now: datetime, console: Console | None = None) -> None:
    """Print a table: health, since when and why, the last item, the next poll, and the source."""
    console = console or console_for()
    if entries:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for heading in ("health", "since", "last item", "next poll"):
            table.add_column(heading, no_wrap=True)
        table.add_column("source", overflow="fold")
        for entry in entries:
            table.add_row(*_row(entry, now))
        console.print(table)
    counts = Counter(_status(entry) for entry in entries)
    words = ", ".join(f"{number:,} {status}" for status, number in counts.most_common())
    print(f"{len(entries):,} sources" + (f": {words}" if words else ""), file=sys.stderr)


def print_skipped(skipped: Iterable[tuple[str, str]]) -> None:
    """Say of each thing why nothing was done with it."""
    for what, why in skipped:
        line = without_secrets(f"{what}: {why}")
        print(f"not done: {clean(line, 2 * LINE_CHARS)}", file=sys.stderr)


def _status(entry: Entry) -> str:
    return entry.health.status if entry.definition.enabled else "disabled"


def _row(entry: Entry, now: datetime) -> tuple[Text, ...]:
    definition, health, status = entry.definition, entry.health, _status(entry)
    url = clean(without_secrets(definition.url), LINE_CHARS)
    source = Text(clean(definition.name, LINE_CHARS) or url)
    if definition.name:
        source.append(f"\n{url}", style="dim")
    if health.reason and status != "ok":
        source.append(f"\n{clean(health.reason, LINE_CHARS)}", style=COLOURS.get(status, ""))
    next_poll = entry.state.next_poll_at if entry.state is not None and definition.enabled else None
    return (
        Text(status, style=COLOURS.get(status, "dim")),
        Text(_ago(health.since, now)),
        Text(_ago(health.last_item_at, now)),
        Text(_ahead(next_poll, now)),
        source,
    )


def _ago(moment: str | None, now: datetime) -> str:
    seconds = _seconds(moment, now)
    return "" if seconds is None else f"{span_of(-seconds)} ago" if seconds < 0 else "now"


def _ahead(moment: str | None, now: datetime) -> str:
    seconds = _seconds(moment, now)
    return "" if seconds is None else f"in {span_of(seconds)}" if seconds > 1 else "due"


def _seconds(moment: str | None, now: datetime) -> float | None:
    if moment is None:
        return None
    try:
        return (datetime.fromisoformat(moment) - now).total_seconds()
    except (ValueError, TypeError):
        return None

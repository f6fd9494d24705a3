"""How a look at the pipeline is shown, for 80 columns or more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from newswire.cli.moments import span_of
from newswire.cli.sources_view import COLOURS as HEALTH_COLOURS
from newswire.ledger.text import clean
from newswire.top.seen import Seen, StageSeen

__all__ = ["nothing_runs", "render"]

BAR: Final = 24
OUTCOME_COLOURS: Final = {"enriched": "green", "rejected": "yellow", "dead_letter": "red"}
REASON_CHARS: Final = 60


def nothing_runs(seen: Seen) -> str:
    """Say in one line that no stage has a worker, and what waits for one."""
    waits = f"; {seen.waiting:,} records wait" if seen.waiting else ""
    return f"nothing runs: no stage has a worker on Kafka at {seen.kafka} (newswire up){waits}"


def render(seen: Seen, note: str = "") -> RenderableType:
    """Return the whole picture; *note* stands above it, in red."""
    parts: list[RenderableType] = [Text(note, "bold red")] if note else []
    if not seen.running:
        parts.append(Text(nothing_runs(seen), "bold red"))
    parts += [
        _head(seen),
        *_section("Stages", "▸ is the slowest; seconds are an item's, waiting included", _stages(seen)),
    ]
    title = f"{seen.ended:,} items in {span_of(seen.window_s)}"
    parts += _section("Outcomes", title, _bars(seen.outcomes, OUTCOME_COLOURS))
    parts += _section("Sources", _of_sources(seen), _sources(seen))
    return Group(*parts)


def _head(seen: Seen) -> Text:
    letters = f"{seen.dead_letters:,} dead letter{'s' * (seen.dead_letters != 1)}"
    return Text.assemble(
        ("newswire", "bold"),
        (f"  {seen.kafka}  {seen.at[11:19]} UTC, rates over {span_of(seen.window_s)}\n", "dim"),
        f"{_rate(seen.came_per_s)}/s come · {_rate(seen.ended_per_s)}/s end · {seen.waiting:,} wait · ",
        (letters, "red" if seen.dead_letters else ""),
    )


def _section(title: str, note: str, body: RenderableType) -> Iterator[RenderableType]:
    yield Text()
    yield Text.assemble((title.upper(), "bold cyan"), ("  " + note if note else "", "dim"))
    yield Padding(body, (0, 0, 0, 2))


def _stages(seen: Seen) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True)
    for heading in ("workers", "come/s", "done/s", "wait", "drain", "median", "95 %"):
        table.add_column(heading, no_wrap=True, justify="right")
    for each in seen.stages:
        if each.lane == "live" or each.workers or each.waiting or each.came_per_s:
            table.add_row(*_stage(each))
    return table


def _stage(each: StageSeen) -> tuple[Text, ...]:
    name = each.stage if each.lane == "live" else f"{each.stage} {each.lane}"
    drained = "never" if each.drain_s is None else span_of(each.drain_s) if each.waiting else ""
    return (
        Text(f"▸ {name}" if each.slowest else f"  {name}", "yellow" if each.slowest else ""),
        Text(str(each.workers), "" if each.workers else "bold red"),
        Text(_rate(each.came_per_s)),
        Text(_rate(each.done_per_s)),
        Text(f"{each.waiting:,}"),
        Text(drained, "red" if each.drain_s is None else ""),
        Text("" if each.median_s is None else span_of(each.median_s)),
        Text("" if each.p95_s is None else span_of(each.p95_s)),
    )


def _bars(counts: Mapping[str, int], colours: Mapping[str, str]) -> RenderableType:
    if not counts:
        return Text("none", "dim")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    most = max(counts.values())
    for name, count in counts.items():
        bar = "█" * max(1, round(BAR * count / most)) if count else ""
        table.add_row(name, Text(f"{count:,}", justify="right"), Text(bar, colours.get(name, "blue")))
    return table


def _of_sources(seen: Seen) -> str:
    sources = seen.sources
    readers = f"{sources.workers} worker{'s' * (sources.workers != 1)} read them"
    so_far = "" if sources.whole else " so far"
    return f"{sources.total:,}{so_far}, {readers}" if sources.total or sources.workers else ""


def _sources(seen: Seen) -> RenderableType:
    if not seen.sources.total:
        return Text("none are defined: newswire sources add URL", "dim")
    lines = [
        Text.assemble(
            (f"{status} {count:,}  ", HEALTH_COLOURS.get(status, "")), (clean(reason, REASON_CHARS), "dim")
        )
        for status, reason, count in seen.sources.reasons
    ]
    return Group(_bars(seen.sources.health, HEALTH_COLOURS), *lines)


def _rate(per_s: float) -> str:
    return f"{per_s:,.0f}" if per_s >= 100 or not per_s else f"{per_s:.1f}" if per_s >= 1 else f"{per_s:.2f}"

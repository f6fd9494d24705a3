"""Print a summary, for 80 columns or more."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from newswire.console import plain_table, section
from newswire.demo.claim_lines import ClaimLine
from newswire.demo.summary import CopiesOf, CopyLine, Summary

__all__ = ["render"]

BAR: Final = 24
COLOURS: Final = {"enriched": "green", "rejected": "yellow", "dead_letter": "red"}
CLAIM_CHARS: Final = 160


def render(summary: Summary, console: Console) -> None:
    """Print all sections that have something in them."""
    sections: list[tuple[str, str, RenderableType | None]] = [
        ("Outcomes", f"{summary.items} items, exactly one outcome each", _outcomes(summary)),
        ("Copies", "beside what was seen here first", _group(map(_copies, summary.copies))),
        ("Seen again", "one article, several sightings", _articles(summary)),
        (
            "Claims",
            f"some of {summary.claim_count}: who said what, and how",
            _group(map(_claim, summary.claims)),
        ),
        ("Entities", f"most frequent of {summary.entity_count}, variants merged", _entities(summary)),
        ("Set aside", "told, counted and kept, never dropped", _aside(summary)),
    ]
    for title, note, body in sections:
        if body is not None:
            section(console, title, note, body)


def _outcomes(summary: Summary) -> RenderableType | None:
    if not summary.outcomes:
        return None
    most = max(count for _name, count, _reasons in summary.outcomes)
    table = plain_table(0, 0, 0, 1)
    for name, count, reasons in summary.outcomes:
        bar = Text("█" * max(1, round(BAR * count / most)), COLOURS.get(name, "blue"))
        why = ", ".join(f"{reason} {number}" for reason, number in reasons.items())
        table.add_row(name, Text(str(count), justify="right"), bar, Text(why, "dim"))
    return table


def _copies(same: CopiesOf) -> RenderableType:
    table = plain_table(0, 3, 2, 3)
    for copy in same.copies:
        alike = "same" if copy.kind == "identical" else f"{copy.jaccard:.0%}"
        table.add_row(
            Text(alike, "cyan", justify="right"), copy.title, Text(copy.publisher, "dim"), _what_differs(copy)
        )
    return Group(_headed(same.title, same.publisher), Padding(table, (0, 0, 0, 2)))


def _what_differs(copy: CopyLine) -> Text:
    if not copy.enriched:
        return Text("not enriched: " + (", ".join(copy.differs) or "nothing new"), "dim")
    return Text("enriched: " + ", ".join(copy.differs), "yellow")


def _articles(summary: Summary) -> RenderableType | None:
    return _group(
        Group(_headed(each.title, each.publisher), Text("  " + " → ".join(each.sightings), "cyan"))
        for each in summary.articles
    )


def _claim(claim: ClaimLine) -> RenderableType:
    head = Text.assemble((claim.who, "bold"), (f"  [{', '.join(claim.how)}]", "dim"))
    what = textwrap.shorten(claim.what, CLAIM_CHARS, placeholder=" …")
    return Group(head, Padding(Text(what), (0, 0, 0, 2)))


def _entities(summary: Summary) -> RenderableType | None:
    if not summary.entities:
        return None
    table = plain_table(0, 0, 0, 1)
    for entity in summary.entities:
        where = f"{entity.mentions} in {entity.articles} article{'s' * (entity.articles > 1)}"
        also = f"also {', '.join(entity.variants)}" if entity.variants else ""
        table.add_row(Text(entity.name, "bold"), entity.type, where, Text(also, "dim"))
    return table


def _aside(summary: Summary) -> RenderableType | None:
    if not summary.aside:
        return None
    table = plain_table(0, 0, 1)
    for each in summary.aside:
        ending = Text(f"{each.outcome}: {each.reason}", COLOURS.get(each.outcome, ""))
        table.add_row(each.what, ending, Text(each.message, "dim"))
    return table


def _headed(text: str, note: str) -> Text:
    return Text.assemble((text, "bold"), ("  " + note, "dim"), overflow="ellipsis", no_wrap=True)


def _group(bodies: Iterable[RenderableType]) -> RenderableType | None:
    bodies = list(bodies)
    return Group(*bodies) if bodies else None

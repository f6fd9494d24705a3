"""Print a summary, for 80 columns or more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from newswire.demo.summary import CopyLine, Summary

__all__ = ["WIDEST", "render", "section"]

WIDEST: Final = 100
BAR: Final = 20
COLOURS: Final = {"enriched": "green", "rejected": "yellow", "dead_letter": "red"}


def render(summary: Summary, console: Console) -> None:
    """Print all sections that have something in them."""
    sections: list[tuple[str, str, RenderableType | None]] = [
        ("Outcomes", f"{summary.items} items, each with exactly one", _outcomes(summary)),
        ("Copies", "compared with what was seen here first", _copies(summary)),
        ("Seen again", "one article, several sightings", _articles(summary)),
        ("Claims", f"some of {summary.claim_count}: who says what, and how", _claims(summary)),
        ("Entities", f"most frequent of {summary.entity_count}, variants merged", _entities(summary)),
        ("Dead letters", "original bytes are kept", _dead_letters(summary)),
    ]
    for title, note, body in sections:
        if body is not None:
            section(console, title, note, body)


def section(console: Console, title: str, note: str, body: RenderableType) -> None:
    """Print one section under its heading."""
    console.print()
    console.print(Text.assemble((title.upper(), "bold cyan"), ("  " + note, "dim")))
    console.print(Padding(body, (0, 0, 0, 2)))


def _outcomes(summary: Summary) -> RenderableType | None:
    if not summary.outcomes:
        return None
    most = max(count for _name, count, _reasons in summary.outcomes)
    table = _table(no_wrap=True)
    for name, count, reasons in summary.outcomes:
        bar = Text("█" * max(1, round(BAR * count / most)), COLOURS.get(name, "blue"))
        why = ", ".join(f"{reason} {number}" for reason, number in reasons.items())
        table.add_row(name, Text(str(count), justify="right"), bar, Text(why, "dim"))
    return table


def _copies(summary: Summary) -> RenderableType | None:
    return _lines(each for copy in summary.copies for each in _copy(copy))


def _copy(copy: CopyLine) -> Iterable[Text]:
    alike = "=" if copy.kind == "identical" else "≈"
    yield _pair(f"{alike} {copy.title}", copy.publisher)
    words = [
        f"identical to “{copy.of_title}”" if alike == "=" else f"{copy.jaccard:.0%} of “{copy.of_title}”"
    ]
    words[0] += f", {copy.of_publisher}"
    if copy.differs:
        words.append("differs in " + ", ".join(copy.differs))
    if copy.enriched:
        words.append("so enriched all the same")
    yield _under("; ".join(words))


def _articles(summary: Summary) -> RenderableType | None:
    lines: list[Text] = []
    for article in summary.articles:
        lines += (_pair(article.title, article.publisher), _under(" → ".join(article.sightings)))
    return _lines(lines)


def _claims(summary: Summary) -> RenderableType | None:
    lines: list[Text] = []
    for claim in summary.claims:
        lines += (_pair(claim.who, " · ".join(claim.how)), _under(claim.what, style=""))
    return _lines(lines)


def _entities(summary: Summary) -> RenderableType | None:
    if not summary.entities:
        return None
    table = _table(no_wrap=True)
    for entity in summary.entities:
        where = f"{entity.mentions} in {entity.articles} article{'s' * (entity.articles > 1)}"
        also = f"also {', '.join(entity.variants)}" if entity.variants else ""
        table.add_row(Text(entity.name, "bold"), entity.type, where, Text(also, "dim", overflow="ellipsis"))
    return table


def _dead_letters(summary: Summary) -> RenderableType | None:
    if not summary.dead_letters:
        return None
    table = _table(no_wrap=True)
    for letter in summary.dead_letters:
        table.add_row(
            letter.what, Text(letter.reason, "red"), Text(letter.message, "dim", overflow="ellipsis")
        )
    return table


def _table(*, no_wrap: bool) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    for _ in range(4):
        table.add_column(no_wrap=no_wrap, overflow="ellipsis")
    return table


def _pair(text: str, note: str) -> Text:
    return Text.assemble((text, "bold"), ("  " + note, "dim"), overflow="ellipsis", no_wrap=True)


def _under(text: str, style: str = "dim") -> Text:
    return Text("    " + text, style, overflow="ellipsis", no_wrap=True)


def _lines(lines: Iterable[Text]) -> RenderableType | None:
    lines = list(lines)
    return Group(*lines) if lines else None

"""Tables as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["table"]


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table; the first column is left-aligned, figures are right-aligned."""
    aligned = ["---", *["---:"] * (len(columns) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (columns, aligned, *rows))

"""The tables of the enrich stage: plain text, one row a line, read once."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

__all__ = ["read_table"]

_FOLDER: Final = Path(__file__).resolve().parent


def read_table(name: str) -> list[dict[str, str]]:
    """Return the rows of ``NAME.tsv`` by the names of its columns; an empty cell is an empty string.

    Raises:
        FileNotFoundError: there is no such table.
        ValueError: a row has more or fewer cells than the head.

    """
    with (_FOLDER / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    if wrong := next((line for line in lines if len(line) != len(head)), None):
        raise ValueError(f"{name}.tsv: {wrong} has not {len(head)} cells")
    return [dict(zip(head, line, strict=True)) for line in lines]

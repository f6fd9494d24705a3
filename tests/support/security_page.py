"""Sections of SECURITY.md and the values that they publish."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tests.support.require import ROOT


def section(heading: str) -> str:
    """Return the page from the heading of a section on."""
    return (ROOT / "SECURITY.md").read_text(encoding="utf-8").partition(f"**{heading}**")[2]


def missing_from(heading: str, limit: str, numbers: Iterable[str]) -> list[str]:
    """Return those numbers that the one row of a limit does not publish."""
    (value,) = re.findall(rf"^\| {re.escape(limit)} \| ([^|]+) \|", section(heading), re.MULTILINE)
    return [number for number in numbers if not re.search(rf"(?<![\d,]){re.escape(number)}", value)]

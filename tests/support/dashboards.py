"""Grafana's dashboards as they are committed, panel by panel."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from tests.support.require import ROOT

GRAFANA = ROOT / "deploy" / "grafana"
FILES = sorted((GRAFANA / "dashboards").glob("*.json"))


class Target(msgspec.Struct, frozen=True):
    """One query of one panel."""

    board: str
    panel: str
    expr: str

    @property
    def name(self) -> str:
        return f"{self.board}: {self.panel}"

    def over(self, interval: str) -> str:
        """Return the expression as Grafana sends it, its ranges all as long as this."""
        return re.sub(r"\$__(rate_interval|range|interval)\b", interval, self.expr)


def boards() -> dict[str, dict[str, Any]]:
    """Return every dashboard by the name of its file."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in FILES}


def panels_of(board: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the panels that show something; rows only hold them."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def targets() -> Iterator[Target]:
    """Yield every query of every panel."""
    for name, board in boards().items():
        for panel in panels_of(board):
            for target in panel["targets"]:
                yield Target(name, panel["title"], target["expr"])

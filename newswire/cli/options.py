"""Options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer
from typer.models import OptionInfo

__all__ = ["MetricsPort", "metrics_port_option"]


def metrics_port_option(help: str) -> OptionInfo:
    """Return the option of a port of /metrics; what holds without it differs from command to command: *help* says."""
    option: OptionInfo = typer.Option(min=0, max=65535, help=help, show_default=False)
    return option


MetricsPort = Annotated[
    int | None,
    metrics_port_option("Where /metrics is served; 0 takes a free one.  [default: the setting metrics_port]"),
]

"""Options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["MetricsPort"]

MetricsPort = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=65535,
        help="Where /metrics is served; 0 takes a free one.  [default: the setting metrics_port]",
        show_default=False,
    ),
]

"""The dashboards."""

from __future__ import annotations

from typing import Final

from boards.form import Board
from boards.kafka import KAFKA
from boards.overview import OVERVIEW
from boards.quality import QUALITY
from boards.sources import SOURCES
from boards.stages import STAGES

__all__ = ["BOARDS"]

BOARDS: Final[tuple[Board, ...]] = (OVERVIEW, STAGES, SOURCES, QUALITY, KAFKA)

"""A model that a test makes slow, deaf or ill while it runs, by files in a folder.

``enrich_model = "tests.support.switched:switched"``; the folder is named by the variable SWITCHES.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from schemas.claim import ModelVersion
from streams.enrich.drafts import Reading
from tests.support.models import CrashingModel

__all__ = ["SLOW", "SLOW_FACTOR", "TEXT_S", "SwitchedModel", "switched"]

SLOW: Final = "slow"
"""While a file of this name is there, each text takes ten times as long."""
TEXT_S: Final = 0.05
"""For one text; what a small spaCy model takes."""
SLOW_FACTOR: Final = 10


class SwitchedModel(CrashingModel):
    """Waits for each text; the texts that end a child end it here, too."""

    def __init__(self, switches: Path) -> None:
        super().__init__()
        self._switches = switches

    @property
    def version(self) -> ModelVersion:
        return ModelVersion(name="switched", version="1")

    def read(self, texts: Sequence[str]) -> list[Reading]:
        for _ in texts:
            time.sleep(TEXT_S * (SLOW_FACTOR if (self._switches / SLOW).exists() else 1))
        return super().read(texts)


def switched() -> SwitchedModel:
    """Make the model.

    Raises:
        KeyError: SWITCHES is not set.
    """
    return SwitchedModel(Path(os.environ["SWITCHES"]))

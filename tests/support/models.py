"""Models that end, hang or exhaust the child that reads certain texts with them."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Sequence
from typing import Final

from schemas.claim import ModelVersion
from streams.enrich.drafts import Reading
from streams.enrich.fake import FakeModel

__all__ = ["ABORT", "HANG", "MEMORY", "RAISE", "SEGFAULT", "crashing"]

SEGFAULT: Final = "Here the reader falls over."
ABORT: Final = "Here the reader gives up at once."
MEMORY: Final = "Here the reader wants all there is."
HANG: Final = "Here the reader thinks for ever."
RAISE: Final = "Here the reader has a defect."


class CrashingModel:
    """The fake model, but for texts that hold one of the sentences above."""

    def __init__(self) -> None:
        self._model = FakeModel()

    @property
    def version(self) -> ModelVersion:
        return ModelVersion(name="crashing", version="1")

    @property
    def languages(self) -> frozenset[str]:
        return self._model.languages

    def read(self, texts: Sequence[str]) -> list[Reading]:
        for text in texts:
            if SEGFAULT in text:
                ctypes.string_at(0)
            if ABORT in text:
                os.abort()
            if MEMORY in text:
                hoard = []
                while True:
                    hoard.append(bytearray(64 << 20))
            if HANG in text:
                time.sleep(3600)
            if RAISE in text:
                raise KeyError("a defect of the model")
        return self._model.read(texts)


def crashing() -> CrashingModel:
    """Make the model: ``enrich_model = "tests.support.models:crashing"``."""
    return CrashingModel()

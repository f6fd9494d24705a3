"""Models that end, fill or hang the process that runs them, when a text tells them to.

Loaded by name, as any model is: ``tests.support.models:crashing``.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Sequence

from schemas.claim import ModelVersion
from streams.enrich.drafts import Reading
from streams.enrich.fake import FakeModel

SEGFAULT = "%%segfault%%"
MEMORY = "%%memory%%"
HANG = "%%hang%%"
RAISE = "%%raise%%"


class CrashingModel(FakeModel):
    """The fake model, but for texts with a marker."""

    @property
    def version(self) -> ModelVersion:
        return ModelVersion(name="crashing", version="1")

    def read(self, texts: Sequence[str]) -> list[Reading]:
        for text in texts:
            if SEGFAULT in text:
                ctypes.string_at(0)
            if MEMORY in text:
                kept = []
                while True:
                    kept.append(bytearray(64 << 20))
            if HANG in text:
                time.sleep(3600)
            if RAISE in text:
                raise KeyError("a bug")
        return super().read(texts)


def crashing() -> CrashingModel:
    return CrashingModel()


def no_model() -> object:
    return object()

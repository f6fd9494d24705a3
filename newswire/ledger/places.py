"""Where a record lies, as commands print and read it: ``topic/partition/offset``."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from schemas.outcome import Hop
from streams.engine.records import Record

__all__ = ["Place"]

_WRITTEN: Final = re.compile(r"([A-Za-z0-9._-]{1,249})/(\d{1,10})/(\d{1,19})")


class Place(NamedTuple):
    """The coordinates of one record."""

    topic: str
    partition: int
    offset: int

    @classmethod
    def of(cls, record: Record | Hop) -> Place:
        """Return where a record lies, or where a hop says that one does."""
        return cls(record.topic, record.partition, record.offset)

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """Read coordinates; null where the text is none."""
        found = _WRITTEN.fullmatch(text)
        return found and cls(found[1], int(found[2]), int(found[3]))

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"

"""Whether a partition still holds what the group has come to.

Offsets that a group has committed and the log that they mean are kept apart, so that one can be restored
without the other, and a log can lose either end: its oldest records by retention or by a command, its newest
when it comes back from a copy, or is made anew.  Kafka's clients then go on somewhere without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from faust.types import TP

from newswire.telemetry.logs import log
from newswire.telemetry.metrics import INPUT_MOVED, INPUT_SKIPPED

__all__ = ["Moved", "moved", "tell"]


class Moved(NamedTuple):
    """A partition in which the next offset of the group is not one that a record has or will get."""

    tp: TP
    next: int
    """The offset that was to be read next."""
    begin: int
    """The first offset that the partition still has, from which on it is read now."""
    end: int
    """The offset that the next record gets."""

    @property
    def how(self) -> Literal["behind", "ahead"]:
        """Behind: records are gone that this group had not read.  Ahead: the log is shorter than it was.

        Where it is both, nothing of what the group knew is there any more, and none of it counts as unread.
        """
        return "behind" if self.next <= self.end else "ahead"

    @property
    def skipped(self) -> int:
        """Offsets that were given out and can be read no more."""
        return self.begin - self.next if self.how == "behind" else 0


def moved(next_: Mapping[TP, int | None], begins: Mapping[TP, int], ends: Mapping[TP, int]) -> list[Moved]:
    """Return the partitions that do not hold what is to be read next; null is a partition never read."""
    return [
        Moved(tp, offset, begins[tp], ends[tp])
        for tp, offset in sorted(next_.items())
        if offset is not None and not begins[tp] <= offset <= ends[tp]
    ]


def tell(stage: str, each: Moved) -> None:
    """Count and log what was found: with records lost it is an error, else a warning."""
    INPUT_MOVED.labels(stage, each.how).inc()
    INPUT_SKIPPED.labels(stage).inc(each.skipped)
    (log.error if each.skipped else log.warning)(
        "input_deleted" if each.how == "behind" else "input_went_back",
        stage=stage,
        topic=each.tp.topic,
        partition=each.tp.partition,
        next=each.next,
        begin=each.begin,
        end=each.end,
        skipped=each.skipped,
    )

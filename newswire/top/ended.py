"""Outcomes of a while, added up: how items ended, and how long they spent in each stage."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

import msgspec

from schemas.outcome import Outcome, Times
from schemas.vocabulary import Lane, StageName

__all__ = ["Ended", "add_up", "spent_in"]

StageOfLane = tuple[StageName, Lane]


class Ended(msgspec.Struct):
    """What some outcomes say.  Canaries are traffic like any, and in no count of how items end."""

    read: int = 0
    outcomes: Counter[str] = msgspec.field(default_factory=Counter)
    by_stage: Counter[StageOfLane] = msgspec.field(default_factory=Counter)
    """Items that ended in a stage."""
    dead: Counter[StageOfLane] = msgspec.field(default_factory=Counter)
    """Of these, dead letters."""
    seconds: dict[StageOfLane, list[float]] = msgspec.field(default_factory=lambda: defaultdict(list))
    """What items spent in each stage, waiting included; unordered."""

    def quantile(self, stage: StageOfLane, share: float) -> float | None:
        """Return a quantile of the seconds spent in a stage; null where nothing passed it."""
        spent = sorted(self.seconds.get(stage, ()))
        return spent[min(int(share * len(spent)), len(spent) - 1)] if spent else None


def add_up(outcomes: Iterable[Outcome]) -> Ended:
    """Add outcomes up."""
    ended = Ended()
    for each in outcomes:
        ended.read += 1
        here = each.stage, each.lane
        if not each.synthetic:
            ended.outcomes[each.outcome] += 1
        ended.by_stage[here] += 1
        ended.dead[here] += each.outcome == "dead_letter"
        # An item that was sent again lay among the dead letters meanwhile.
        if each.attempt == 1:
            for stage, seconds in spent_in(each.times):
                ended.seconds[stage, each.lane].append(seconds)
    return ended


_WAY: Final[tuple[tuple[StageName, str, str], ...]] = (
    ("normalize", "raw", "normalized"),
    ("dedupe", "normalized", "judged"),
    ("enrich", "judged", "enriched"),
)


def spent_in(times: Times) -> Iterator[tuple[StageName, float]]:
    """Yield the stages that an item passed, each with the seconds from the step before to its own.

    The machines that wrote the times may disagree by a little: less than nothing counts as nothing.
    """
    for stage, before, after in _WAY:
        begin, end = getattr(times, before), getattr(times, after)
        if begin is not None and end is not None:
            spent = datetime.fromisoformat(end) - datetime.fromisoformat(begin)
            yield stage, max(spent.total_seconds(), 0.0)

"""What one look at the pipeline saw."""

from __future__ import annotations

import msgspec

from schemas.vocabulary import Lane, StageName

__all__ = ["Seen", "SourcesSeen", "StageSeen"]


class StageSeen(msgspec.Struct, kw_only=True):
    """One stage in one lane.  Rates are records per second over the window."""

    stage: StageName
    lane: Lane
    workers: int
    """Members of its consumer group; of dedupe one judges, and the others stand by."""
    came_per_s: float
    """Into the topic that it reads."""
    done_per_s: float
    waiting: int
    """Records that it has not acknowledged."""
    drain_s: float | None
    """How long what waits takes at the rate of now; null where it takes nothing."""
    median_s: float | None
    """Seconds that an item of the window spent here, waiting included; null where none ended."""
    p95_s: float | None
    slowest: bool = False
    """Whether items spend more time here than in any other stage."""


class SourcesSeen(msgspec.Struct, kw_only=True):
    """The sources that are read, and how they do."""

    total: int = 0
    workers: int = 0
    """Members of the group that reads them."""
    health: dict[str, int] = {}
    """How many do how; ``disabled`` are those at rest.  The most frequent first."""
    reasons: list[tuple[str, str, int]] = []
    """Health, reason and how many, of what does not do well; the most frequent first."""
    whole: bool = True
    """Whether all there is of them has been read already."""


class Seen(msgspec.Struct, kw_only=True):
    """All of it."""

    at: str
    """RFC 3339, UTC."""
    kafka: str
    window_s: float
    """Over which rates are taken, and outcomes counted."""
    came_per_s: float
    """Items into ``news.raw``, both lanes; canaries, too."""
    ended_per_s: float
    waiting: int
    """Records before all stages."""
    dead_letters: int
    """Of the window."""
    stages: list[StageSeen]
    ended: int
    """Items that reached an outcome in the window, canaries left out."""
    outcomes: dict[str, int]
    """Of the window, the most frequent first."""
    sampled: int
    """How many outcomes were read: with fewer than there were, the figures of outcomes are estimates."""
    sources: SourcesSeen

    @property
    def running(self) -> bool:
        """Whether any stage has a worker."""
        return any(stage.workers for stage in self.stages)

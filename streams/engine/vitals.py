"""When a worker of a stage is ready: it is in its group and has its part of the partitions, which may be none."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from newswire.telemetry.health import Condition

__all__ = ["Membership", "assignment", "membership_of"]


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker knows of itself and its group."""

    topic: str
    started: bool
    """Whether the engine runs: producer and model are there."""
    stopping: bool
    unknown_s: float | None
    """Seconds since the group last knew this member; null where it never did."""
    session_s: float
    """After so many seconds without a word from a member its group gives its partitions to others."""
    partitions: int | None
    """How many it has taken over; null while they are shared out."""


def assignment(member: Membership) -> Condition:
    """Return whether the worker has its part, and what it waits for where it has not."""
    if member.stopping:
        return Condition(ok=False, reason="stopping")
    if not member.started:
        return Condition(ok=False, reason="starting")
    if member.unknown_s is None:
        return Condition(ok=False, reason="joining")
    if member.unknown_s > member.session_s:
        detail = f"the group has not known this member for {member.unknown_s:.0f} s"
        return Condition(ok=False, reason="assignment_lost", detail=detail)
    if member.partitions is None:
        return Condition(ok=False, reason="preparing")
    if not member.partitions:
        return Condition(ok=True, reason="standby", detail=f"all partitions of {member.topic} are others'")
    plural = "" if member.partitions == 1 else "s"
    return Condition(
        ok=True, reason="assigned", detail=f"{member.partitions} partition{plural} of {member.topic}"
    )


def membership_of(app: Any) -> Membership:
    """Return what a `StageApp` knows; from any thread."""
    at = app.in_group_at
    return Membership(
        topic=app.stage.reads.of(app.settings.lane),
        started=app.engine_runs,
        stopping=app.should_stop,
        unknown_s=None if at is None else time.monotonic() - at,
        session_s=app.settings.kafka_session_timeout_s,
        partitions=app.partitions,
    )

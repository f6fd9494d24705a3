"""The names of consumer groups, apart from Faust so that tools can ask about a group without it."""

from __future__ import annotations

__all__ = ["group_of"]


def group_of(stage: str, lane: str) -> str:
    """Return the consumer group, which is also the Faust app's id, of a stage in a lane."""
    return f"newswire-{stage}" + ("" if lane == "live" else f"-{lane}")

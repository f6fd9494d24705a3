"""Errors of the supervisor: what it cannot mend by starting something again."""

from __future__ import annotations

__all__ = ["ChildFailed", "Interrupted", "NotReady", "SupervisorError"]


class SupervisorError(Exception):
    """What is supervised does not run.  The message says what to do."""


class ChildFailed(SupervisorError):
    """A child does not start, or ends again and again; *lines* are the last of its log."""

    def __init__(self, message: str, lines: list[str]) -> None:
        super().__init__(message)
        self.lines = lines


class NotReady(SupervisorError):
    """A child runs and is not ready in time."""


class Interrupted(Exception):
    """Somebody asked for a stop while something was awaited."""

"""What ends a demo."""

from __future__ import annotations

__all__ = ["DemoFailed"]


class DemoFailed(Exception):
    """The demo cannot go on.  The message says why; *lines* name what it is about."""

    def __init__(self, message: str, lines: list[str] | None = None) -> None:
        super().__init__(message)
        self.lines = lines or []

"""A child's log: where it writes, what it says of itself there, and its last lines."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any, Final

import msgspec

__all__ = ["TOLD", "LogFile", "readable"]

ROTATE_BYTES: Final = 16 * 1024 * 1024
TAIL_BYTES: Final = 64 * 1024
LINE_CHARS: Final = 300
TOLD: Final = "newswire: "
"""How the line begins in which a command of ours tells what its user can mend; it is short enough to be whole."""


class LogFile:
    """A file that one child after another appends JSON lines to, and this process reads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._begin = 0
        self._position = 0
        self._rest = b""

    def open(self) -> IO[bytes]:
        """Open it for the next child; what is read from now on is that child's alone.

        A large one is put aside first, as ``<name>.1``.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists() and self.path.stat().st_size > ROTATE_BYTES:
            self.path.replace(self.path.with_name(f"{self.path.name}.1"))
        file = self.path.open("ab")
        self._begin = self._position = file.tell()
        self._rest = b""
        return file

    def new_events(self) -> list[dict[str, Any]]:
        """Return the events that were logged since the last call; lines that are no events are left out."""
        with self.path.open("rb") as file:
            file.seek(self._position)
            read = file.read()
        self._position += len(read)
        *lines, self._rest = (self._rest + read).split(b"\n")
        return [event for line in lines if (event := _event(line)) is not None]

    def tail(self, lines: int) -> list[str]:
        """Return the last lines of the present child, or of the last one, made readable."""
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(self._begin, size - TAIL_BYTES))
                read = file.read()
        except FileNotFoundError:
            return []
        return [readable(line) for line in read.decode("utf-8", "replace").splitlines()[-lines:]]


def readable(line: str) -> str:
    """Return a line of a log as a person reads it: of an event what it says, without the stack."""
    event = _event(line.encode())
    if event is None or "event" not in event:
        return line if line.startswith(TOLD) else line[:LINE_CHARS]
    level, what, raised = event.pop("level", ""), event.pop("event"), event.pop("exception", None)
    event.pop("time", None)
    words = [f"{level}:", str(what).splitlines()[0], *(f"{name}={value}" for name, value in event.items())]
    if isinstance(raised, list) and raised and isinstance(raised[0], dict):
        words.append(f"({raised[0].get('exc_type')}: {raised[0].get('exc_value')})")
    return " ".join(words)[:LINE_CHARS]


def _event(line: bytes) -> dict[str, Any] | None:
    if not line.startswith(b"{"):
        return None
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None

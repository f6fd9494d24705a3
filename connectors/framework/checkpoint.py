"""Checkpoints: a stream's cursor may move only over what the broker has confirmed without a gap."""

from __future__ import annotations

import os
import tempfile
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec
from filelock import FileLock, Timeout

from connectors.framework.connector import Cursor
from connectors.framework.errors import ConfigError

__all__ = ["Checkpoints", "FileCheckpoints", "Ledger", "MemoryCheckpoints", "Ticket"]


class Ticket:
    """One reading that is on its way to the broker."""

    __slots__ = ("confirmed", "cursor", "stream")

    def __init__(self, stream: str, cursor: Cursor | None) -> None:
        self.stream = stream
        self.cursor = cursor
        self.confirmed = False


class Ledger:
    """What was read and not yet confirmed, in order of reading, for each stream.

    Confirmations may come in any order; a stream's cursor moves to that of the last reading before the
    first one that is still open.
    """

    def __init__(self) -> None:
        self._open: dict[str, deque[Ticket]] = {}
        self._moved: dict[str, Cursor] = {}
        self.unconfirmed = 0

    def enter(self, stream: str, cursor: Cursor | None) -> Ticket:
        """Note a reading, before anything of it is sent."""
        ticket = Ticket(stream, cursor)
        self._open.setdefault(stream, deque()).append(ticket)
        self.unconfirmed += 1
        return ticket

    def confirm(self, ticket: Ticket) -> None:
        """Note that all that came of a reading is with the broker."""
        assert not ticket.confirmed, "a reading is confirmed once"
        ticket.confirmed = True
        self.unconfirmed -= 1
        waiting = self._open[ticket.stream]
        while waiting and waiting[0].confirmed:
            first = waiting.popleft()
            if first.cursor is not None:
                self._moved[first.stream] = first.cursor
        if not waiting:
            del self._open[ticket.stream]

    def take_moved(self) -> dict[str, Cursor]:
        """Return the cursors that moved since the last call."""
        moved, self._moved = self._moved, {}
        return moved


class Checkpoints(Protocol):
    """Where cursors are kept between runs."""

    def load(self) -> dict[str, Cursor]:
        """Return the cursor of every stream that has one."""

    def save(self, moved: Mapping[str, Cursor]) -> None:
        """Keep cursors that moved; returns when they are safe.

        Raises:
            Fatal: they can never be.
        """

    def wanted(self) -> bool:
        """Whether `save` should be called now, rather than at the usual interval and when cursors moved."""
        ...

    def close(self) -> None:
        """Let go of the store."""


class MemoryCheckpoints:
    """Kept for one run: what is read once, from its start."""

    def __init__(self) -> None:
        self.cursors: dict[str, Cursor] = {}

    def load(self) -> dict[str, Cursor]:
        """Return the cursors."""
        return dict(self.cursors)

    def save(self, moved: Mapping[str, Cursor]) -> None:
        """Keep them."""
        self.cursors.update(moved)

    def wanted(self) -> bool:
        """Never in a hurry."""
        return False

    def close(self) -> None:
        """Do nothing."""


class FileCheckpoints:
    """Kept in one JSON file, replaced whole; a lock beside it keeps a second process away.

    Raises:
        ConfigError: the file is another process's or no checkpoint file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(path.with_name(path.name + ".lock"))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise ConfigError(f"{path} is in use by another process") from error
        except OSError as error:
            raise ConfigError(f"{path} cannot be used for checkpoints: {error.strerror}") from error
        try:
            self._cursors = self._read()
        except BaseException:
            self._lock.release()
            raise

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, dict[str, Any]])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{self._path} is no checkpoint file: {error}") from error

    def load(self) -> dict[str, Cursor]:
        """Return what the file held when it was opened, and was saved since."""
        return dict(self._cursors)

    def save(self, moved: Mapping[str, Cursor]) -> None:
        """Replace the file; returns when it is on the disk."""
        self._cursors.update({stream: dict(cursor) for stream, cursor in moved.items()})
        handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.encode(self._cursors))
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self._path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def wanted(self) -> bool:
        """Never in a hurry."""
        return False

    def close(self) -> None:
        """Release the lock."""
        self._lock.release()

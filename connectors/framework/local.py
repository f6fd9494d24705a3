"""Local files and standard input, for connectors that read them: found in order, opened, gone on with."""

from __future__ import annotations

import gzip
import io
import os
import select
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from connectors.framework.errors import ConfigError, Skippable

__all__ = [
    "READ_ERRORS",
    "STDIN",
    "LocalFile",
    "check_stdin",
    "find_files",
    "go_to",
    "name_of",
    "opened",
    "packed_bytes",
    "standard_input",
    "unreadable",
]

STDIN: Final = "-"
PACK_ERRORS: Final = (gzip.BadGzipFile, EOFError, zlib.error)
READ_ERRORS: Final = (OSError, EOFError, zlib.error)
"""What opening or reading a file may raise; `unreadable` says what it means."""


class LocalFile(msgspec.Struct, kw_only=True, frozen=True):
    """A file that was found."""

    path: Path
    name: str
    """Path relative to what was named, with slashes."""
    format: str
    size: int
    """Bytes as it lies there."""

    @property
    def order(self) -> tuple[str, ...]:
        """What files of one root are sorted by."""
        return tuple(self.name.split("/"))


def find_files(
    path: str, format_of: Callable[[str], str | None], passed_over: Counter[str]
) -> Iterator[LocalFile]:
    """Yield the file that *path* names or, of a directory, all below it, sorted by the parts of their names.

    *format_of* says what a file is by its name, without ``.gz``, or null.  In a directory, hidden files are
    left out, and what has no format or could block is counted in *passed_over* by suffix; links to
    directories are not followed.

    Raises:
        ConfigError: *path* is not there, cannot be read or has no format.
    """
    root = Path(path)
    if root.is_dir():
        yield from _in_directory(root, "", format_of, passed_over)
        return
    try:
        size = root.stat().st_size
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    kind = format_of(_without_gz(root.name))
    if kind is None:
        raise ConfigError(f"{path}: its name does not say what it is; give its format")
    yield LocalFile(path=root, name=_as_text(root.name), format=kind, size=size)


def _in_directory(
    directory: Path, prefix: str, format_of: Callable[[str], str | None], passed_over: Counter[str]
) -> Iterator[LocalFile]:
    try:
        with os.scandir(directory) as entries:
            found = sorted(
                ((_as_text(entry.name), entry) for entry in entries if not entry.name.startswith(".")),
                key=itemgetter(0),
            )
    except OSError as error:
        if not prefix:
            raise ConfigError(f"{directory}: {error.strerror}") from error
        # Its files cannot even be named: the directory stands for them, and reading it as a file fails.
        yield LocalFile(path=directory, name=prefix.rstrip("/"), format="", size=0)
        return
    for name, entry in found:
        if entry.is_dir(follow_symlinks=False):
            yield from _in_directory(Path(entry.path), f"{prefix}{name}/", format_of, passed_over)
        elif (kind := format_of(_without_gz(name))) is None or not _is_plain(entry):
            passed_over[Path(name).suffix or name] += 1
        else:
            yield LocalFile(path=Path(entry.path), name=prefix + name, format=kind, size=_size_of(entry))


def _is_plain(entry: os.DirEntry[str]) -> bool:
    """Whether it is a file or a link to one: a pipe or a device could block for ever.  A broken link
    counts, so that it ends as something that could not be read.
    """
    return entry.is_file() or (entry.is_symlink() and not Path(entry.path).exists())


def _size_of(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat().st_size
    except OSError:
        return 0


def _without_gz(name: str) -> str:
    return name[:-3] if name.lower().endswith(".gz") else name


def _as_text(name: str) -> str:
    """Write a file name that is no UTF-8 with escapes, since ids and cursors are text."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def name_of(path: str) -> str:
    """Return what a path is called: the last part of its absolute form."""
    return "stdin" if path == STDIN else _as_text(Path(path).resolve().name) or "root"


@contextmanager
def opened(file: LocalFile) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Open a file; yields its content, unpacked where its name ends in ``.gz``, and the file itself."""
    with file.path.open("rb") as raw:
        if file.path.name.lower().endswith(".gz"):
            with gzip.GzipFile(fileobj=raw) as packed, io.BufferedReader(packed) as content:
                yield content, raw
        else:
            yield raw, raw


def go_to(content: IO[bytes], raw: IO[bytes], offset: int) -> int:
    """Go to *offset* of the content, or to the start of one that has become shorter than that."""
    if offset == 0:
        return 0
    if content is raw and os.fstat(raw.fileno()).st_size < offset:
        offset = 0
    if content.seek(offset) < offset:
        return content.seek(0)
    return offset


def unreadable(error: BaseException) -> Skippable:
    """Say what one of `READ_ERRORS` means for the file."""
    if isinstance(error, PACK_ERRORS):
        return Skippable(f"cannot be unpacked: {error}", reason="corrupt_gzip")
    return Skippable(f"cannot be read: {getattr(error, 'strerror', None) or error}", reason="unreadable")


def packed_bytes(file: LocalFile, error: BaseException, limit: int) -> bytes:
    """Return the first *limit* bytes of a file that does not unpack, as they lie there; of one that cannot
    be read, none.
    """
    if not isinstance(error, PACK_ERRORS):
        return b""
    try:
        with file.path.open("rb") as raw:
            return raw.read(limit)
    except OSError:
        return b""


def check_stdin() -> None:
    """Check that there is a standard input.

    Raises:
        ConfigError: it is closed.
    """
    try:
        os.fstat(0)
    except OSError as error:
        raise ConfigError("standard input is closed") from error


class _Stdin(io.RawIOBase):
    """Standard input that comes to its end when *closing* says so, also while nothing arrives.

    A file object of our own: a thread that still reads from ``sys.stdin`` would abort the interpreter's
    shutdown.
    """

    def __init__(self, closing: Callable[[], bool]) -> None:
        self._closing = closing

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._closing():
            if select.select([0], [], [], 0.1)[0]:
                data = os.read(0, len(buffer))
                buffer[: len(data)] = data
                return len(data)
        return 0


@contextmanager
def standard_input(closing: Callable[[], bool]) -> Iterator[IO[bytes]]:
    """Open standard input; once *closing* says so it is at its end, in the middle of a line or not."""
    with io.BufferedReader(_Stdin(closing)) as content:
        yield content

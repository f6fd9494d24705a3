"""Files: text, HTML and JSON lines, plain or gzipped, alone or in directories, and standard input."""

from __future__ import annotations

import gzip
import io
import os
import select
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any, Final, Literal

import msgspec

from connectors.framework.connector import Broken, Checkpoint, Connector, Cursor, Reading
from connectors.framework.errors import ConfigError, Skippable
from connectors.framework.items import Clock, body_of, raw_item
from connectors.framework.lines import Line, item_from_line, read_lines
from connectors.framework.spec import Options, Spec, option
from schemas import ids
from schemas.limits import DEAD_LETTER_RECORD_BYTES, PAGE_BODY_BYTES

__all__ = ["FilesConnector", "FilesOptions", "Survey", "item_from_line", "survey"]

Format = Literal["text", "html", "jsonl"]
STDIN: Final = "-"
SUFFIXES: Final[dict[str, Format]] = {
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
MEDIA_TYPES: Final = {"text": "text/plain", "html": "text/html"}


class FilesOptions(Options, kw_only=True, frozen=True):
    """Options of the files connector."""

    paths: Annotated[
        list[str],
        option(
            "files and directories to read; `-` is standard input",
            ["articles/", "today.jsonl.gz"],
            min_length=1,
        ),
    ]
    format: Annotated[
        Literal["auto", "text", "html", "jsonl"],
        option(
            "what the files are; `auto` goes by their names, passes over others in a directory and takes "
            "standard input for JSON lines"
        ),
    ] = "auto"
    source: Annotated[
        str | None,
        option("`source_id` of items that name none; by default `files:` and the name of the path"),
    ] = None
    lane: Annotated[
        Literal["live", "backfill"], option("`backfill` keeps history out of the way of what is live")
    ] = "live"


class _File(msgspec.Struct, kw_only=True, frozen=True):
    path: Path
    name: str
    """Path relative to what was named, as text."""
    format: Format
    size: int

    @property
    def order(self) -> tuple[str, ...]:
        return tuple(self.name.split("/"))


class Survey(msgspec.Struct, kw_only=True):
    """What there is to read."""

    files: int = 0
    bytes: int = 0
    passed_over: Counter[str] = Counter()
    """Files in directories that are no articles by their names, by suffix."""


class FilesConnector(Connector[FilesOptions]):
    """Reads files once, in the order of their names."""

    spec = Spec(
        name="files",
        kind="files",
        summary="Articles in files, directories or standard input.",
        description=(
            "Reads `.txt` (the whole file is the text), `.html` and JSON lines (`.jsonl`, `.ndjson`: one item "
            "to a line), each also with `.gz`. A directory is read recursively in the order of names; "
            "hidden files are passed over.\n\n"
            "An item is seen when it is read, so a file that is read twice gives two items, of which the "
            "second is judged `unchanged`; a JSON line that gives `fetched_at` is the same item each time. "
            "The native id is the line's `id` or `url`, or the path relative to what was named.\n\n"
            "A line that is no JSON, a file that cannot be read or unpacked: its bytes become a dead letter "
            "with an outcome, and reading goes on. A body over 8 MiB is cut and flagged `truncated`."
        ),
        options=FilesOptions,
    )

    def __init__(self) -> None:
        self._clock = Clock()
        self._closing = False
        self._total = 0
        self._before = 0

    def open(self, options: FilesOptions, checkpoint: Checkpoint) -> None:
        """Look at what there is.

        Raises:
            ConfigError: a path is not there, or nobody can tell what it is.
        """
        self._options = options
        self._checkpoint = checkpoint
        self._closing = False
        self._before = 0
        found = survey(options)
        self._total = 0 if STDIN in options.paths else found.bytes

    def read(self) -> Iterator[Reading]:
        """Yield what each path holds."""
        for path in self._options.paths:
            source = self._options.source or f"files:{_name_of(path)}"
            if path == STDIN:
                yield from self._read_stdin(source)
                continue
            stream = f"files:{Path(path).resolve()}"
            cursor = self._checkpoint.get(stream, {})
            for file in _files(path, self._options):
                if self._closing:
                    return
                yield from self._read_from(file, source, stream, cursor)
                self._before += file.size

    def close(self) -> None:
        """Stop at the next line."""
        self._closing = True

    def _read_from(self, file: _File, source: str, stream: str, cursor: Cursor) -> Iterator[Reading]:
        reached = tuple(str(cursor.get("path", "")).split("/"))
        if cursor and (file.order < reached or (file.order == reached and "offset" not in cursor)):
            return
        if file.format == "jsonl":
            start = int(cursor["offset"]) if cursor and file.order == reached else 0
            yield from self._read_lines(file, source, stream, start)
        else:
            yield self._read_whole(file, source, stream)

    def _read_whole(self, file: _File, source: str, stream: str) -> Reading:
        cursor, seen_at = {"path": file.name}, self._clock.now()
        done = self._done(file.size)
        try:
            with _opened(file) as (content, _raw):
                data = content.read(PAGE_BODY_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            broken = self._broken(_unreadable(error), _bytes_of(file, error), source, file.name, seen_at)
            return Reading(stream=stream, broken=broken, cursor=cursor, done=done)
        item = raw_item(
            source_id=source,
            source_kind="files",
            native_id=file.name,
            fetched_at=seen_at,
            body=body_of(data, MEDIA_TYPES[file.format]),
            lane=self._options.lane,
        )
        return Reading(stream=stream, item=item, cursor=cursor, done=done)

    def _read_lines(self, file: _File, source: str, stream: str, start: int) -> Iterator[Reading]:
        try:
            with _opened(file) as (content, raw):
                start = _seek(content, raw, start)
                for line in read_lines(content, start):
                    if self._closing:
                        return
                    yield self._read_line(
                        line,
                        source,
                        file.name,
                        stream=stream,
                        cursor={"path": file.name, "offset": line.end},
                        done=self._done(raw.tell() if raw.seekable() else 0),
                    )
        except (OSError, EOFError, zlib.error) as error:
            broken = self._broken(_unreadable(error), b"", source, file.name, self._clock.now())
            yield Reading(stream=stream, broken=broken, cursor={"path": file.name})
        else:
            yield Reading(stream=stream, cursor={"path": file.name}, done=self._done(file.size))

    def _read_stdin(self, source: str) -> Iterator[Reading]:
        with _stdin(lambda: self._closing) as content:
            if self._options.format in MEDIA_TYPES:
                data = content.read(PAGE_BODY_BYTES + 1)
                if self._closing:
                    return
                item = raw_item(
                    source_id=source,
                    source_kind="files",
                    native_id=f"text:{ids.sha256_hex(data)[:32]}",
                    fetched_at=self._clock.now(),
                    body=body_of(data, MEDIA_TYPES[self._options.format]),
                    lane=self._options.lane,
                )
                yield Reading(stream=STDIN, item=item)
                return
            for line in read_lines(content):
                if self._closing:
                    return
                yield self._read_line(line, source, "stdin", stream=STDIN)

    def _read_line(self, line: Line, source: str, name: str, **reading: Any) -> Reading:
        seen_at = self._clock.now()
        error = line.error
        if error is None:
            try:
                item = item_from_line(
                    line.content, source_id=source, fetched_at=seen_at, lane=self._options.lane
                )
                return Reading(item=item, **reading)
            except Skippable as found:
                error = found
        place = f"{name}#{line.start}"
        return Reading(broken=self._broken(error, line.content, source, place, seen_at), **reading)

    def _broken(self, error: Skippable, data: bytes, source: str, name: str, seen_at: str) -> Broken:
        return Broken(
            error=error,
            data=data,
            source_id=source,
            native_id=name,
            observed_at=seen_at,
            lane=self._options.lane,
        )

    def _done(self, of_this_file: int) -> float | None:
        return min(1.0, (self._before + of_this_file) / self._total) if self._total else None


def survey(options: FilesOptions) -> Survey:
    """Count what there is to read.

    Raises:
        ConfigError: a path is not there, or nobody can tell what it is.
    """
    found = Survey(passed_over=Counter())
    for path in options.paths:
        if path == STDIN:
            _check_stdin()
            found.files += 1
            continue
        for file in _files(path, options, found.passed_over):
            found.files += 1
            found.bytes += file.size
    return found


def _check_stdin() -> None:
    try:
        os.fstat(0)
    except OSError as error:
        raise ConfigError("standard input is closed") from error


def _name_of(path: str) -> str:
    return "stdin" if path == STDIN else _as_text(Path(path).resolve().name) or "root"


def _as_text(name: str) -> str:
    """Write a file name that is no UTF-8 with escapes, since ids and cursors are text."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _format_of(name: str, options: FilesOptions) -> Format | None:
    if options.format != "auto":
        return options.format
    return SUFFIXES.get(Path(name.lower().removesuffix(".gz")).suffix)


def _files(path: str, options: FilesOptions, passed_over: Counter[str] | None = None) -> Iterator[_File]:
    root = Path(path)
    if root.is_dir():
        yield from _in_directory(root, "", options, Counter() if passed_over is None else passed_over)
        return
    try:
        size = root.stat().st_size
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    kind = _format_of(root.name, options)
    if kind is None:
        raise ConfigError(f"{path}: cannot tell from its name what it is; say --format text, html or jsonl")
    yield _File(path=root, name=_as_text(root.name), format=kind, size=size)


def _in_directory(
    directory: Path, prefix: str, options: FilesOptions, passed_over: Counter[str]
) -> Iterator[_File]:
    try:
        with os.scandir(directory) as entries:
            found = sorted(
                (_as_text(entry.name), entry) for entry in entries if not entry.name.startswith(".")
            )
    except OSError as error:
        if not prefix:
            raise ConfigError(f"{directory} cannot be read: {error.strerror}") from error
        # Its files cannot even be named: the directory stands for them, and reading it as a file fails.
        yield _File(path=directory, name=prefix.rstrip("/"), format="text", size=0)
        return
    for name, entry in found:
        if entry.is_dir(follow_symlinks=False):
            yield from _in_directory(Path(entry.path), f"{prefix}{name}/", options, passed_over)
        elif (kind := _format_of(name, options)) is None or not _is_plain(entry):
            passed_over[Path(name).suffix or name] += 1
        else:
            yield _File(path=Path(entry.path), name=f"{prefix}{name}", format=kind, size=_size_of(entry))


def _is_plain(entry: os.DirEntry[str]) -> bool:
    """Whether it is a file, or a link to one: a pipe or a device could block for ever.  A broken link
    counts, so that it ends as something that could not be read.
    """
    return entry.is_file() or (entry.is_symlink() and not Path(entry.path).exists())


def _size_of(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat().st_size
    except OSError:
        return 0


@contextmanager
def _opened(file: _File) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Open a file; yields its content, unpacked, and the file itself."""
    with file.path.open("rb") as raw:
        if file.path.name.lower().endswith(".gz"):
            with gzip.GzipFile(fileobj=raw) as packed, io.BufferedReader(packed) as content:
                yield content, raw
        else:
            yield raw, raw


def _seek(content: IO[bytes], raw: IO[bytes], offset: int) -> int:
    """Go to *offset* of the content, or to the start of one that has become shorter than that."""
    if offset == 0:
        return 0
    if content is raw and os.fstat(raw.fileno()).st_size < offset:
        offset = 0
    if content.seek(offset) < offset:
        return content.seek(0)
    return offset


def _unreadable(error: BaseException) -> Skippable:
    if isinstance(error, (gzip.BadGzipFile, EOFError, zlib.error)):
        return Skippable(f"cannot be unpacked: {error}", reason="corrupt_gzip")
    return Skippable(f"cannot be read: {getattr(error, 'strerror', None) or error}", reason="unreadable")


def _bytes_of(file: _File, error: BaseException) -> bytes:
    """Return the packed bytes of a file that does not unpack, for its dead letter."""
    if not isinstance(error, (gzip.BadGzipFile, EOFError, zlib.error)):
        return b""
    try:
        with file.path.open("rb") as raw:
            return raw.read(DEAD_LETTER_RECORD_BYTES)
    except OSError:
        return b""


class _Stdin(io.RawIOBase):
    """Standard input that comes to its end when *closing* says so, also while nothing arrives.

    A file object of our own: a thread that still reads from ``sys.stdin`` would abort the interpreter's
    shutdown.
    """

    def __init__(self, closing: Any) -> None:
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
def _stdin(closing: Any) -> Iterator[IO[bytes]]:
    with io.BufferedReader(_Stdin(closing)) as content:
        yield content

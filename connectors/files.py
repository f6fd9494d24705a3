"""Files: text, HTML and JSON lines, plain or gzipped, alone or in directories, and standard input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec

from connectors.framework.connector import Broken, Checkpoint, Connector, Cursor, Reading
from connectors.framework.errors import Skippable
from connectors.framework.items import Clock, body_of, raw_item
from connectors.framework.lines import Line, item_from_line, read_lines
from connectors.framework.local import (
    READ_ERRORS,
    STDIN,
    LocalFile,
    check_stdin,
    find_files,
    go_to,
    name_of,
    opened,
    packed_bytes,
    standard_input,
    unreadable,
)
from connectors.framework.spec import Options, Spec, option
from schemas import ids
from schemas.limits import DEAD_LETTER_RECORD_BYTES, PAGE_BODY_BYTES

__all__ = ["FilesConnector", "FilesOptions", "Survey", "item_from_line", "survey"]

SUFFIXES: Final[dict[str, str]] = {
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
            source = self._options.source or f"files:{name_of(path)}"
            if path == STDIN:
                yield from self._read_stdin(source)
                continue
            stream = f"files:{Path(path).resolve()}"
            cursor = self._checkpoint.get(stream, {})
            for file in _find(path, self._options, Counter()):
                if self._closing:
                    return
                yield from self._read_from(file, source, stream, cursor)
                self._before += file.size

    def close(self) -> None:
        """Stop at the next line."""
        self._closing = True

    def _read_from(self, file: LocalFile, source: str, stream: str, cursor: Cursor) -> Iterator[Reading]:
        reached = tuple(str(cursor.get("path", "")).split("/"))
        if cursor and (file.order < reached or (file.order == reached and "offset" not in cursor)):
            return
        if file.format == "jsonl":
            start = int(cursor["offset"]) if cursor and file.order == reached else 0
            yield from self._read_lines(file, source, stream, start)
        else:
            yield self._read_whole(file, source, stream)

    def _read_whole(self, file: LocalFile, source: str, stream: str) -> Reading:
        cursor, seen_at = {"path": file.name}, self._clock.now()
        done = self._done(file.size)
        try:
            with opened(file) as (content, _raw):
                data = content.read(PAGE_BODY_BYTES + 1)
        except READ_ERRORS as error:
            broken = self._broken(
                unreadable(error),
                packed_bytes(file, error, DEAD_LETTER_RECORD_BYTES),
                source,
                file.name,
                seen_at,
            )
            return Reading(stream=stream, broken=broken, cursor=cursor, done=done)
        item = raw_item(
            source_id=source,
            source_kind="files",
            native_id=file.name,
            fetched_at=seen_at,
            body=body_of(data, MEDIA_TYPES.get(file.format, "text/plain")),
            lane=self._options.lane,
        )
        return Reading(stream=stream, item=item, cursor=cursor, done=done)

    def _read_lines(self, file: LocalFile, source: str, stream: str, start: int) -> Iterator[Reading]:
        try:
            with opened(file) as (content, raw):
                start = go_to(content, raw, start)
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
        except READ_ERRORS as error:
            broken = self._broken(unreadable(error), b"", source, file.name, self._clock.now())
            yield Reading(stream=stream, broken=broken, cursor={"path": file.name})

    def _read_stdin(self, source: str) -> Iterator[Reading]:
        with standard_input(lambda: self._closing) as content:
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
            check_stdin()
            found.files += 1
            continue
        for file in _find(path, options, found.passed_over):
            found.files += 1
            found.bytes += file.size
    return found


def _find(path: str, options: FilesOptions, passed_over: Counter[str]) -> Iterator[LocalFile]:
    def format_of(name: str) -> str | None:
        return SUFFIXES.get(Path(name.lower()).suffix) if options.format == "auto" else options.format

    return find_files(path, format_of, passed_over)

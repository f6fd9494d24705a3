"""What `newswire pipe` says on standard error while lines go to standard output."""

from __future__ import annotations

import os
import pty
from contextlib import suppress
from pathlib import Path

import pytest

from newswire.cli.pipe import pipe

LINES = b"{}\n" * 3
TOTAL = "3 lines: 3 dead_letter (wrong_schema)\r\n"


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "articles.jsonl"
    path.write_bytes(LINES)
    return path


def said_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, lines: Path, output: str | Path, *, quiet: bool = False
) -> str:
    """Run the filter with a terminal for standard error; return all that was written there."""
    monkeypatch.setenv("TERM", "xterm")
    ours, terminal = pty.openpty()
    with lines.open() as stdin, Path(output).open("w") as stdout, os.fdopen(terminal, "w") as stderr:
        for name, stream in (("stdin", stdin), ("stdout", stdout), ("stderr", stderr)):
            monkeypatch.setattr(f"sys.{name}", stream)
        pipe(["dedupe"], quiet=quiet)
    # A terminal hands on what was written in pieces, and once nobody has it open ends with an error.
    said = b""
    with os.fdopen(ours, "rb", buffering=0) as reader, suppress(OSError):
        while piece := reader.read(65536):
            said += piece
    return said.decode()


def test_a_terminal_shows_how_many_lines_are_through(
    monkeypatch: pytest.MonkeyPatch, lines: Path, tmp_path: Path
) -> None:
    output = tmp_path / "sightings.jsonl"
    said = said_on_a_terminal(monkeypatch, lines, output)
    assert "\x1b[2K3 lines \x1b" in said
    assert said.endswith(TOTAL)
    assert len(output.read_bytes().splitlines()) == 3


def test_quiet_says_nothing(monkeypatch: pytest.MonkeyPatch, lines: Path, tmp_path: Path) -> None:
    assert said_on_a_terminal(monkeypatch, lines, tmp_path / "sightings.jsonl", quiet=True) == ""


def test_lines_that_go_to_no_file_are_not_mixed_with_progress(
    monkeypatch: pytest.MonkeyPatch, lines: Path
) -> None:
    assert said_on_a_terminal(monkeypatch, lines, os.devnull) == TOTAL

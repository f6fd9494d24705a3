"""A child's log, read while it is written."""

from __future__ import annotations

import json
from pathlib import Path

from newswire.supervisor import log_file
from newswire.supervisor.log_file import LogFile, readable


def test_events_come_once_and_whole_and_other_lines_are_left_out(tmp_path: Path):
    log = LogFile(tmp_path / "logs" / "a.log")
    with log.open() as file:
        file.write(b'{"event": "one"}\nTraceback\n{broken\n["no", "event"]\n{"event"')
        file.flush()
        assert log.new_events() == [{"event": "one"}]
        assert log.new_events() == []
        file.write(b': "two"}\n')
        file.flush()
        assert log.new_events() == [{"event": "two"}]


def test_each_child_is_read_from_its_own_start(tmp_path: Path):
    log = LogFile(tmp_path / "a.log")
    with log.open() as file:
        file.write(b'{"event": "of the first"}\n')
    with log.open() as file:
        assert log.tail(5) == []
        file.write(b"last words\n")
    assert log.new_events() == []
    assert log.tail(5) == ["last words"]
    assert (tmp_path / "a.log").read_bytes().startswith(b'{"event": "of the first"}'), "the file keeps all"


def test_a_large_log_is_put_aside(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(log_file, "ROTATE_BYTES", 10)
    log = LogFile(tmp_path / "a.log")
    for text in (b"0123456789ab", b"new"):
        with log.open() as file:
            file.write(text)
    assert (tmp_path / "a.log").read_bytes() == b"new"
    assert (tmp_path / "a.log.1").read_bytes() == b"0123456789ab"


def test_there_is_no_tail_without_a_file(tmp_path: Path):
    assert LogFile(tmp_path / "none").tail(3) == []


def test_events_are_told_in_words_without_the_stack():
    event = {
        "event": "stage_failed",
        "level": "critical",
        "time": "2026-11-24T10:00:00Z",
        "stage": "enrich",
        "exception": [{"exc_type": "ValueError", "exc_value": "a bug", "frames": ["…"] * 99}],
    }
    assert readable(json.dumps(event)) == "critical: stage_failed stage=enrich (ValueError: a bug)"
    assert readable("plain") == "plain"
    assert len(readable("x" * 10_000)) == log_file.LINE_CHARS
    told = "newswire: " + "x" * 500
    assert readable(told) == told, "what a user is to do is not cut"
